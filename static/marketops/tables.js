/* On a narrow screen each row of a wide table is shown as a card (see tables.css), its cells named as their
   columns are. A table whose columns are to be compared across rows keeps its form with data-scroll. Roles:
   a card is still read as a table. */
export function stack(table) {
  const heads = [...table.querySelectorAll(":scope > thead > tr:last-child > th")];
  if (heads.length < 4 || "scroll" in table.dataset) return;
  table.classList.add("stacked");
  table.setAttribute("role", "table");
  table.querySelectorAll(":scope > * > tr").forEach((row) => {
    row.setAttribute("role", "row");
    let column = 0;
    [...row.cells].forEach((cell, place) => {
      const name = heads[column] ? heads[column].textContent.trim() : "";
      column += cell.colSpan;
      if (row.parentElement.tagName === "THEAD") { cell.setAttribute("role", "columnheader"); return; }
      cell.setAttribute("role", "cell");
      const empty = !cell.textContent.trim() && !cell.querySelector("input, select, img, [data-width]");
      cell.classList.toggle("bare", empty);
      const leads = place === 0 && !cell.classList.contains("num");
      cell.classList.toggle("heads", leads || cell.colSpan >= heads.length);
      if (!leads && name && cell.colSpan === 1) cell.dataset.label = name;
      if (!leads && cell.childNodes.length > 1 && !cell.querySelector(":scope > .mo-cell")) {
        const whole = document.createElement("div");
        whole.className = "mo-cell";
        whole.append(...cell.childNodes);
        cell.append(whole);
      }
    });
  });
}
