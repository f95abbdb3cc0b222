// What failed in a `data-tells` part is said where the person is, and nothing is taken away: in the open dialog, else on top of the page.
(() => {
  const words = document.getElementById("failed");

  const clear = () => document.querySelectorAll("[data-failed-note]").forEach((note) => note.remove());
  const place = (dialog) => dialog?.querySelector(".dlg-body") ?? dialog?.querySelector("form") ?? document.getElementById("main");

  const fail = (event) => {
    const { elt, target, xhr } = event.detail;
    // A poll asks again by itself, and what a part asked for by itself nobody misses.
    if (!target?.closest?.("[data-tells]") || elt.matches("[hx-trigger], [data-tells]")) return;
    const refused = event.type === "htmx:responseError" && xhr.status < 500;
    clear();
    const dialog = document.querySelector("dialog[open]");
    const note = words.content.firstElementChild.cloneNode(true);
    note.querySelector("p").textContent = refused ? words.dataset.refused : words.dataset.lost;
    if (!dialog) note.classList.add("notices");
    place(dialog).prepend(note);
  };

  document.addEventListener("htmx:beforeRequest", (event) => { if (!event.detail.elt.matches("[hx-trigger]")) clear(); });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, fail);
})();
