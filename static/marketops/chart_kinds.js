/* What each kind of chart looks like: a function of the page's data and the width in pixels, which returns
   options of ECharts. Numbers follow the page's language, colours the stylesheet, so that charts are
   readable in light and dark. */
const language = document.documentElement.lang || "en";
const dark = () => document.documentElement.classList.contains("dark");
export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6BB1", "#999999"];

function formatter(style, currency) {
  const options = {
    percent: { style: "percent", maximumFractionDigits: 1 },
    money: { maximumFractionDigits: 0, ...(currency ? { style: "currency", currency } : {}) },
    ratio: { maximumFractionDigits: 2 },
  }[style] || { maximumFractionDigits: 2 };
  const format = new Intl.NumberFormat(language, options);
  const missing = (value) => value === null || value === undefined || Number.isNaN(value);
  return (value) => (missing(value) ? "–" : format.format(value).replace("-", "\u2212"));
}

const axis = (name, extra) => Object.assign({
  name, nameLocation: "middle", nameGap: 30, nameTextStyle: { color: css("--mo-ink-soft") },
  axisLabel: { color: css("--mo-ink-soft"), hideOverlap: true },
  splitLine: { lineStyle: { color: css("--mo-line") } }, axisLine: { lineStyle: { color: css("--mo-line") } },
}, extra);

export const base = () => ({
  animation: false, color: PALETTE, textStyle: { fontFamily: "inherit" },
  grid: { left: 8, right: 24, top: 36, bottom: 28, containLabel: true },
  legend: { top: 0, left: 0, textStyle: { color: css("--mo-ink") }, type: "scroll",
    pageTextStyle: { fontSize: 12, color: css("--mo-ink-soft") } },
  tooltip: { confine: true, backgroundColor: css("--mo-card"), borderColor: css("--mo-line"),
    textStyle: { color: css("--mo-ink") } },
});

/* A whisker from low to high at each category. */
function whiskers(data) {
  const at = (api, i, value) => api.coord(data.horizontal ? [value, i] : [i, value]);
  const line = (x1, y1, x2, y2) => ({
    type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: css("--mo-ink"), lineWidth: 1.5 },
  });
  return {
    type: "custom", silent: true, z: 5, tooltip: { show: false },
    data: data.intervals.map(([low, high], i) => [i, low, high]),
    encode: data.horizontal ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
    renderItem(_params, api) {
      const [lowX, lowY] = at(api, api.value(0), api.value(1));
      const [highX, highY] = at(api, api.value(0), api.value(2));
      const cap = (x, y) => (data.horizontal ? line(x, y - 5, x, y + 5) : line(x - 5, y, x + 5, y));
      const children = [line(lowX, lowY, highX, highY), cap(lowX, lowY), cap(highX, highY)];
      return { type: "group", children };
    },
  };
}

/* The labels of bars: as wide as there is room for, below each bar or beside it. */
function barLabels(data, width) {
  const label = {
    color: css("--mo-ink-soft"), interval: data.sparse ? "auto" : 0, hideOverlap: !data.horizontal,
    width: data.wide ? Math.min(230, width * 0.55) : data.horizontal && width > 700 ? 200 : 130,
    overflow: data.wide ? "break" : "truncate",
  };
  if (data.horizontal || data.sparse) return label;
  const room = (width - 70) / data.categories.length;
  if (room < 40) return Object.assign(label, { interval: "auto" });
  return room < 130 ? Object.assign(label, { width: room - 6, overflow: "break" }) : label;
}

