// `input[data-narrow=id]` hides the options of #id that do not contain what is typed; Enter there submits nothing.
(() => {
  const key = (text) => text.normalize("NFKC").toLocaleLowerCase().trim().replace(/\s+/g, " ");

  document.addEventListener("input", (event) => {
    const input = event.target.closest("[data-narrow]");
    if (!input) return;
    const wanted = key(input.value);
    for (const option of document.querySelectorAll(`#${input.dataset.narrow} [data-text]`)) {
      option.hidden = !option.dataset.text.includes(wanted);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest?.("[data-narrow]")) event.preventDefault();
  });
})();
