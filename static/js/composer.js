// The reply box: Enter sends (never in the middle of a composed letter), length counted as the platform does, a draft
// that no refresh and no error loses, and a line above it that stays true while the page is open.
(() => {
  const inbox = document.querySelector("[data-inbox]");
  if (!inbox) return;
  const form = () => inbox.querySelector("[data-composer]");
  const box = () => inbox.querySelector("[data-reply]");
  const NEAR = 0.8, LOOK_AGAIN = 60000;
  const lengths = {
    characters: (text) => [...text].length,
    bytes: (text) => new TextEncoder().encode(text).length,
    utf16: (text) => text.length,
  };

  const count = () => {
    const area = box(), output = form()?.querySelector("[data-count]");
    if (!area || !output) return;
    const limit = Number(area.dataset.limit), length = lengths[area.dataset.unit](area.value.trim());
    output.hidden = length < limit * NEAR;
    output.toggleAttribute("data-over", length > limit);
    output.textContent = `${length.toLocaleString()} / ${limit.toLocaleString()}`;
  };

  const lock = () => {
    const standing = form()?.querySelector(".standing"), area = box(), send = form()?.querySelector("[type=submit]");
    if (!standing || !area || !send) return;
    const closed = "closed" in standing.dataset;
    area.readOnly = send.disabled = closed;
    if (closed) send.title = standing.querySelector("b").textContent;
    else send.removeAttribute("title");
  };

  const say = (words) => {
    const error = form()?.querySelector("#reply-error");
    if (!error) return;
    error.querySelector("span").textContent = words;
    error.hidden = !words;
  };

  document.addEventListener("keydown", (event) => {
    const area = event.target;
    if (event.key !== "Enter" || !area.matches?.("[data-reply]") || event.isComposing || event.keyCode === 229) return;
    const forced = event.ctrlKey || event.metaKey;
    if (!forced && (event.shiftKey || event.altKey || matchMedia("(pointer: coarse)").matches)) return;
    event.preventDefault();
    if (!area.readOnly && area.value.trim()) area.form.requestSubmit();
  });
  document.addEventListener("input", (event) => { if (event.target.matches?.("[data-reply]")) count(); });

  // A refused reply comes back with its words and the reason: it is shown, where htmx would throw it away.
  let typed = "";
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.elt !== form()) return;
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
    // What was typed while the answer was on its way stays: after a success it is the next message.
    const sent = event.detail.requestConfig.formData?.get("text"), now = box()?.value ?? "";
    typed = now !== sent ? now : "";
    const list = inbox.querySelector("[data-msgs]");
    if (event.detail.xhr.status === 200 && list) list.scrollTop = list.scrollHeight;
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "chat") watch();
    if (event.target !== form() && !event.target.querySelector?.("[data-composer]")) return;
    if (typed && box()) box().value = typed;
    typed = "";
    count();
    if (form().contains(document.activeElement) || document.activeElement === document.body) {
      if (event.target === form() && !matchMedia("(pointer: coarse)").matches) box().focus();
    }
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.body.addEventListener(name, (event) => {
      if (event.detail.requestConfig?.elt === form()) say(form().querySelector("#reply-error").dataset.lost);
    });
  }

  // The box grows with what is typed, the messages above it keep their end in sight.
  let height = 0;
  const sizes = new ResizeObserver(([{ target }]) => {
    if (height) target.scrollTop += height - target.clientHeight;
    height = target.clientHeight;
  });
  const watch = () => {
    const list = inbox.querySelector("[data-msgs]");
    sizes.disconnect();
    height = 0;
    if (list) sizes.observe(list);
  };

  // The live refresh brings the line as it is now.
  inbox.addEventListener("inbox:refreshed", () => {
    const fresh = inbox.querySelector("[data-msgs] [data-standing] .standing");
    const here = form()?.querySelector("[data-standing-here]");
    if (!fresh || !here || here.firstElementChild?.isEqualNode(fresh)) return;
    here.replaceChildren(fresh.cloneNode(true));
    lock();
  });
  // Time passes without anybody writing: look again now and then, and at the minute the window closes.
  let looked = Date.now();
  setInterval(() => {
    const ends = Date.parse(form()?.querySelector("[data-ends]")?.dataset.ends ?? "");
    if (document.hidden || !ends) return;
    const now = Date.now();
    if (now - looked < 5 * LOOK_AGAIN && now < ends) return;
    looked = now;
    document.body.dispatchEvent(new Event("inbox:changed"));
  }, LOOK_AGAIN);

  count();
  watch();
})();
