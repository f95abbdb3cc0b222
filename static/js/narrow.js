// `input[data-narrow=id]` hides the options of #id that do not contain what is typed.
document.addEventListener("input", (event) => {
  const input = event.target.closest("[data-narrow]");
  if (!input) return;
  const wanted = input.value.trim().toLocaleLowerCase();
  for (const option of document.querySelectorAll(`#${input.dataset.narrow} [data-text]`)) {
    option.hidden = !option.dataset.text.includes(wanted);
  }
});
