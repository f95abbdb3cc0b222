// The order form: while Total is empty, its placeholder shows what the items add up to. The server adds up for real.
(() => {
  const table = document.querySelector("[data-lines]");
  const total = document.querySelector("[data-total] input");
  if (!table || !total) return;

  const number = (text) => {
    const plain = text.normalize("NFKC").replace(/[๐-๙]/g, (digit) => digit.codePointAt(0) - 0x0e50).replace(/[฿,\s]/g, "");
    return plain === "" ? NaN : Number(plain);
  };
  const add = () => {
    let sum = 0;
    for (const row of table.tBodies[0].rows) {
      const [name, quantity, price] = [...row.querySelectorAll("input")].map((input) => input.value.trim());
      if (name) sum += (quantity ? number(quantity) : 1) * number(price);
    }
    total.placeholder = sum > 0 ? sum.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : "";
  };
  table.addEventListener("input", add);
  add();
})();
