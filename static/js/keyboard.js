// Keyboard: / search, j k rows, Enter open, x select, b what to do with the selected, e edit, l labels, r reply, g i inbox,
// g c contacts, g m messages, ? help. Off in fields and dialogs.
(() => {
  const ROW = "tr[data-contact-id], [data-row]";
  const SELECTED = "form.bulk[data-on] :is([type=checkbox], button), .bulk-job button";
  const PLACES = { i: "/inbox/", c: "/contacts/", m: "/inbox/search/" };
  let afterG = false;
  // On a Thai keyboard the key in the place of J types "่": letters are then read by their place.
  const pressed = (event) => {
    if (event.key.length > 1 || /^[ -~]$/.test(event.key)) return event.key;
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
  };
  // A row's own checkbox is no field: who ticks by mouse goes on by keys.
  const isField = (element) =>
    element.closest("input, textarea, select, [contenteditable]") && !element.matches("input[data-select]");
  const current = () => document.activeElement.closest(ROW);
  const move = (by) => {
    const all = [...document.querySelectorAll(ROW)];
    const row = all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + by))];
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  // The row with the focus before the panel that is open: it is what the person looks at.
  const act = (name) => {
    const row = current();
    if (row?.querySelector("[data-row-menu]")) {
      row.dispatchEvent(new CustomEvent("saifa:row-action", { bubbles: true, detail: name }));
    } else document.querySelector(`[data-key=${name}]`)?.click();
  };
  const go = (key) => {
    afterG = false;
    if (PLACES[key]) location.assign(PLACES[key]);
  };
  const reach = (selector, event) => {
    const field = document.querySelector(selector);
    if (!field) return;
    event.preventDefault();
    field.focus();
    if (selector === "[data-search]") field.select();
  };
  const KEYS = {
    g: () => {
      afterG = true;
      setTimeout(() => { afterG = false; }, 900);
    },
    "/": (event) => reach("[data-search]", event),
    r: (event) => reach("[data-reply]", event),
    b: (event) => reach(SELECTED, event),
    j: () => move(1),
    k: () => move(-1),
    x: () => current()?.querySelector("input[data-select]")?.click(),
    e: () => act("edit"),
    l: () => act("labels"),
    "?": () => document.querySelector("[data-open=keys]")?.click(),
    Enter: (event) => {
      if (event.target.matches(ROW)) event.target.querySelector("a")?.click();
      if (!event.target.matches("input[data-select]")) return;
      event.preventDefault();  // in a checkbox it would press the first button of the checkbox's form
      current().querySelector("a[data-panel]")?.click();
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") || isField(event.target)) return;
    const key = pressed(event);
    if (afterG) go(key);
    else if (Object.hasOwn(KEYS, key)) KEYS[key](event);
  });
})();
