// `a[data-export]` opens the export dialog; what it answers starts the download; a file that gets ready behind is told.
(() => {
  const dialog = document.getElementById("export-dialog");
  const LONGEST = 3000;  // characters of an address; the ids of more ticked rows go in the body

  if (dialog) {
    const open = async (link) => {
      const address = new URL(link.dataset.export || link.href, location.href);
      const long = address.search.length > LONGEST;
      const values = Object.fromEntries(address.searchParams);
      await htmx.ajax(long ? "POST" : "GET", long ? address.pathname : address.pathname + address.search, {
        target: dialog, swap: "innerHTML", values: long ? values : {},
      });
    };
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-export], a[data-bulk-export]");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open(link);
    });
    // What refuses says why, in the dialog.
    document.addEventListener("htmx:beforeSwap", (event) => {
      if (event.detail.target !== dialog || ![400, 422, 429].includes(event.detail.xhr.status)) return;
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    });
    for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
      document.addEventListener(name, (event) => {
        if (event.detail.target === dialog && !dialog.open) location.href = event.detail.pathInfo.finalRequestPath;
      });
    }
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
