// The contact list over htmx swaps: focus and scroll stay, the search box follows the URL, a failed load says so.
(() => {
  const REGION = "contact-list";
  const region = () => document.getElementById(REGION);
  const scroller = () => region()?.querySelector(".table-wrap");
  const isOurs = (event) => event.detail.target?.id === REGION;
  let before = null;
  let typed = false;

  document.addEventListener("input", (event) => { if (event.target.id === "list-q") typed = true; });
  // Letters are searched for a moment after they were typed: not if something else was chosen meanwhile.
  document.addEventListener("htmx:confirm", (event) => {
    if (!isOurs(event)) return;
    if (event.detail.elt.id === "list-q" && !typed) event.preventDefault();
    typed = false;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isOurs(event)) region().setAttribute("aria-busy", "true");
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isOurs(event) || !event.detail.shouldSwap) return;
    const focused = document.activeElement;
    before = {
      inside: document.getElementById("list-area").contains(focused),
      filter: focused?.closest("details.filter")?.id,
      row: focused?.closest("tr[data-contact-id]")?.id,
      page: region().dataset.page,
      scroll: scroller()?.scrollTop ?? 0,
    };
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== REGION || !before) return;
    const { inside, filter, row, page, scroll } = before;
    before = null;
    const field = document.getElementById("list-q");
    if (field && document.activeElement !== field) field.value = region().dataset.q;
    if (scroller() && page === region().dataset.page) scroller().scrollTop = scroll;
    // htmx finds the focused element again by its id; where that is gone, the nearest thing that is left.
    if (!inside || document.activeElement !== document.body) return;
    const summary = filter && document.querySelector(`#${filter} > summary`);
    (summary || document.getElementById(row) || document.getElementById("chip-clear") || scroller() || field)?.focus({ preventScroll: true });
  });

  const fail = (event) => {
    if (!isOurs(event)) return;
    const box = region();
    box.removeAttribute("aria-busy");
    for (const part of [...box.children]) {
      if (!part.matches(".chips, .list-skel")) part.remove();
    }
    const state = document.getElementById("list-error").content.cloneNode(true);
    state.querySelector("[data-retry]").href = event.detail.pathInfo.finalRequestPath;
    const now = new Date().toISOString().replace(/\D/g, "");
    state.querySelector("[data-reference]").textContent =
      `${event.detail.xhr?.status || "NET"}-${now.slice(0, 8)}-${now.slice(8, 14)}`;
    box.insertBefore(state, box.querySelector(".list-skel"));
    htmx.process(box);
    box.querySelector("[data-retry]").focus();
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, fail);
})();
