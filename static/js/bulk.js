// Selected rows and what is done with them: ticks outlive pages, orders, Back and a reload, not another filter; a job and its undo too.
(() => {
  const bar = document.getElementById("bulk");
  const JOB = "saifa.bulk";  // id of the job in the line below the list, and nothing of any customer
  const TICKS = "saifa.ticks";  // ids of the ticked rows and the filters they were ticked at, as the address has them
  const boxes = () => [...document.querySelectorAll("input[data-select]")];
  const status = () => document.getElementById("bulk-status");
  const dialog = document.getElementById("bulk-dialog");
  const list = () => document.querySelector(".table-wrap")?.focus({ preventScroll: true });
  // One region that is always there: what appears together with its text is not read out.
  const say = (text) => {
    const region = document.getElementById("bulk-said");
    if (region && region.textContent !== text) region.textContent = text;
  };

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
      const text = count ? words(bar.dataset.selected, { count: number.format(count) }) : "";
      bar.querySelector("[data-bulk-count]").textContent = text;
      if (text || bar.hasAttribute("data-counted")) say(text);
      bar.toggleAttribute("data-counted", count > 0);
      if (count) sessionStorage.setItem(TICKS, JSON.stringify({ filters: shown, all: all.checked, ids: [...ids] }));
      else sessionStorage.removeItem(TICKS);
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
    all.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });  // else it presses the first button
    bar.addEventListener("reset", (event) => { event.preventDefault(); clear(); list(); });
    document.addEventListener("htmx:afterSettle", (event) => {
      if (event.target.id !== "contact-list") return;
      if (filters() !== shown && filters() !== undefined) { shown = filters(); clear(); } else draw();
    });
    document.body.addEventListener("bulkStarted", (event) => {
      const confirmed = dialog.open;
      dialog.close();
      sessionStorage.setItem(JOB, event.detail.job);
      clear();
      if (confirmed) list();  // an undo leaves the focus in the line
    });
    document.body.addEventListener("bulkRefused", () => { if (dialog.open) { dialog.close(); list(); } });
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.target !== dialog || !dialog.firstElementChild) return;
      if (!dialog.open) dialog.showModal();
      (dialog.querySelector("[role=alert]") ?? dialog.querySelector("h2")).focus();
    });
    // Back to another page of the list loads it anew; who comes by a link starts anew.
    const before = JSON.parse(sessionStorage.getItem(TICKS));
    if (before && before.filters === shown && performance.getEntriesByType("navigation")[0].type !== "navigate") {
      all.checked = before.all;
      for (const id of before.ids) ids.add(id);
    }
    draw();
    const job = sessionStorage.getItem(JOB);
    if (job) {
      const again = { source: "#bulk-status", target: "#bulk-status", swap: "innerHTML" };
      htmx.ajax("GET", `${bar.getAttribute("action")}${job}/?again`, again).catch(() => {});
    }
    // A job past its time, or of who was signed in here before.
    document.addEventListener("htmx:responseError", ({ detail }) => {
      if (detail.elt === status() && detail.xhr.status === 404) sessionStorage.removeItem(JOB);
    });
  }

  const dismiss = () => {
    sessionStorage.removeItem(JOB);
    status().replaceChildren();
  };

  // The line of progress is swapped every second: focus stays on the same button, and what it says is read when it ends.
  let held = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === status()) held = status().contains(document.activeElement) ? document.activeElement.id : "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== status()) return;
    const line = status().firstElementChild;
    const runs = line?.dataset.state === "running";
    const seen = event.detail.pathInfo?.requestPath.endsWith("?again");
    if (seen && !runs && !document.getElementById("bulk-undo")) return void dismiss();  // nothing is left to do with it
    if (!runs || line.dataset.job !== status().dataset.said) say(line?.querySelector(".n")?.textContent ?? "");
    status().dataset.said = line?.dataset.job ?? "";
    if (held) (document.getElementById(held) ?? status().querySelector("[data-bulk-dismiss]") ?? status().querySelector("button"))?.focus();
    held = "";
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-bulk-dismiss]")) return;
    dismiss();
    list();
  });
})();
