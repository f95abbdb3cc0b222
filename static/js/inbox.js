// Inbox panes: open a chat beside the list, its panel and the nav as overlays; messages start at the newest.
(() => {
  const inbox = document.querySelector("[data-inbox]");
  if (!inbox) return;
  const find = selector => inbox.querySelector(selector);
  const toBottom = () => { const list = find("[data-msgs]"); if (list) list.scrollTop = list.scrollHeight; };
  const isOlderPage = () => Boolean(find("[data-msgs][data-older-page]"));
  const linked = () => (/^#m\d+$/.test(location.hash) ? find(location.hash) : null); // the message a link leads to

  const markCurrent = () => {
    const open = find("[data-chat-open]")?.dataset.chatOpen;
    inbox.dataset.show = open ? "thread" : "list";
    inbox.querySelectorAll("[data-chat]").forEach(row => {
      if (row.dataset.chat === open) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
  };

  inbox.addEventListener("click", event => {
    const nav = find(".box-nav"), toggle = event.target.closest("[data-nav],[data-details],.cp [data-drawer-close]");
    if (nav && !event.target.closest(".box-nav,[data-nav]")) nav.removeAttribute("data-open");
    if (!toggle || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    if ("nav" in toggle.dataset) { event.preventDefault(); nav.toggleAttribute("data-open"); }
    const panel = find(".cp");
    if (!("nav" in toggle.dataset) && panel) {
      event.preventDefault();
      if (matchMedia("(max-width: 1279px)").matches) panel.toggleAttribute("data-open");
      else inbox.classList.toggle("no-panel");
      if (panel.hasAttribute("data-open")) panel.querySelector("h2")?.focus();
    }
  });

  inbox.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    find(".box-nav")?.removeAttribute("data-open");
    if (find(".cp[data-open]")) { find(".cp").removeAttribute("data-open"); find("[data-details]")?.focus(); }
  });

  // An older page is put above: what is being read stays where it is.
  let keep = null;
  document.body.addEventListener("htmx:beforeSwap", event => {
    const list = event.detail.target.closest?.("[data-msgs]");
    keep = list ? { list, fromEnd: list.scrollHeight - list.scrollTop } : null;
  });
  document.body.addEventListener("htmx:afterSettle", event => {
    if (keep) { keep.list.scrollTop = keep.list.scrollHeight - keep.fromEnd; keep = null; return; }
    if (event.detail.target?.id === "chat" || event.detail.elt?.id === "chat") { markCurrent(); toBottom(); }
  });

  if (linked()) linked().scrollIntoView({ block: "center" });
  else if (!isOlderPage()) toBottom();
})();
