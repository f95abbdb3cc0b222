// `a[data-export]` and the bulk bar open the export dialog; what it answers starts the download; a file that gets ready behind is told.
(() => {
  const dialog = document.getElementById("export-dialog");

  // The page in place of a dialog that did not come: it works, or says what is wrong.
  const visit = ({ elt, pathInfo, requestConfig }) => {
    if (requestConfig.verb === "get") return location.assign(pathInfo.finalRequestPath);
    elt.form.setAttribute("action", elt.formAction);
    elt.form.submit();
  };

  if (dialog) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-export]");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      htmx.ajax("GET", link.dataset.export + link.search, { target: dialog, swap: "innerHTML" }).catch(() => {});  // told by failed.js
    });
    // What refuses says why, in the dialog.
    document.addEventListener("htmx:beforeSwap", (event) => {
      if (event.detail.target !== dialog || ![400, 422, 429].includes(event.detail.xhr.status)) return;
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    });
    document.addEventListener("htmx:responseError", (event) => {
      if (event.detail.target === dialog && !dialog.open) visit(event.detail);
    });
  }

  document.addEventListener("htmx:afterSettle", () => {
    const now = document.querySelector("a[data-export-now]");
    if (now) {
      now.removeAttribute("data-export-now");
      now.click();
    }
    if (!dialog) return;
    const state = dialog.querySelector("[data-export-state]")?.dataset.exportState ?? "";
    const before = dialog.dataset.state;
    dialog.dataset.state = state;
    if (before && before !== state && !dialog.open && dialog.dataset[state]) saifaToast(dialog.dataset[state]);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== dialog || !dialog.firstElementChild) return;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("h2")?.focus();
  });
})();
