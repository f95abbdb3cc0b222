// The ⋯ of a row: one menu in a template, copied into the row when it is opened, its links leading to that row's contact.
(() => {
  // The row's menu with its links; `e` and `l` use it too (keyboard.js).
  const fill = (row) => {
    const details = row?.querySelector("[data-row-menu]");
    const template = document.getElementById("row-menu");
    if (!details || !template || details.querySelector(".pop")) return details?.querySelector(".pop");
    const { href, dataset } = row.querySelector("a[data-panel]");
    const menu = template.content.firstElementChild.cloneNode(true);
    for (const link of menu.querySelectorAll("a")) {
      const part = link.getAttribute("href");
      link.href = href + part;
      link.dataset.panel = dataset.panel + part;
    }
    details.append(menu);
    return menu;
  };

  // Before the click opens it: it is never seen empty. Enter and Space on a summary are clicks, too.
  document.addEventListener("click", (event) => {
    const summary = event.target.closest?.("[data-row-menu] > summary");
    if (summary) fill(summary.closest("tr"));
  }, true);
  document.addEventListener("saifa:row-action", (event) => {
    fill(event.target)?.querySelector(`[data-row-key="${event.detail}"]`)?.click();
  });
})();
