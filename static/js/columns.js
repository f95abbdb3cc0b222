// The column menu: ↑ and ↓ move a line here, and Apply sends the order; without JavaScript each of them is a request.
(() => {
  const say = (list, line) => {
    const said = document.querySelector("[data-columns-said]");
    const all = [...list.children];
    said.textContent = said.dataset.words.replace("%(place)s", all.indexOf(line) + 1).replace("%(all)s", all.length);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-columns] button[name=move]");
    if (!button) return;
    event.preventDefault();
    const line = button.closest("li");
    const list = line.parentElement;
    const [direction] = button.value.split(":");
    const other = direction === "up" ? line.previousElementSibling : line.nextElementSibling;
    if (!other || other === list.firstElementChild) return;  // the name stays on top
    if (direction === "up") list.insertBefore(line, other);
    else list.insertBefore(other, line);
    button.focus();
    line.scrollIntoView({ block: "nearest" });
    say(list, line);
  });
})();
