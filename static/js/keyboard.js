// Keyboard: / search, j k rows, Enter open, x select, e edit, l labels, r reply, g i inbox, g c contacts, ? help. Off in fields and dialogs.
(() => {
  let afterG = false;
  // On a Thai keyboard the key in the place of J types "่": letters are then read by their place.
  const pressed = (event) => {
    if (event.key.length > 1 || /^[ -~]$/.test(event.key)) return event.key;
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
  };
  const rows = () => [...document.querySelectorAll("tr[data-contact-id], [data-row]")];
  const move = (by) => {
    const all = rows();
    const at = all.indexOf(document.activeElement.closest("tr[data-contact-id], [data-row]"));
    const row = all[Math.max(0, Math.min(all.length - 1, at + by))];
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([data-select]), textarea, select, [contenteditable]")) return;
    const key = pressed(event);
    if (afterG) {
      afterG = false;
      if (key === "i") location.assign("/inbox/");
      if (key === "c") location.assign("/contacts/");
      return;
    }
    if (key === "g") {
      afterG = true;
      setTimeout(() => { afterG = false; }, 900);
    } else if (key === "/") {
      const field = document.querySelector("[data-search]");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    } else if (key === "r") {
      const box = document.querySelector("[data-reply]");
      if (box) { event.preventDefault(); box.focus(); }
    } else if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
    else if (key === "Enter" && event.target.matches("tr[data-contact-id], [data-row]")) {
      event.target.querySelector("a")?.click();
    } else if (key === "x") {
      document.activeElement.closest("tr[data-contact-id]")?.querySelector("input[data-select]")?.click();
    } else if (key === "e") document.querySelector("[data-key=edit]")?.click();
    else if (key === "l") document.querySelector("[data-key=labels]")?.click();
    else if (key === "?") document.querySelector("[data-open=keys]")?.click();
  });
})();
