// The search in messages: says when an answer does not come; focus goes on to the first of the older messages.
(() => {
  const isOurs = (event) => event.detail.target?.closest?.("#found");

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isOurs(event)) document.getElementById("found").setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", () => document.getElementById("found")?.removeAttribute("aria-busy"));

  // The button that asked is gone with the swap: what came in its place is read on.
  let asked = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const place = event.detail.target;
    asked = place.matches?.("#found .older") && place.contains(document.activeElement) ? place.previousElementSibling : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!asked) return;
    asked.nextElementSibling?.querySelector("a")?.focus();
    asked = null;
  });

  const fail = (event) => {
    if (!isOurs(event)) return;
    const found = document.getElementById("found");
    const state = document.getElementById("found-error").content.cloneNode(true);
    state.querySelector("[data-retry]").href = event.detail.pathInfo.finalRequestPath;
    found.querySelector(".found-list > .older:last-child")?.remove();
    for (const part of [...found.children]) if (!part.matches(".list-skel, .found-list")) part.remove();
    found.insertBefore(state, found.querySelector(".list-skel"));
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, fail);
})();
