// The customer panel beside the list: `a[data-panel]` loads the partial; Esc closes; focus goes in and comes back.
(() => {
  const drawer = () => document.getElementById("drawer");
  let opener = null;

  const rows = () => [...document.querySelectorAll("tr[data-contact-id]")];
  const mark = (id) => {
    for (const row of rows()) row.toggleAttribute("data-current", row.dataset.contactId === id);
  };

  const open = async (link) => {
    const box = drawer();
    opener = link;
    box.setAttribute("aria-busy", "true");
    await htmx.ajax("GET", link.dataset.panel, { target: box, swap: "innerHTML" });
    box.removeAttribute("aria-busy");
    box.hidden = false;
    document.body.classList.add("has-drawer");
    box.closest("[data-split]")?.classList.add("split");
    mark(link.closest("tr[data-contact-id]")?.dataset.contactId ?? "");
    box.querySelector("h2")?.focus();
  };

  const close = () => {
    const box = drawer();
    if (!box || box.hidden) return false;
    box.hidden = true;
    box.replaceChildren();
    document.body.classList.remove("has-drawer");
    box.closest("[data-split]")?.classList.remove("split");
    mark("");
    const id = opener?.closest("tr")?.dataset.contactId;
    (opener?.isConnected ? opener : document.querySelector(`tr[data-contact-id="${id}"] a[data-panel]`))?.focus();
    return true;
  };

  const step = (by) => {
    const all = rows();
    const next = all[all.findIndex((row) => row.hasAttribute("data-current")) + by];
    const link = next?.querySelector("a[data-panel]");
    if (link) open(link);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-panel]");
    if (link && drawer() && window.htmx && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      open(link);
    } else if (event.target.closest("[data-drawer-close]")) {
      event.preventDefault();
      close();
    } else if (event.target.closest("[data-drawer-step]")) {
      step(Number(event.target.closest("[data-drawer-step]").dataset.drawerStep));
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
  });
  document.addEventListener("htmx:afterSwap", () => {
    const id = drawer()?.querySelector("[data-contact-id]")?.dataset.contactId;
    if (id && !drawer().hidden) mark(id);
  });
})();
