// The customer panel beside the list: `a[data-panel]` loads the partial at its value, else at panel/ below its address; Esc closes; focus goes in and comes back.
(() => {
  const drawer = () => document.getElementById("drawer");
  const rows = () => [...document.querySelectorAll("tr[data-contact-id]")];
  const at = (all) => all.findIndex((row) => row.hasAttribute("data-current"));
  let opener = null;
  let loading = null;

  const mark = (id) => {
    for (const row of rows()) row.toggleAttribute("data-current", row.dataset.contactId === id);
    const all = rows();
    for (const button of drawer().querySelectorAll("[data-drawer-step]")) {
      button.disabled = at(all) < 0 || !all[at(all) + Number(button.dataset.drawerStep)];
    }
  };

  const address = (link) => {
    if (link.dataset.panel) return link.dataset.panel;
    const url = new URL(link.href);
    return `${url.pathname}panel/${url.search}`;
  };

  // A panel that is refused becomes a plain visit to the contact's page, which says why; without a network all stays.
  const load = async (link) => {
    loading?.abort();
    document.dispatchEvent(new Event("saifa:asks"));
    loading = new AbortController();
    const { signal } = loading;
    const headers = { "HX-Request": "true", "HX-Target": "drawer", "HX-Current-URL": location.href };
    try {
      const answer = await fetch(address(link), { headers, signal, credentials: "same-origin" });
      const elsewhere = answer.headers.get("HX-Redirect");
      if (elsewhere || !answer.ok) { location.assign(elsewhere || link.href); return false; }
      const html = await answer.text();
      if (signal.aborted) return false;
      drawer().innerHTML = html;
    } catch (error) {
      if (error.name !== "AbortError") document.dispatchEvent(new Event("saifa:lost"));
      return false;
    }
    htmx.process(drawer());
    return true;
  };

  const open = async (link, step = "") => {
    const box = drawer();
    box.setAttribute("aria-busy", "true");
    const shown = await load(link);
    box.removeAttribute("aria-busy");
    if (!shown) return;
    opener = link;
    box.hidden = false;
    box.closest("[data-split]")?.classList.add("split");
    mark(box.querySelector("[data-contact-id]")?.dataset.contactId ?? "");
    const button = step && box.querySelector(`[data-drawer-step="${step}"]:not(:disabled)`);
    (button || box.querySelector("h2"))?.focus();
  };

  const close = () => {
    const box = drawer();
    if (!box || box.hidden) return;
    const id = box.querySelector("[data-contact-id]")?.dataset.contactId;
    loading?.abort();
    box.hidden = true;
    box.replaceChildren();
    box.closest("[data-split]")?.classList.remove("split");
    mark("");
    const link = opener?.closest("details") ? opener.closest("details").querySelector("summary") : opener;
    const back = link?.isConnected ? link : document.querySelector(`tr[data-contact-id="${id}"] a[data-panel]`);
    (back || document.querySelector(".table-wrap") || document.getElementById("main"))?.focus();  // the row may be gone
  };

  const step = (by) => {
    const all = rows();
    const link = at(all) < 0 ? null : all[at(all) + Number(by)]?.querySelector("a[data-panel]");
    if (link) {
      link.scrollIntoView({ block: "nearest" });
      open(link, by);
    }
  };

  document.addEventListener("click", (event) => {
    if (!drawer() || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest("a[data-panel]");
    if (link) {
      event.preventDefault();
      link.closest("details")?.removeAttribute("open");
      open(link);
    } else if (event.target.closest("[data-drawer-close]")) close();
    else if (event.target.closest("[data-drawer-step]")) step(event.target.closest("[data-drawer-step]").dataset.drawerStep);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]") || drawer()?.hidden !== false) return;
    // The first Esc leaves a field, so that what was typed is not lost with the panel.
    if (event.target.matches("input, textarea, select") && drawer().contains(event.target)) event.target.blur();
    else close();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (drawer()?.hidden === false) mark(drawer().querySelector("[data-contact-id]")?.dataset.contactId ?? "");
  });
})();
