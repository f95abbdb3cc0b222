// What does not fit its place in the list tells itself in a title while it is pointed at; the page does not carry it twice.
(() => {
  const words = (element) => {
    if (element.matches(".labels > .more-n")) {
      const names = [...element.parentElement.querySelectorAll(".label, .more-n")].map((one) => one.textContent.trim());
      return names.filter(Boolean).join(", ");
    }
    if (element.matches(".more-n")) return element.querySelector(".sr")?.textContent.trim();
    const box = element.matches(".label") ? element.firstElementChild : element;
    return box.scrollWidth > box.clientWidth ? box.textContent : "";
  };

  document.addEventListener("mouseover", (event) => {
    const element = event.target.closest?.(":is(.table, .filter) :is(.trunc, .label, .more-n)");
    if (!element || (element.title && !element.hasAttribute("data-told"))) return;
    element.title = words(element) ?? "";
    element.toggleAttribute("data-told", true);
  });
})();
