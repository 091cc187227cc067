/* Draws every <div data-chart="KIND" data-source="ID"> from the JSON in <script id="ID" type="application/json">.
   Kinds: bars, lines, scatter, profile, heat, donut, sankey. Numbers follow the page's language. */
(function () {
  "use strict";
  const language = document.documentElement.lang || "en";
  const dark = () => document.documentElement.classList.contains("dark");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6BB1", "#999999"];

  function formatter(style, currency) {
    const options = { percent: { style: "percent", maximumFractionDigits: 1 },
      money: currency ? { style: "currency", currency, maximumFractionDigits: 0 } : { maximumFractionDigits: 0 },
      ratio: { maximumFractionDigits: 2, minimumFractionDigits: 2 } }[style] || { maximumFractionDigits: 2 };
    const format = new Intl.NumberFormat(language, options);
    return (value) => (value === null || value === undefined || Number.isNaN(value) ? "–" : format.format(value));
  }
  const axis = (name, extra) => Object.assign({ name, nameLocation: "middle", nameGap: 30, nameTextStyle: { color: css("--mo-ink-soft") },
    axisLabel: { color: css("--mo-ink-soft"), hideOverlap: true }, splitLine: { lineStyle: { color: css("--mo-line") } },
    axisLine: { lineStyle: { color: css("--mo-line") } } }, extra);
  const base = () => ({ animation: false, color: PALETTE, textStyle: { fontFamily: "inherit" },
    grid: { left: 8, right: 24, top: 36, bottom: 28, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: css("--mo-ink") }, type: "scroll" },
    tooltip: { confine: true, backgroundColor: css("--mo-card"), borderColor: css("--mo-line"), textStyle: { color: css("--mo-ink") } } });

  function whiskers(data) {
    const at = (api, i, value) => api.coord(data.horizontal ? [value, i] : [i, value]);
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: css("--mo-ink"), lineWidth: 1.5 } });
    return { type: "custom", silent: true, z: 5, tooltip: { show: false }, data: data.intervals.map(([low, high], i) => [i, low, high]),
      encode: data.horizontal ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
      renderItem(_params, api) {
        const [lowX, lowY] = at(api, api.value(0), api.value(1)), [highX, highY] = at(api, api.value(0), api.value(2));
        const cap = (x, y) => (data.horizontal ? line(x, y - 5, x, y + 5) : line(x - 5, y, x + 5, y));
        return { type: "group", children: [line(lowX, lowY, highX, highY), cap(lowX, lowY), cap(highX, highY)] };
      } };
  }
  const kinds = {
    /* {categories, series: [{name, values, colour?}], y, format, currency, horizontal?, wide? (room for long labels), stacked?, sparse? (labels that fit), intervals?: [[low, high]]};
       intervals draw a whisker at each category and are meant for one series. */
    bars(data, width) {
      const format = formatter(data.format, data.currency);
      const label = { color: css("--mo-ink-soft"), interval: data.sparse ? "auto" : 0, hideOverlap: !data.horizontal,
        width: data.wide ? Math.min(230, width * 0.55) : data.horizontal && width > 700 ? 200 : 130, overflow: data.wide ? "break" : "truncate" };
      const room = (width - 70) / data.categories.length;  // under each bar
      if (!data.horizontal && !data.sparse) Object.assign(label, room < 40 ? { interval: "auto" } : room < 130 ? { width: room - 6, overflow: "break" } : {});
      const labels = axis(data.horizontal ? "" : data.x || "", { type: "category", data: data.categories, axisLabel: label, inverse: !!data.horizontal, splitLine: { show: false } });
      const values = axis((data.horizontal ? data.x : data.y) || "", { type: "value", splitNumber: data.horizontal && width < 420 ? 2 : 5, axisLabel: { formatter: format, hideOverlap: true, color: css("--mo-ink-soft") } });
      return { legend: { show: data.series.length > 1 }, tooltip: { trigger: "axis", valueFormatter: format },
        xAxis: data.horizontal ? values : labels, yAxis: data.horizontal ? labels : Object.assign(values, { nameLocation: "end", nameGap: 14 }),
        series: data.series.map((one) => ({ type: "bar", name: one.name, stack: data.stacked ? "all" : undefined, barMaxWidth: 34,
          itemStyle: { color: one.colour, borderRadius: 3 },
          data: one.values.map((value, i) => (data.colours ? { value, itemStyle: { color: data.colours[i] } } : value)) }))
          .concat(data.intervals ? [whiskers(data)] : []) };
    },
    /* {x, y, categories?, series: [{name, points: [[x, y]], colour?, dashed?}], mark?: {x, label}} */
    lines(data, width) {
      const format = formatter(data.format, data.currency);
      return { legend: { show: data.series.length > 1 }, grid: data.series.length > 1 && (data.y || data.mark) ? { top: 64 } : {}, tooltip: { trigger: "axis", valueFormatter: format },
        xAxis: axis(data.x, { type: data.categories ? "category" : data.time ? "time" : "value", data: data.categories, scale: true, splitNumber: data.time && width < 420 ? 3 : 5,
          splitLine: { show: false }, minInterval: data.integers ? 1 : undefined }),
        yAxis: axis(data.y, { type: "value", scale: true, nameLocation: "end", nameGap: 14, nameTextStyle: { align: "left", color: css("--mo-ink-soft") },
          axisLabel: { formatter: format, color: css("--mo-ink-soft") } }),
        series: data.series.map((one, i) => ({ type: "line", name: one.name, data: one.points, symbolSize: 6, showSymbol: one.points.length < 40,
          lineStyle: { width: 2, type: one.dashed ? "dashed" : "solid", color: one.colour }, itemStyle: { color: one.colour },
          markLine: i === 0 && data.mark ? { silent: true, symbol: "none", data: [{ xAxis: data.mark.x }],
            label: { formatter: data.mark.label, color: css("--mo-ink") }, lineStyle: { color: css("--mo-accent"), type: "dashed" } } : undefined })) };
    },
    /* {x, y, series: [{name, colour, points: [[x, y, label?]], size?}], hideAxes?, logarithmic? (y)} */
    scatter(data) {
      const hidden = data.hideAxes ? { axisLabel: { show: false }, axisTick: { show: false }, nameGap: 10 } : {};
      return { grid: { left: data.hideAxes ? 28 : 44 }, tooltip: { trigger: "item", formatter: (p) => (p.data[2] ? p.seriesName + "<br>" + String(p.data[2]).replace(/</g, "&lt;") : p.seriesName) },
        xAxis: axis(data.x, Object.assign({ scale: true }, hidden)), yAxis: axis(data.y, Object.assign({ scale: true, nameGap: 44, type: data.logarithmic ? "log" : "value" }, hidden)),
        series: data.series.map((one) => ({ type: "scatter", name: one.name, data: one.points, symbolSize: one.size || 6,
          itemStyle: { color: one.colour, opacity: 0.72 } })) };
    },
    /* Diverging bars around the average. {categories, values, texts, colour, x} */
    profile(data) {
      return { legend: { show: false }, tooltip: { trigger: "item", formatter: (p) => p.name + "<br>" + data.texts[p.dataIndex] },
        xAxis: axis(data.x, { type: "value" }), yAxis: axis("", { type: "category", data: data.categories, inverse: true, axisLine: { onZero: false },
          axisLabel: { color: css("--mo-ink"), interval: 0, width: 150, overflow: "truncate" }, splitLine: { show: false } }),
        series: [{ type: "bar", data: data.values, barMaxWidth: 18, itemStyle: { color: data.colour, borderRadius: 3 },
          label: { show: true, position: "inside", formatter: () => "" } }] };
    },
    /* {columns, rows, values: [[column, row, value]], x, y, name, format, diverging? (from minus to plus), narrow? (long labels break, and stand upright where there is no room)} */
    heat(data, width) {
      const cell = (width - 150) / data.columns.length;  // what is left for a column
      const upright = data.narrow && (width < 400 || cell < 64);
      const format = formatter(data.format, data.currency);
      const most = Math.max(1, ...data.values.map((cell) => cell[2]));
      const category = (name, labels) => axis(name, { type: "category", data: labels, splitLine: { show: false }, nameGap: data.narrow ? 54 : 30,
        axisLabel: { color: css("--mo-ink-soft"), interval: 0, width: data.narrow ? 120 : undefined, overflow: "break", fontSize: data.narrow ? 11 : 12 } });
      return { legend: { show: false }, grid: { left: 34 }, tooltip: { formatter: (p) => format(p.value[2]) + " " + data.name },
        visualMap: { min: data.diverging ? -most : 0, max: most, show: false, inRange: { color: data.diverging ? ["#D55E00", css("--mo-card"), "#0072B2"]
          : dark() ? ["#1d2030", "#a5a1ff"] : ["#f1f1fd", "#4f46e5"] } },
        xAxis: merge(category(data.x, data.columns), upright ? { nameGap: 122, axisLabel: { width: 112, rotate: 90, lineHeight: 12, overflow: cell < 26 ? "truncate" : "break" } }
          : data.narrow ? { axisLabel: { width: data.columns.length > 4 ? 56 : 76 } } : {}),
        yAxis: merge(category(data.y, data.rows), upright ? { axisLabel: { width: 96 } } : {}),
        series: [{ type: "heatmap", data: data.values.map((cell) => ({ value: cell, label: { color: cell[2] > most * 0.55 && !dark() ? "#fff" : css("--mo-ink") } })),
          label: { show: cell >= 26, fontSize: cell < 40 ? 9 : 12, formatter: (p) => format(p.value[2]) } }] };
    },
    /* {nodes: [{id, name, colour, side: 0 or 1}], links: [{source, target, value, url}], unit}: who went where; a click on a flow opens its url. */
    sankey(data) {
      const format = formatter("number"), name = Object.fromEntries(data.nodes.map((node) => [node.id, node.name]));
      return { legend: { show: false }, tooltip: { trigger: "item", formatter: (p) => (p.dataType === "edge"
        ? echarts.format.encodeHTML(name[p.data.source] + " → " + name[p.data.target]) : echarts.format.encodeHTML(name[p.name])) + "<br>" + format(p.value) + " " + data.unit },
        series: [{ type: "sankey", left: 4, right: 4, top: 8, bottom: 8, nodeWidth: 14, nodeGap: 16, draggable: false, layoutIterations: 0, emphasis: { focus: "adjacency" },
          lineStyle: { color: "source", opacity: 0.38, curveness: 0.5 },
          data: data.nodes.map((node) => ({ name: node.id, depth: node.side, itemStyle: { color: node.colour },
            label: { position: node.side ? "left" : "right", color: css("--mo-ink"), formatter: () => node.name } })),
          links: data.links.map((link) => Object.assign({ cursor: link.url ? "pointer" : "default" }, link)) }] };
    },
    /* {items: [{name, value, colour}], format, currency} */
    donut(data) {
      const format = formatter(data.format, data.currency);
      return { legend: { show: true, bottom: 0, top: "auto" }, tooltip: { trigger: "item", valueFormatter: format },
        series: [{ type: "pie", radius: ["48%", "72%"], center: ["50%", "44%"], label: { color: css("--mo-ink"), formatter: "{d}%" },
          data: data.items.map((item) => ({ name: item.name, value: item.value, itemStyle: { color: item.colour } })) }] };
    },
  };

  function merge(into, from) {
    Object.keys(from).forEach((key) => {
      const value = from[key];
      into[key] = value && typeof value === "object" && !Array.isArray(value) && into[key] && !Array.isArray(into[key]) ? merge(into[key], value) : value;
    });
    return into;
  }
  /* On a narrow screen a long title of the lower axis ends where the axis ends, instead of being cut beside it. */
  function fit(option, width) {
    const lower = option.xAxis;
    if (width >= 420 || !lower || !lower.name || lower.nameLocation !== "middle" || lower.axisLabel.show === false
      || window.echarts.format.getTextRect(lower.name, "12px sans-serif").width < width * 0.4) return option;
    const name = wrapped(lower.name, width - 72);
    return merge(option, { grid: { bottom: option.grid.bottom + 15 * (name.split("\n").length - 1) }, xAxis: { name, nameLocation: "end", nameGap: 0,
      nameTextStyle: { align: "right", verticalAlign: "top", padding: [lower.nameGap - 3, 0, 0, 0], lineHeight: 15 } } });
  }
  /* A text in lines no wider than `room` pixels, broken between words or Chinese characters. */
  function wrapped(text, room) {
    const lines = [""];
    text.split(/(?<=\s)|(?<=[\u4e00-\u9fff])/).forEach((part) => {
      const longer = lines[lines.length - 1] + part;
      if (lines[lines.length - 1] && window.echarts.format.getTextRect(longer, "12px sans-serif").width > room) lines.push(part);
      else lines[lines.length - 1] = longer;
    });
    return lines.join("\n");
  }
  function draw(element) {
    const source = document.getElementById(element.dataset.source);
    if (!source || !window.echarts) return;
    const data = JSON.parse(source.textContent);
    if (data.horizontal || element.dataset.chart === "profile") element.style.minHeight = 100 + 20 * data.categories.length + "px";  // each bar with its label
    if (data.narrow) element.style.minHeight = 190 + 30 * data.rows.length + "px";  // each row with a label of two lines
    const chart = window.echarts.getInstanceByDom(element) || window.echarts.init(element, null, { renderer: "svg" });
    const width = element.clientWidth;
    chart.setOption(fit(merge(base(), kinds[element.dataset.chart](data, width)), width), true);
    chart.off("click");
    chart.on("click", (clicked) => { if (clicked.data && clicked.data.url) window.location.assign(clicked.data.url); });
    element.setAttribute("role", "img");
    const title = element.closest("figure") && element.closest("figure").querySelector("figcaption");
    if (title) element.setAttribute("aria-label", title.textContent.trim());
  }
  /* On a narrow screen each row of a wide table is shown as a card (see app.css), its cells named as their columns are. A table
     whose columns are to be compared across rows keeps its form with data-scroll. Roles: a card is still read as a table. */
  function stack(table) {
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
  function paint(root) {
    root.querySelectorAll(".mo-table").forEach(stack);
    root.querySelectorAll("[data-colour]").forEach((element) => { element.style.backgroundColor = element.dataset.colour; });
    root.querySelectorAll("[data-width]").forEach((element) => { element.style.width = element.dataset.width + "%"; });
    root.querySelectorAll("[data-chart]").forEach(draw);
  }
  /* A button or link with data-confirm asks first. */
  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-confirm]");
    if (asked && !window.confirm(asked.dataset.confirm)) event.preventDefault();
  });
  /* A form is sent once, however fast somebody clicks: its buttons rest until the next page comes, or this one comes back.
     They are switched off a moment later, because a button that is switched off is not sent along. */
  const rest = (form, resting) => {
    form.toggleAttribute("data-sent", resting);
    form.querySelectorAll("button:not([type=button])").forEach((button) => {
      if (resting && !button.disabled) button.dataset.rests = "";
      if (!("rests" in button.dataset)) return;
      button.disabled = resting;
      if (!resting) delete button.dataset.rests;
    });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || (form.getAttribute("method") || "").toLowerCase() !== "post" || !form.closest(".mo-page")) return;
    if ("sent" in form.dataset) { event.preventDefault(); return; }
    form.dataset.sent = "";
    setTimeout(() => rest(form, true));
    setTimeout(() => rest(form, false), 15000);  // the answer was a file, or none came
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => rest(form, false)));
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });
  /* A slider and a number field that show the same: each names the other in data-mirror. */
  document.addEventListener("input", (event) => {
    const other = document.getElementById(event.target.dataset.mirror || "");
    if (other) other.value = event.target.value;
  });
  /* The admin frame writes a chosen file's name into a text field that our forms do not have: tell it that they are looked after. */
  document.querySelectorAll(".mo-page input[type=file]").forEach((input) => { input.hasChangeListener = true; });
  paint(document);
  document.addEventListener("htmx:afterSettle", (event) => paint(event.target));
  window.addEventListener("resize", () => document.querySelectorAll("[data-chart]").forEach((element) => {
    const chart = window.echarts && window.echarts.getInstanceByDom(element);
    if (!chart) return;
    chart.resize();
    draw(element);  // how many labels fit depends on the width
  }));
  new MutationObserver(() => paint(document)).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
