/* What every page does once it is there, and again with each part that HTMX puts into it. */
import { draw } from "./charts.js";
import "./forms.js";
import { stack } from "./tables.js";

function paint(root) {
  root.querySelectorAll(".mo-table").forEach(stack);
  root.querySelectorAll("[data-colour]").forEach((element) => {
    element.style.backgroundColor = element.dataset.colour;
  });
  root.querySelectorAll("[data-width]").forEach((element) => {
    element.style.width = element.dataset.width + "%";
  });
  root.querySelectorAll("[data-chart]").forEach(draw);
}

paint(document);
document.addEventListener("htmx:afterSettle", (event) => paint(event.target));
/* Charts are drawn again when the page turns dark or light. */
const theme = { attributes: true, attributeFilter: ["class"] };
new MutationObserver(() => paint(document)).observe(document.documentElement, theme);
