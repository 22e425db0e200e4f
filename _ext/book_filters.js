// Shows the rows that a reader asks for. The address names them, and one rule of style hides the others. It is
// written before the page is drawn, so that nothing jumps; on paper all rows stand.
{
  const { filter } = document.currentScript.dataset;
  const mark = `data-${filter}`;
  const sheet = document.head.appendChild(document.createElement("style"));

  const asked = () => new URLSearchParams(location.search).getAll(filter).filter(Boolean);
  const selector = (words) => words.map((word) => `[${mark}~="${CSS.escape(word)}"]`).join() || `[${mark}]`;
  const hide = (words) => {
    const rest = `:not(:has(${selector(words)}))`;
    sheet.textContent = `@media screen { :is(tr:has([${mark}]), .filter-group)${rest} { display: none !important } }`;
  };

  hide(asked());
  document.documentElement.classList.add("filters"); // shows the form

  addEventListener("DOMContentLoaded", () => {
    const form = document.forms[filter];
    const boxes = [...form.elements[filter]];
    const rows = [...document.querySelectorAll(`[${mark}]`)];
    const show = (words) => {
      hide(words);
      const shown = rows.filter((row) => row.matches(selector(words))).length;
      const part = shown ? `${shown} of ${rows.length}` : `Nothing matches: none of ${rows.length}`;
      form.querySelector("output").value = `${shown === rows.length ? `All ${shown}` : part} rows are shown.`;
    };
    const choose = () => {
      const words = boxes.filter((box) => box.checked).map((box) => box.value);
      const address = new URL(location);
      address.searchParams.delete(filter);
      for (const word of words) address.searchParams.append(filter, word);
      history.replaceState(history.state, "", address);
      show(words);
    };
    form.hidden = false;
    for (const box of boxes) box.checked = asked().includes(box.value);
    form.addEventListener("change", choose);
    form.querySelector("button").addEventListener("click", () => {
      for (const box of boxes) box.checked = false;
      choose();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    show(asked());
  });
}
