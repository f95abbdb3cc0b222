// What asks again every second is not swapped from under a button being pressed, nor from under a form being sent:
// the click would be lost, and the answer would have nowhere to go.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target } = event.detail;
  const polled = requestConfig.elt.getAttribute?.("hx-trigger")?.startsWith("every");
  if (polled && target.querySelector("button:active, form.htmx-request")) event.detail.shouldSwap = false;
});
