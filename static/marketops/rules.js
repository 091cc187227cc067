/* The rule builder. The page gives the fields (#rule-fields), the choices (#rule-choices), the words
   (#rule-words) and the rule (#rule-tree); what is built goes into the form's `tree` as JSON and is tried
   out on the server a moment after each change. The elements are the state: each group and condition reads
   itself. */
(function () {
  "use strict";
  const form = document.getElementById("rule");
  if (!form) return;
  const json = (id) => JSON.parse(document.getElementById(id).textContent);
  const words = json("rule-words"), groups = json("rule-fields"), choices = json("rule-choices");
  const fields = new Map(groups.flatMap((group) => group.fields.map((field) => [field.key, field])));
  const DEEPEST = 6, PAUSE = 350;
  const root = form.querySelector("[data-rule]"), outcome = document.getElementById("outcome");
  const PLURALS = { category: "categories", brand: "brands", product: "products" };
  let counter = 0;

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties || {});
    element.append(...children);
    return element;
  }
  function select(options, chosen, label) {
    const element = make("select", { ariaLabel: label });
    options.forEach(([value, text]) => element.append(make("option",
        { value, textContent: text, selected: value === chosen })));
    return element;
  }
  function input(type, value, label, extra) {
    return make("input", Object.assign({ type, value: value === undefined || value === null ? "" : value,
        ariaLabel: label }, extra || {}));
  }
  const button = (text, act, label) => {
    const element = make("button",
        { type: "button", className: "mo-button", textContent: text, onclick: act });
    if (label) element.ariaLabel = label;
    return element;
  };

  /* Every kind of input is {element, read}; read gives undefined while something is missing. */
  function numberInput(value, field) {
    const share = field.unit === "share", known = typeof value === "number";
    const element = input("number", known ? (share ? Math.round(value * 1e6) / 1e4 : value) : "",
        words.value, { step: "any", className: "short" });
    const unit = share ? "%"
        : { money: choices.currency, days: words.days, minutes: words.minutes }[field.unit] || "";
    return { element: make("span", { className: "mo-inline" }, element, unit),
      read: () => (element.value === "" ? undefined : share ? Math.round(Number(element.value) * 1e4) / 1e6
          : Number(element.value)) };
  }
  function daysInput(value, label) {
    const element = input("number", value, label, { min: 1, step: 1, className: "short" });
    return { element: make("span", { className: "mo-inline" }, element, words.days),
        read: () => (element.value === "" ? undefined : Number(element.value)) };
  }
  function textInput(value, known) {
    const label = known && (known.find(([recorded]) => recorded === value) || [])[1];
    const element = input("text", label || value, words.value, { maxLength: 200 });
    if (known) {  // people read labels, rules keep what is recorded
      const recorded = new Map(known.map(([value, label]) => [label, value]));
      const list = make("datalist", { id: "known-" + ++counter },
          ...known.map(([, label]) => make("option", { value: label })));
      element.setAttribute("list", list.id);
      return { element: make("span", {}, element, list),
          read: () => recorded.get(element.value.trim()) || element.value.trim() || undefined };
    }
    return { element, read: () => element.value.trim() || undefined };
  }
  function linesInput(value) {
    const element = make("textarea",
        { rows: 3, value: (value || []).join("\n"), ariaLabel: words.one_a_line,
            placeholder: words.one_a_line });
    const read = () => element.value.split("\n").map((line) => line.trim()).filter(Boolean);
    return { element, read: () => (read().length ? read() : undefined) };
  }
  function pick(known, chosen, label, none) {
    const wanted = new Set(chosen || []);
    const unknown = [...wanted].filter((value) => !known.some(([offered]) => offered === value));
    const offered = known.concat(unknown.map((value) => [value, String(value)]));
    const summary = make("summary", { className: "mo-button" });
    const boxes = offered.map(([value, text]) => {
      const box = make("input", { type: "checkbox", checked: wanted.has(value) });
      return { value, text, box, row: make("label", {}, box, " " + text) };
    });
    const name = () => {
      const names = boxes.filter(({ box }) => box.checked).map(({ text }) => text);
      const more = names.length > 3 ? " +" + (names.length - 3) : "";
      summary.textContent = label + ": " + (names.length ? names.slice(0, 3).join(", ") + more : none);
    };
    const rows = boxes.map(({ row }) => row);
    const list = make("div", { className: "list", role: "group", ariaLabel: label }, ...rows);
    const body = make("div", { className: "body" }, list);
    if (boxes.length > 10) {
      const filter = input("search", "", words.search, { placeholder: words.search });
      filter.addEventListener("input", (event) => {
        event.stopPropagation();
        const sought = filter.value.toLowerCase();
        boxes.forEach(({ row, text }) => { row.hidden = !text.toLowerCase().includes(sought); });
      });
      body.prepend(filter);
    }
    list.addEventListener("change", name);
    name();
    return { element: make("details", { className: "mo-pick" }, summary, body),
      read: () => {
        const values = boxes.filter(({ box }) => box.checked).map(({ value }) => value);
        return values.length ? values : undefined;
      } };
  }
  function singleInput(field, value) {
    if (field.kind === "bool") {
      const element = select([["yes", words.yes], ["no", words.no]], value === false ? "no" : "yes",
          words.value);
      return { element, read: () => element.value === "yes" };
    }
    if (field.kind === "date") {
      const element = input("date", value, words.value);
      return { element, read: () => element.value || undefined };
    }
    return field.kind === "text" ? textInput(value, choices[field.choices]) : numberInput(value, field);
  }
  function valueInput(field, op, arity, value) {
    if (!arity) return { element: make("span"), read: () => null };
    if (op === "last" || op === "ago") return daysInput(value, words.value);
    if (arity === 2) {
      const [low, high] = [0, 1].map((i) => singleInput(field, Array.isArray(value) ? value[i] : undefined));
      return { element: make("span", { className: "mo-inline" }, low.element, words.and, high.element),
        read: () => (low.read() === undefined || high.read() === undefined ? undefined
            : [low.read(), high.read()]) };
    }
    if (op === "in" || op === "not in") {
      const known = choices[field.choices];
      return known ? pick(known, value, words.choose, words.nothing) : linesInput(value);
    }
    return singleInput(field, value);
  }

  function condition(data) {
    const about = { place: null };
    const field = make("select", { ariaLabel: words.field });
    groups.forEach((group) => field.append(make("optgroup", { label: group.title },
      ...group.fields.map(({ key, title }) => (
        make("option", { value: key, textContent: title, selected: key === data.field }))))));
    if (data.field && !fields.has(data.field)) {  // an attribute that today's customers do not have
      const lost = { key: data.field, title: data.field.replace("attribute.", ""),
          kind: data.kind || "text", unit: "", operators: [[data.op, data.op, 1]] };
      fields.set(lost.key, lost);
      field.append(make("option", { value: lost.key, textContent: lost.title, selected: true }));
    }
    const op = make("span"), value = make("span", { className: "value" }),
        more = make("span", { className: "mo-inline more" });
    const problem = make("p", { className: "errorlist", role: "alert" }),
        help = make("p", { className: "mo-muted mo-small help" });
    let operator, shown, days, where;
    const now = () => fields.get(field.value);

    function showValue(given) {
      const [, , arity] = now().operators.find(([offered]) => offered === operator.value);
      shown = valueInput(now(), operator.value, arity, given);
      value.replaceChildren(shown.element);
    }
    function showOperators(given) {
      const offers = (op) => now().operators.some(([offered]) => offered === op);
      const usual = [given.op, operator && operator.value, ">="].find(offers);
      operator = select(now().operators.map(([op, label]) => [op, label]), usual, words.comparison);
      operator.addEventListener("change", () => showValue(undefined));
      op.replaceChildren(operator);
      showValue(given.value);
      more.replaceChildren();
      days = where = null;
      help.textContent = now().definition || "";
      if (now().kind !== "count") return;
      const filters = given.where || {};
      days = daysInput(given.days, words.in_last);
      where = Object.fromEntries(Object.entries(PLURALS).map(([name, plural]) => (
        [name, pick(choices[plural], filters[name], words[name], words.any)])));
      more.append(make("label", { className: "mo-inline" }, words.in_last, days.element),
        ...Object.entries(where)
          .filter(([name]) => choices[PLURALS[name]].length || filters[name])
          .map(([, picker]) => picker.element));
    }
    field.addEventListener("change", () => showOperators({}));
    const remove = button("×", () => about.drop(), words.remove_condition);
    const element = make("div", { className: "mo-condition", role: "group", ariaLabel: words.condition },
      make("div", { className: "row" }, field, op, value, remove), more, help, problem);
    showOperators(data);

    return Object.assign(about, { element, first: field,
      problem(text) { problem.textContent = text; element.classList.toggle("wrong", !!text); },
      nodes: () => [],
      read() {
        const result = { field: field.value, op: operator.value }, given = shown.read();
        if (given === undefined) throw about;
        if (given !== null) result.value = given;
        if (field.value.startsWith("attribute.")) result.kind = now().kind;
        if (days && days.read()) result.days = days.read();
        if (where) {
          const read = Object.entries(where).map(([name, picker]) => [name, picker.read()]);
          const named = read.filter(([, values]) => values);
          if (named.length) result.where = Object.fromEntries(named);
        }
        return result;
      } });
  }

  function group(data, depth) {
    const about = {}, how = Object.keys(data)[0] || "all", members = [];
    const chosen = select([["all", words.all], ["any", words.any_of], ["not", words.none_of]], how,
        words.how);
    const list = make("div", { className: "members" }),
        problem = make("p", { className: "errorlist", role: "alert" });
    function put(node, focus) {
      node.drop = () => {
        members.splice(members.indexOf(node), 1);
        node.element.remove();
        add.focus();
        changed();
      };
      members.push(node);
      list.append(node.element);
      if (focus) { node.first.focus(); changed(); }
    }
    const fresh = () => condition({ field: groups[0].fields[0].key });
    const add = button("+ " + words.add_condition, () => put(fresh(), true));
    const bar = make("div", { className: "mo-inline" }, add);
    if (depth < DEEPEST) bar.append(button("+ " + words.add_group, () => {
      const inner = group({ any: [] }, depth + 1);
      inner.add();
      put(inner, true);
    }));
    if (depth > 1) bar.append(button(words.remove_group, () => about.drop()));
    (data[how] || []).forEach((member) => {
      put("field" in member ? condition(member) : group(member, depth + 1), false);
    });
    return Object.assign(about,
        { element: make("fieldset", { className: "mo-rulegroup" },
            make("legend", { className: "mo-sr", textContent: words.group }), chosen, list, problem, bar),
      first: chosen, nodes: () => members, add: () => put(fresh(), false),
      problem(text) { problem.textContent = text; },
      read: () => ({ [chosen.value]: members.map((member) => member.read()) }) });
  }

  /* -- trying it out -------------------------------------------------------------------------------- */
  const tree = group(json("rule-tree"), 1);
  if (!tree.nodes().length) tree.add();
  root.append(tree.element);
  const all = (node) => [node, ...node.nodes().flatMap(all)];
  const at = (place) => place.split(".").slice(1).reduce((node, step) => node.nodes()[Number(step)] || node,
      tree);
  function read() {
    all(tree).forEach((node) => node.problem(""));
    try { return tree.read(); } catch (missing) {
      if (!missing.problem) throw missing;
      return null;
    }
  }
  let waiting, asked = 0;
  function changed() {
    clearTimeout(waiting);
    const result = read();
    form.elements.tree.value = result ? JSON.stringify(result) : "";
    outcome.setAttribute("aria-busy", "true");
    const mine = ++asked;
    if (!result) { show(words.incomplete); return; }
    waiting = setTimeout(() => ask(mine), PAUSE);
  }
  const show = (text) => { outcome.replaceChildren(make("p",
      { className: "mo-muted", textContent: text })); outcome.removeAttribute("aria-busy"); };
  async function ask(mine) {
    try {
      const answer = await fetch(form.dataset.preview,
          { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
      const body = await answer.json();
      if (mine !== asked) return;
      if (answer.ok) {
        outcome.innerHTML = body.html;  // the server's own template, escaped there
        outcome.removeAttribute("aria-busy");
      } else { at(body.place || "rule").problem(body.message); show(words.refused); }
    } catch (broken) { if (mine === asked) show(words.unreachable); }
  }
  root.addEventListener("input", changed);
  root.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    if (form.elements.tree.value) return;
    event.preventDefault();
    try { tree.read(); } catch (missing) {
      if (missing.problem) { missing.problem(words.fill_in); missing.first.focus(); }
    }
  });
  const pickers = () => document.querySelectorAll(".mo-pick[open]");
  document.addEventListener("click", (event) => pickers().forEach((picker) => {
    if (!picker.contains(event.target)) picker.open = false;
  }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    pickers().forEach((picker) => {
      picker.open = false;
      picker.querySelector("summary").focus();
    });
  });
  changed();
  if (form.dataset.place) at(form.dataset.place).problem(form.dataset.message);
})();
