// The label form's preview follows name and colour as they are chosen.
(() => {
  const form = document.querySelector(".stackform");
  const name = form?.elements.namedItem("name");
  const show = () => {
    const colour = form.querySelector("[name=colour]:checked")?.value;
    for (const label of form.querySelectorAll("[data-preview]")) {
      if (colour) label.dataset.h = colour;
      if (name.value.trim()) label.firstElementChild.textContent = name.value.trim();
    }
  };
  form?.addEventListener("input", show);
})();
