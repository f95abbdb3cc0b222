// Small behaviours every page has: theme toggle, menus, dialogs, password reveal, copy, busy forms, load errors.
(() => {
  const root = document.documentElement;

  const toggleTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Storage is off: the choice lasts as long as the page.
    }
  };

  let opener = null;
  const openDialog = (id, from) => {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    opener = from;
    dialog.showModal();
    dialog.querySelector("[autofocus], h2[tabindex]")?.focus();
  };
  document.addEventListener("close", () => { opener?.focus?.(); opener = null; }, true);

  const reveal = (button) => {
    const input = document.getElementById(button.dataset.pw);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard?.writeText(source.value ?? source.textContent.trim());
    window.saifaToast?.(button.dataset.copied || "✓");
  };

  window.saifaToast = (text) => {
    const box = document.getElementById("toasts");
    if (!box) return;
    const toast = document.createElement("p");
    toast.className = "toast";
    toast.textContent = text;
    box.append(toast);
    setTimeout(() => toast.remove(), 4000);
  };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    for (const open of document.querySelectorAll("details.filter[open], details[data-menu][open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
    if (at("[data-theme-toggle]")) toggleTheme();
    else if (at("[data-open]")) openDialog(at("[data-open]").dataset.open, at("[data-open]"));
    else if (at("[data-close]")) at("dialog")?.close();
    else if (at("[data-pw]")) reveal(at("[data-pw]"));
    else if (at("[data-copy]")) copy(at("[data-copy]"));
    else if (event.target.matches("dialog")) event.target.close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.filter[open], details[data-menu][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
      event.stopImmediatePropagation();
    }
  });

  // A form is sent once; its button says what is happening. Coming back by the back button frees it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    const button = event.submitter ?? form.querySelector("[type=submit]");
    if (!button || form.method === "get" || form.matches("[hx-post], [data-hx-post]")) return;
    form.setAttribute("data-sent", "");
    button.setAttribute("aria-busy", "true");
    if (button.dataset.busy) button.textContent = button.dataset.busy;
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      form.removeAttribute("data-sent");
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });
})();
