// `[data-copy=id]` copies a field or a text; where the browser forbids it, the text is selected for the person to copy.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    window.saifaToast?.(button.dataset.copied || "✓");
  } catch {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
  }
});
