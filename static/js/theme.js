// Theme: the choice kept on this device is set before the first paint; the toggle is in shell.js.
(() => {
  try {
    const saved = localStorage.getItem("theme");
    if (saved === "light" || saved === "dark") document.documentElement.dataset.theme = saved;
  } catch {
    // Storage is off: the system's theme it is.
  }
})();
