// The customer panel is replaced as a whole: focus goes to what is wrong, else to the same control in the new panel.
(() => {
  const PANEL = "[data-contact-panel]";
  let had = null;

  const selector = (element) => {
    const url = element.getAttribute("hx-get");
    if (url) return `${element.closest("nav") ? `.${element.closest("nav").className} ` : ""}[hx-get="${CSS.escape(url)}"]`;
    return element.matches(".vip-toggle") ? ".vip-toggle" : "h2";
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const panel = event.detail.target;
    if (!panel?.matches?.(PANEL) || !event.detail.shouldSwap) return;
    const focused = document.activeElement;
    had = panel.contains(focused) ? selector(focused) : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const panel = event.target.closest?.(PANEL);
    if (!panel || !had) return;
    const wanted = panel.querySelector("[aria-invalid=true]") || panel.querySelector(had) || panel.querySelector("h2");
    had = null;
    if (document.activeElement === document.body || wanted.matches("[aria-invalid=true]")) wanted.focus({ preventScroll: wanted.matches("h2") });
  });
})();
