// A form is sent once; its button says what is happening (`data-busy`). Back, or a finished htmx request, frees it.
(() => {
  const busy = (form, button) => {
    form.setAttribute("data-sent", "");
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    if (!button.dataset.busy) return;
    button.saifaLabel = [...button.childNodes];
    button.replaceChildren(button.dataset.busy);
  };
  const free = (form) => {
    form.removeAttribute("data-sent");
    for (const button of form.querySelectorAll("[aria-busy]")) {
      button.removeAttribute("aria-busy");
      if (button.saifaLabel) button.replaceChildren(...button.saifaLabel);
      delete button.saifaLabel;
    }
  };
  const button = (form, event) => event.submitter ?? form.querySelector("[type=submit]");
  const isSent = (form) => form.hasAttribute("data-sent");

  document.addEventListener("submit", (event) => {
    if (!isSent(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.target.method === "post" && !event.defaultPrevented) busy(event.target, button(event.target, event));
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (form.matches("form") && form.method === "post") busy(form, button(form, event.detail.requestConfig?.triggeringEvent ?? event));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.matches("form[data-sent]")) free(event.detail.elt);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(free);
  });
})();
