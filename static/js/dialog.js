// `[data-open=id]` opens a dialog, `[data-close]` or a click beside it closes it; focus goes to its title and comes back.
(() => {
  let opener = null;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open]");
    const dialog = button && document.getElementById(button.dataset.open);
    if (dialog && !dialog.open) {
      // A key that presses the button (`?`) was struck elsewhere: the focus goes back there.
      opener = event.isTrusted ? (button.closest("details[data-menu]")?.querySelector("summary") ?? button) : document.activeElement;
      dialog.showModal();
      dialog.querySelector("[autofocus], h2[tabindex]")?.focus();
    } else if (event.target.closest("[data-close]")) {
      event.target.closest("dialog")?.close();
    } else if (event.target.matches("dialog[open]")) {
      event.target.close();
    }
  });
  // The browser gives the focus back by itself, before this event; not to what is hidden by now, as in a closed menu.
  document.addEventListener("close", () => {
    if (document.activeElement === document.body) opener?.focus();
    opener = null;
  }, true);
})();
