// A toast says that something small worked: `saifaToast(text)`. Errors that need action never come here.
window.saifaToast = (text) => {
  const box = document.getElementById("toasts");
  if (!box) return;
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = text;
  box.append(toast);
  setTimeout(() => toast.remove(), 4000);
};
