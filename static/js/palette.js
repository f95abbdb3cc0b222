// The command palette: Ctrl/⌘ K anywhere, results as one types, arrows and Enter; focus goes back where it came from.
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const DEBOUNCE = 150;
  const input = dialog.querySelector("[role=combobox]");
  const body = document.getElementById("palette-body");
  const status = dialog.querySelector("[data-palette-status]");
  const isMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);
  let timer = 0, waiting = false, openWhenHere = false;

  if (isMac) {
    for (const key of document.querySelectorAll("[data-mod]")) key.textContent = "⌘";
    for (const link of document.querySelectorAll("[data-palette]")) link.title = link.title.replace("Ctrl", "⌘");
  }

  const options = () => [...body.querySelectorAll("[role=option]")];
  const active = () => body.querySelector("[aria-selected=true]");
  const choose = (option) => {
    active()?.setAttribute("aria-selected", "false");
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const step = (by) => {
    const all = options();
    if (all.length) choose(all[(all.indexOf(active()) + by + all.length) % all.length]);
  };
  const visit = (option, elsewhere) => {
    if (elsewhere) window.open(option.href, "_blank", "noopener");
    else option.click();
  };

  // What is on the screen answers older letters from the first change on: Enter waits for the answer to these.
  const ask = (delay) => {
    clearTimeout(timer);
    waiting = true;
    openWhenHere = false;
    timer = setTimeout(() => htmx.trigger(input, "palette:ask"), delay);
  };
  const show = () => {
    if (dialog.open) return;
    for (const menu of document.querySelectorAll("details[data-menu][open], details.filter[open]")) menu.open = false;
    dialog.showModal();
    input.focus();
    input.select();
    ask(0);
  };

  document.addEventListener("keydown", (event) => {
    const mod = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (!mod || event.altKey || event.shiftKey || event.isComposing) return;
    if (event.code !== "KeyK" && event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    event.stopPropagation();
    if (dialog.open) dialog.close();
    else show();
  }, true);

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    show();
  });

  input.addEventListener("input", (event) => { if (!event.isComposing) ask(DEBOUNCE); });
  input.addEventListener("compositionend", () => ask(DEBOUNCE));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = active();
      if (waiting) openWhenHere = true;
      else if (option) visit(option, event.ctrlKey || event.metaKey);
      else ask(0);
    }
  });
  dialog.addEventListener("submit", (event) => event.preventDefault()); // by a phone's keyboard: Enter has done it
  body.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== active()) choose(option);
  });
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    waiting = openWhenHere = false;
  });

  const answered = (words) => {
    waiting = false;
    body.removeAttribute("aria-busy");
    const all = options();
    input.setAttribute("aria-expanded", String(all.length > 0));
    choose(all[0]);
    status.textContent = words;
  };
  input.addEventListener("htmx:beforeRequest", () => body.setAttribute("aria-busy", "true"));
  body.addEventListener("htmx:afterSwap", () => {
    if (!dialog.open) return;
    const list = document.getElementById("palette-list");
    // Newer letters than these were typed meanwhile: their answer is on its way.
    if (list.dataset.q !== input.value.replace(/\s+/g, " ").trim()) { choose(options()[0]); return; }
    const open = openWhenHere;
    answered(list.dataset.words);
    if (open && active()) visit(active());
  });
  const fail = (event) => {
    if (event.target !== input) return;
    body.replaceChildren(document.getElementById("palette-error").content.cloneNode(true));
    answered("");
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, fail);
})();
