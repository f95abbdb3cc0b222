// Keeps an open inbox current: polls a mark, and where it moved fetches the list and the thread again.
(() => {
  const inbox = document.querySelector("[data-inbox]");
  if (!inbox) return;
  const EVERY = 4000, UNKNOWN_EVERY = 30000, NEAR = 48;
  const find = selector => inbox.querySelector(selector);
  let mark = inbox.dataset.mark, timer = 0, busy = false, again = false;

  const fragment = async (url, target) => {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": target }, credentials: "same-origin" });
    if (answer.headers.get("HX-Redirect")) { location.assign(answer.headers.get("HX-Redirect")); return null; }
    return answer.ok ? answer.text() : null;
  };
  const say = words => { const live = find("[data-live]"); if (live && words) { live.textContent = ""; live.textContent = words; } };

  const showOnRail = unread => {
    const badge = document.querySelector("[data-rail-unread]");
    if (!badge) return;
    badge.hidden = !unread;
    badge.firstChild.data = unread > 99 ? "99+" : unread;
  };

  const sameChildren = (a, b) => a.children.length === b.children.length && [...a.children].every((child, k) => child.isEqualNode(b.children[k]));

  const refreshList = async () => {
    const body = find("#conv-body");
    if (!body) return;
    const rows = body.querySelectorAll("[data-chat]").length, url = new URL(body.dataset.listUrl, location.href);
    url.searchParams.set("rows", rows);
    const html = await fragment(url, "conv-body");
    const old = find("#conv-body");
    if (html === null || old !== body) return;
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#conv-body");
    if (!fresh || fresh.isEqualNode(old)) return;
    const scroll = find("[data-conv-list]")?.scrollTop ?? 0, focused = document.activeElement?.dataset?.chat;
    const grew = Number(fresh.dataset.unread) > Number(old.dataset.unread);
    old.replaceWith(fresh);
    htmx.process(fresh);
    const list = find("[data-conv-list]"), total = find("[data-unread-total]");
    if (list) list.scrollTop = scroll;
    if (total) total.textContent = Number(fresh.dataset.unread) ? fresh.dataset.unread : "";
    showOnRail(Number(fresh.dataset.unread));
    if (focused) fresh.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (grew) say(find("[data-live]")?.dataset.newChats);
  };

  // Puts in what is new and takes out what is gone; what is the same stays, so that a voice message plays on.
  const patch = (list, fresh) => {
    let at = list.firstElementChild;
    const wanted = [...fresh.children];
    wanted.forEach((node, k) => {
      while (at && !wanted.slice(k).some(one => one.isEqualNode(at))) { const gone = at; at = at.nextElementSibling; gone.remove(); }
      if (at?.isEqualNode(node)) { at = at.nextElementSibling; return; }
      list.insertBefore(node, at);
      htmx.process(node);
    });
    while (at) { const gone = at; at = at.nextElementSibling; gone.remove(); }
  };

  const refreshThread = async () => {
    const list = find("[data-msgs]"), seen = list?.querySelector("[data-seen]");
    if (!list || !seen || list.hasAttribute("data-older-page")) return;
    const oldest = list.querySelector("[data-at]")?.dataset.at ?? "";
    const url = new URL(list.dataset.url, location.href);
    url.searchParams.set("since", oldest);
    const html = await fragment(url, "msgs");
    if (html === null || find("[data-msgs]") !== list) return;
    const fresh = new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html").querySelector("ol");
    if (sameChildren(fresh, list)) return;
    const before = seen.dataset.newest, failed = list.querySelectorAll(".by.fail").length, fromEnd = list.scrollHeight - list.scrollTop;
    const atBottom = fromEnd - list.clientHeight < NEAR;
    patch(list, fresh);
    const isNew = list.querySelector("[data-seen]").dataset.newest !== before;
    if (atBottom) list.scrollTop = list.scrollHeight;
    else if (!isNew) list.scrollTop = list.scrollHeight - fromEnd;
    inbox.dispatchEvent(new Event("inbox:refreshed"));
    if (list.querySelectorAll(".by.fail").length > failed) say(find("[data-live]")?.dataset.notSent);
    if (!isNew) return;
    const newest = list.querySelector(`#m${list.querySelector("[data-seen]").dataset.newest}`);
    if (!newest?.matches(".out")) say(find("[data-live]")?.dataset.newMessage);
    if (!atBottom) find("[data-to-newest]").hidden = false;
    const read = list.querySelector("[data-read]");
    if (read) htmx.trigger(read, "inbox:seen");
  };

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try { await refreshThread(); await refreshList(); } finally {
      busy = false;
      if (again) { again = false; refresh().catch(() => {}); }  // asked for meanwhile: also after one that failed
    }
  };

  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(inbox.dataset.changes, { credentials: "same-origin", cache: "no-cache", redirect: "manual" });
    if (answer.type === "opaqueredirect") { location.reload(); return; }
    if (!answer.ok) return;
    const now = (await answer.text()).trim();
    if (now !== mark || now === "0") { await refresh(); mark = now; }
  };
  const next = () => { clearTimeout(timer); timer = setTimeout(run, mark === "0" ? UNKNOWN_EVERY : EVERY); };
  const run = () => look().catch(() => {}).finally(next);

  inbox.addEventListener("click", event => {
    if (!event.target.closest("[data-to-newest]")) return;
    const list = find("[data-msgs]");
    list.scrollTop = list.scrollHeight;
    list.focus();
    find("[data-to-newest]").hidden = true;
  });
  inbox.addEventListener("scroll", event => {
    const list = event.target;
    if (!list.matches?.("[data-msgs]") || list.scrollHeight - list.scrollTop - list.clientHeight >= NEAR) return;
    const button = find("[data-to-newest]");
    if (button) button.hidden = true;
  }, true);
  document.body.addEventListener("inbox:changed", () => { refresh().catch(() => {}); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) run(); });
  next();
})();