export const kinds = {
  /* {categories, series: [{name, values, colour?}], y, format, currency, horizontal?, wide? (room for long
     labels), stacked?, sparse? (labels that fit), intervals?: [[low, high]]}; intervals are meant for one
     series. */
  bars(data, width) {
    const format = formatter(data.format, data.currency);
    const labels = axis(data.horizontal ? "" : data.x || "", {
      type: "category", data: data.categories, axisLabel: barLabels(data, width), inverse: !!data.horizontal,
      splitLine: { show: false },
    });
    const values = axis((data.horizontal ? data.x : data.y) || "", {
      type: "value", axisLabel: { formatter: format, hideOverlap: true, color: css("--mo-ink-soft") },
      splitNumber: data.horizontal ? Math.max(2, Math.min(5, Math.floor((width - 150) / 110))) : 5,
    });
    const only = data.series.length === 1 ? css("--mo-accent") : undefined;
    return {
      legend: { show: data.series.length > 1 }, tooltip: { trigger: "axis", valueFormatter: format },
      xAxis: data.horizontal ? values : labels,
      yAxis: data.horizontal ? labels : Object.assign(values, { nameLocation: "end", nameGap: 14 }),
      series: data.series.map((series) => ({
        type: "bar", name: series.name, stack: data.stacked ? "all" : undefined, barMaxWidth: 34,
        itemStyle: { color: series.colour || only, borderRadius: 3 },
        data: series.values.map((value, i) => (
          data.colours ? { value, itemStyle: { color: data.colours[i] } } : value)),
      })).concat(data.intervals ? [whiskers(data)] : []),
    };
  },
  /* {x, y, categories?, series: [{name, points: [[x, y]], colour?, dashed?}], mark?: {x, label}} */
  lines(data, width) {
    const format = formatter(data.format, data.currency), several = data.series.length > 1;
    const top = 36 + (several && (data.y || data.mark) ? 28 : 0) + (data.y && data.mark ? 14 : 0);
    const mark = data.mark && {
      silent: true, symbol: "none", data: [{ xAxis: data.mark.x }],
      label: { formatter: data.mark.label, color: css("--mo-ink") },
      lineStyle: { color: css("--mo-accent"), type: "dashed" },
    };
    return {
      legend: { show: several }, grid: { top }, tooltip: { trigger: "axis", valueFormatter: format },
      xAxis: axis(data.x, {
        type: data.categories ? "category" : data.time ? "time" : "value", data: data.categories, scale: true,
        splitNumber: data.time && width < 420 ? 3 : 5, splitLine: { show: false },
        minInterval: data.integers ? 1 : undefined,
      }),
      yAxis: axis(data.y, {
        type: "value", scale: true, nameLocation: "end", nameGap: data.mark ? 28 : 14,
        nameTextStyle: { align: "left", color: css("--mo-ink-soft") },
        axisLabel: { formatter: format, color: css("--mo-ink-soft") },
      }),
      color: several ? PALETTE : [css("--mo-accent")],
      series: data.series.map((series, i) => ({
        type: "line", name: series.name, data: series.points,
        symbolSize: 6, showSymbol: series.points.length < 40,
        lineStyle: { width: 2, type: series.dashed ? "dashed" : "solid", color: series.colour },
        itemStyle: { color: series.colour }, markLine: i === 0 ? mark : undefined,
      })),
    };
  },
  /* {x, y, series: [{name, colour, points: [[x, y, label?]], size?}], hideAxes?, logarithmic? (y)} */
  scatter(data) {
    const nothing = { axisLabel: { show: false }, axisTick: { show: false }, nameGap: 10 };
    const hidden = data.hideAxes ? nothing : {};
    const about = (point) => (point.data[2]
      ? point.seriesName + "<br>" + String(point.data[2]).replace(/</g, "&lt;") : point.seriesName);
    const upward = { scale: true, nameGap: 44, type: data.logarithmic ? "log" : "value" };
    return {
      grid: { left: data.hideAxes ? 28 : 44 }, tooltip: { trigger: "item", formatter: about },
      xAxis: axis(data.x, Object.assign({ scale: true }, hidden)),
      yAxis: axis(data.y, Object.assign(upward, hidden)),
      series: data.series.map((series) => ({
        type: "scatter", name: series.name, data: series.points, symbolSize: series.size || 6,
        itemStyle: { color: series.colour, opacity: 0.72 },
      })),
    };
  },
  /* Diverging bars around the average. {categories, values, texts, colour, x} */
  profile(data) {
    const about = (bar) => bar.name + "<br>" + data.texts[bar.dataIndex];
    return {
      legend: { show: false }, tooltip: { trigger: "item", formatter: about },
      xAxis: axis(data.x, { type: "value" }),
      yAxis: axis("", {
        type: "category", data: data.categories, inverse: true, axisLine: { onZero: false },
        axisLabel: { color: css("--mo-ink"), interval: 0, width: 150, overflow: "truncate" },
        splitLine: { show: false },
      }),
      series: [{
        type: "bar", data: data.values, barMaxWidth: 18, itemStyle: { color: data.colour, borderRadius: 3 },
      }],
    };
  },
  /* {columns, rows, values: [[column, row, value]], x, y, name, format, diverging? (from minus to plus),
     narrow? (long labels break, and stand upright where there is no room)} */
  heat(data, width) {
    const room = (width - 150) / data.columns.length;  // what is left for a column
    const upright = data.narrow && (width < 400 || room < 64);
    const format = formatter(data.format, data.currency);
    const most = Math.max(1, ...data.values.map((cell) => cell[2]));
    const category = (name, labels) => axis(name, {
      type: "category", data: labels, splitLine: { show: false }, nameGap: data.narrow ? 54 : 30,
      axisLabel: { color: css("--mo-ink-soft"), interval: 0, overflow: "break", fontSize: 12,
        width: data.narrow ? 120 : undefined },
    });
    const standing = { width: 112, rotate: 90, lineHeight: 12, overflow: room < 26 ? "truncate" : "break" };
    const below = upright ? { nameGap: 122, axisLabel: standing }
      : data.narrow ? { axisLabel: { width: data.columns.length > 4 ? 56 : 76 } } : {};
    const shades = data.diverging ? ["#D55E00", css("--mo-card"), "#0072B2"]
      : [dark() ? "#1d2030" : css("--mo-accent-50"), css("--mo-accent")];
    const ink = (value) => (value > most * 0.55 && !dark() ? "#fff" : css("--mo-ink"));
    return {
      legend: { show: false }, grid: { left: 34 },
      tooltip: { formatter: (cell) => format(cell.value[2]) + " " + data.name },
      visualMap: { min: data.diverging ? -most : 0, max: most, show: false, inRange: { color: shades } },
      xAxis: merge(category(data.x, data.columns), below),
      yAxis: merge(category(data.y, data.rows), upright ? { axisLabel: { width: 96 } } : {}),
      series: [{
        type: "heatmap", data: data.values.map((cell) => ({ value: cell, label: { color: ink(cell[2]) } })),
        label: { show: room >= 34, fontSize: 12, formatter: (cell) => format(cell.value[2]) },
      }],
    };
  },
  /* {nodes: [{id, name, colour, side: 0 or 1}], links: [{source, target, value, url}], unit}: who went where;
     a click on a flow opens its url. */
  sankey(data) {
    const format = formatter("number");
    const names = Object.fromEntries(data.nodes.map((node) => [node.id, node.name]));
    const title = (item) => (item.dataType === "edge"
      ? names[item.data.source] + " → " + names[item.data.target] : names[item.name]);
    const encode = window.echarts.format.encodeHTML;
    const about = (item) => encode(title(item)) + "<br>" + format(item.value) + " " + data.unit;
    return {
      legend: { show: false }, tooltip: { trigger: "item", formatter: about },
      series: [{
        type: "sankey", left: 4, right: 4, top: 8, bottom: 8, nodeWidth: 14, nodeGap: 16, draggable: false,
        layoutIterations: 0, emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.38, curveness: 0.5 },
        data: data.nodes.map((node) => ({
          name: node.id, depth: node.side, itemStyle: { color: node.colour },
          label: {
            position: node.side ? "left" : "right", color: css("--mo-ink"), formatter: () => node.name,
          },
        })),
        links: data.links.map((link) => Object.assign({ cursor: link.url ? "pointer" : "default" }, link)),
      }],
    };
  },
};

/* `from` laid over `into`, key by key; lists are replaced whole. */
export function merge(into, from) {
  const nested = (value) => value && typeof value === "object" && !Array.isArray(value);
  Object.entries(from).forEach(([key, value]) => {
    into[key] = nested(value) && nested(into[key]) ? merge(into[key], value) : value;
  });
  return into;
}
