// The views above the list: the open one is kept in sight, and a form that htmx brings opens its dialog.
(() => {
  const strip = () => document.querySelector("[data-views]");
  let left = 0;

  // Only as far as needed, and sideways only: `scrollIntoView` would move the page as well.
  const show = () => {
    const box = strip();
    const open = box?.querySelector("[aria-current]");
    if (!open) return;
    box.scrollLeft = left;
    const start = open.offsetLeft - box.offsetLeft;
    const end = start + open.offsetWidth;
    if (start < box.scrollLeft || end > box.scrollLeft + box.clientWidth) box.scrollLeft = start - (box.clientWidth - open.offsetWidth) / 2;
  };

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id === "list-views") left = strip()?.scrollLeft ?? 0;
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === "list-views") show();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.detail.target;
    if (!dialog.matches("dialog[data-filled]")) return;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector(".field:has(.err) .input, [autofocus]")?.focus();
  });
  show();
})();
