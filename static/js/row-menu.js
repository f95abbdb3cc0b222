// The ⋯ of each row: put there from one template, its links made when it is opened. `e` and `l` of a row use them, too.
(() => {
  const parts = () => document.getElementById("row-menu")?.content.children;

  const dress = () => {
    const [details] = parts() ?? [];
    for (const cell of details ? document.querySelectorAll("tr[data-contact-id] > .c-more:empty") : []) {
      const menu = details.cloneNode(true);
      const summary = menu.firstElementChild;
      const { textContent } = cell.parentElement.querySelector(".name");
      summary.setAttribute("aria-label", summary.getAttribute("aria-label").replace("%(name)s", () => textContent));
      cell.append(menu);
    }
  };

  const fill = (row) => {
    const details = row?.querySelector("[data-row-menu]");
    if (!details) return null;
    if (!details.querySelector(".pop")) {
      const menu = parts()[1].cloneNode(true);
      const { href } = row.querySelector("a[data-panel]");
      for (const link of menu.querySelectorAll("a")) {
        link.href = href + link.getAttribute("href");
        link.dataset.panel = "";
      }
      details.append(menu);
    }
    return details;
  };

  // Before the click opens it: it is never seen empty. Enter and Space on a summary are clicks, too.
  document.addEventListener("click", (event) => {
    const summary = event.target.closest?.("[data-row-menu] > summary");
    if (summary) fill(summary.closest("tr"));
  }, true);
  document.addEventListener("saifa:row-action", (event) => {
    fill(event.target)?.querySelector(`[data-row-key="${event.detail}"]`)?.click();
  });
  document.addEventListener("htmx:afterSwap", dress);
  dress();
})();
