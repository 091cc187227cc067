/* Draws every <div data-chart="KIND" data-source="ID"> from the JSON in <script id="ID"
   type="application/json">. */
import { base, css, kinds, merge } from "./chart_kinds.js";

/* On a narrow screen a long title of the lower axis ends where the axis ends, instead of being cut beside
   it. */
function fit(option, width) {
  const lower = option.xAxis;
  if (width >= 420 || !lower || !lower.name || lower.nameLocation !== "middle") return option;
  if (lower.axisLabel.show === false
    || window.echarts.format.getTextRect(lower.name, "12px sans-serif").width < width * 0.4) return option;
  const name = wrapped(lower.name, width - 72);
  const padding = [lower.nameGap - 3, 0, 0, 0];
  const below = { align: "right", verticalAlign: "top", padding, lineHeight: 15 };
  return merge(option, {
    grid: { bottom: option.grid.bottom + 15 * (name.split("\n").length - 1) },
    xAxis: { name, nameLocation: "end", nameGap: 0, nameTextStyle: below },
  });
}
/* A text in lines no wider than `room` pixels, broken between words or Chinese characters. */
function wrapped(text, room) {
  const lines = [""];
  text.split(/(?<=\s)|(?<=[\u4e00-\u9fff])/).forEach((part) => {
    const longer = lines[lines.length - 1] + part;
    const tooLong = window.echarts.format.getTextRect(longer, "12px sans-serif").width > room;
    if (lines[lines.length - 1] && tooLong) lines.push(part);
    else lines[lines.length - 1] = longer;
  });
  return lines.join("\n");
}
export function draw(element) {
  const source = document.getElementById(element.dataset.source);
  if (!source || !window.echarts || !element.clientWidth) return;  // without a width it lies in a closed fold
  const data = JSON.parse(source.textContent);
  if (data.horizontal || element.dataset.chart === "profile") {  // each bar with its label
    element.style.minHeight = 100 + 20 * data.categories.length + "px";
  }
  if (data.narrow) element.style.minHeight = 190 + 30 * data.rows.length + "px";  // labels of two lines
  const chart = window.echarts.getInstanceByDom(element)
    || window.echarts.init(element, null, { renderer: "svg" });
  const width = element.clientWidth;
  chart.setOption(fit(merge(base(), kinds[element.dataset.chart](data, width)), width), true);
  chart.off("click");
  chart.on("click", (clicked) => {
    if (clicked.data && clicked.data.url) window.location.assign(clicked.data.url);
  });
  element.setAttribute("role", "img");
  const title = element.closest("figure") && element.closest("figure").querySelector("figcaption");
  if (title) element.setAttribute("aria-label", title.textContent.trim());
}
/* What lies in a fold is drawn when the fold opens. */
document.addEventListener("toggle", (event) => {
  event.target.querySelectorAll("[data-chart]").forEach(draw);
}, true);
/* How many labels fit depends on the width. */
window.addEventListener("resize", () => document.querySelectorAll("[data-chart]").forEach((element) => {
  const chart = window.echarts && window.echarts.getInstanceByDom(element);
  if (!chart) return;
  chart.resize();
  draw(element);
}));
