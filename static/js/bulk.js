// Selected rows and what is done with them: ticks outlive pages and orders, not another filter; a job goes on after a reload.
(() => {
  const bar = document.getElementById("bulk");
  const JOB = "saifa.bulk";  // id of the job that was running, and nothing of any customer
  const boxes = () => [...document.querySelectorAll("input[data-select]")];
  const status = () => document.getElementById("bulk-status");

  if (bar) {
    const ids = new Set();
    const all = bar.elements.all;
    const total = () => Number(document.getElementById("contact-list").dataset.total);
    const filters = () => document.querySelector("input[name=query][form=bulk]")?.value;
    const words = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
    const number = new Intl.NumberFormat("en-US");
    let shown = filters();
    let last = null;

    const draw = () => {
      const rows = boxes();
      for (const box of rows) {
        box.checked = all.checked || ids.has(box.value);
        box.closest("tr").setAttribute("aria-selected", box.checked);
        box.setAttribute("aria-label", words(bar.dataset.select, { name: box.closest("tr").querySelector(".name").textContent }));
      }
      const page = document.querySelector("[data-select-page]");
      const ticked = rows.filter((box) => box.checked).length;
      if (page) {
        page.checked = ticked > 0 && ticked === rows.length;
        page.indeterminate = ticked > 0 && ticked < rows.length;
      }
      const count = all.checked ? total() : ids.size;
      bar.toggleAttribute("data-on", count > 0);
      bar.elements.ids.value = [...ids].join(",");
      bar.querySelector("[data-bulk-count]").textContent = count ? words(bar.dataset.selected, { count: number.format(count) }) : "";
      const phrase = bar.querySelector("[data-bulk-all-words]");
      phrase.textContent = words(phrase.dataset.words, { count: number.format(total()) });
    };
    const clear = () => { ids.clear(); all.checked = false; last = null; draw(); };
    const put = (box, on) => (on ? ids.add(box.value) : ids.delete(box.value));

    // A row taken out of "all" leaves the rows of this page: there is no list of the others here.
    const narrow = () => {
      if (!all.checked) return;
      all.checked = false;
      for (const box of boxes()) ids.add(box.value);
    };

    document.addEventListener("click", (event) => {
      const box = event.target.closest?.("input[data-select]");
      if (box) {
        const rows = boxes();
        const on = box.checked;
        const from = event.shiftKey && last ? rows.findIndex((one) => one.value === last) : -1;
        const to = rows.indexOf(box);
        if (!on) narrow();
        for (const one of from < 0 ? [box] : rows.slice(Math.min(from, to), Math.max(from, to) + 1)) put(one, on);
        last = box.value;
        draw();
      } else if (event.target.closest?.("[data-select-page]")) {
        const on = event.target.checked;
        if (!on) all.checked = false;
        for (const one of boxes()) put(one, on);
        draw();
      }
    });
    all.addEventListener("change", draw);
    bar.addEventListener("reset", (event) => { event.preventDefault(); clear(); document.querySelector(".table-wrap")?.focus(); });
    document.addEventListener("htmx:afterSettle", (event) => {
      if (event.target.id !== "contact-list") return;
      if (filters() !== shown && filters() !== undefined) { shown = filters(); clear(); } else draw();
    });
    document.body.addEventListener("bulkStarted", (event) => {
      document.getElementById("bulk-dialog").close();
      sessionStorage.setItem(JOB, event.detail.job);
      clear();
    });
    document.addEventListener("htmx:afterSwap", (event) => {
      const dialog = document.getElementById("bulk-dialog");
      if (event.target !== dialog || !dialog.firstElementChild) return;
      if (!dialog.open) dialog.showModal();
      (dialog.querySelector("[role=alert]") ?? dialog.querySelector("h2")).focus();
    });
    draw();
    const running = sessionStorage.getItem(JOB);
    if (running) htmx.ajax("GET", `${bar.getAttribute("action")}${running}/`, { target: "#bulk-status", swap: "innerHTML" });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === status() && status().firstElementChild?.dataset.state !== "running") sessionStorage.removeItem(JOB);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-bulk-dismiss]")) status().replaceChildren();
  });
})();
