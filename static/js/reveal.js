// `[data-pw=id]` shows and hides what is typed in a password field.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pw]");
  const input = button && document.getElementById(button.dataset.pw);
  if (!input) return;
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
});
