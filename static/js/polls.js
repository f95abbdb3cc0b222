// What asks again every second is not swapped from under a button that is just being pressed: its click would be lost.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target } = event.detail;
  if (requestConfig.elt.getAttribute?.("hx-trigger")?.startsWith("every") && target.querySelector("button:active")) event.detail.shouldSwap = false;
});
