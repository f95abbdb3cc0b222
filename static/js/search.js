// Letters typed while the page's scripts were still on their way are searched for as soon as htmx listens.
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("[data-search]")) {
    if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
