// What failed is said where the person is, and nothing is taken away: in the open dialog, else on top of the page. It is
// what htmx asked for in a `data-tells` part, or a script that says so by the events "saifa:asks" and "saifa:lost".
(() => {
  const words = document.getElementById("failed");

  const clear = () => document.querySelectorAll("[data-failed-note]").forEach((note) => note.remove());
  const place = (dialog) => dialog?.querySelector(".dlg-body") ?? dialog?.querySelector("form") ?? document.getElementById("main");

  const tell = (text) => {
    clear();
    const dialog = document.querySelector("dialog[open]");
    const note = words.content.firstElementChild.cloneNode(true);
    note.querySelector("p").textContent = text;
    if (!dialog) note.classList.add("notices");
    place(dialog).prepend(note);
  };

  const fail = (event) => {
    const { elt, target, xhr } = event.detail;
    // A poll asks again by itself, and what a part asked for by itself nobody misses.
    if (!target?.closest?.("[data-tells]") || elt.matches("[hx-trigger], [data-tells]")) return;
    const refused = event.type === "htmx:responseError" && xhr.status < 500;
    tell(refused ? words.dataset.refused : words.dataset.lost);
  };

  document.addEventListener("htmx:beforeRequest", (event) => { if (!event.detail.elt.matches("[hx-trigger]")) clear(); });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, fail);
  document.addEventListener("saifa:asks", clear);
  document.addEventListener("saifa:lost", () => tell(words.dataset.lost));
})();
