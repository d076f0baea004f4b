// The map: one row a principal, one column an action set; off the screen a row costs next to nothing (content-visibility).

/** The action sets as columns, those with the most drift first. */
const columns = (() => {
  const bySet = new Map();
  for (const row of data.rows) {
    for (const cell of row.cells) {
      const plan = data.plans[cell.p];
      const column = bySet.get(plan.set) ?? { set: plan.set, title: plan.title, drifted: 0, unknown: 0 };
      column.drifted += cell.j === 2 ? 1 : 0;
      column.unknown += cell.j === 1 ? 1 : 0;
      bySet.set(plan.set, column);
    }
  }
  const sorted = [...bySet.values()].sort(
    (a, b) => b.drifted - a.drifted || b.unknown - a.unknown || (a.set < b.set ? -1 : 1),
  );
  sorted.forEach((column, at) => {
    column.at = at;
  });
  return new Map(sorted.map((column) => [column.set, column]));
})();

const grid = find("grid");
const filters = { text: "", judgement: "", set: "", since: "", cause: null, sort: "worst" };

/** How bad a row is: the worst judgement, then its level, then how much. */
function weigh(row) {
  let worst = 0;
  let missing = 0;
  for (const cell of row.cells) {
    const level = LEVELS.indexOf(data.plans[cell.p].level);
    const muted = cell.m !== undefined ? 5 : 0;
    worst = Math.max(worst, cell.j === 0 ? 0 : cell.j * 10 + level - muted);
    missing += data.details[cell.d].m;
  }
  row.worst = worst;
  row.missing = missing;
}

function makeCell(row, cell) {
  const plan = data.plans[cell.p];
  const element = make("div", `cell ${JUDGEMENTS[cell.j]}`, cellMark(cell), make("span", "", plan.set));
  if (cell.j === 2) {
    element.classList.add(plan.level);
  }
  if (cell.s) {
    element.classList.add("changed");
  }
  if (cell.m !== undefined) {
    element.classList.add("muted");
  }
  const column = columns.get(plan.set);
  element.setAttribute("role", "gridcell");
  element.setAttribute("aria-colindex", String(column.at + 2));
  element.setAttribute("aria-label", cellWords(row, cell));
  element.tabIndex = -1;
  element.style.gridColumn = String(column.at + 2);
  cell.element = element;
  cell.column = column.at;
  cell.row = row;
  element.item = cell;
  return element;
}

function makeRow(row) {
  const path = row.arn.slice(row.arn.indexOf("/"), row.arn.length - row.name.length);
  const small = path.length > 1 ? `${row.kind} ${path}` : row.kind;
  const name = make("div", "name", make("b", "", row.name), make("small", "", small));
  name.setAttribute("role", "rowheader");
  name.setAttribute("aria-colindex", "1");
  name.title = row.arn;
  name.tabIndex = -1;
  row.column = -1;
  row.row = row;
  row.nameElement = name;
  name.item = row;
  row.cells.sort((a, b) => columns.get(data.plans[a.p].set).at - columns.get(data.plans[b.p].set).at);
  const element = make("div", row.cells.some((cell) => cell.j > 0) ? "row" : "row fine", name);
  element.setAttribute("role", "row");
  for (const cell of row.cells) {
    element.append(makeCell(row, cell));
  }
  row.element = element;
  return element;
}

function makeHeads() {
  const first = make("div", "head first", make("span", "", "Principal"));
  first.setAttribute("role", "columnheader");
  first.setAttribute("aria-colindex", "1");
  const heads = make("div", "row heads", first);
  heads.setAttribute("role", "row");
  for (const column of columns.values()) {
    const head = make("div", "head", make("span", "", column.set));
    head.setAttribute("role", "columnheader");
    head.setAttribute("aria-colindex", String(column.at + 2));
    head.title = column.title;
    head.style.gridColumn = String(column.at + 2);
    heads.append(head);
  }
  return heads;
}

function cellMatches(cell, rowMatches) {
  const plan = data.plans[cell.p];
  return (
    (filters.judgement === "" || JUDGEMENTS[cell.j] === filters.judgement) &&
    (filters.set === "" || plan.set === filters.set) &&
    (filters.since === "" || cell.s === filters.since || (filters.since === "changed" && cell.s !== undefined)) &&
    (filters.cause === null || filters.cause.details.has(cell.d)) &&
    (rowMatches || filters.found[cell.d] || plan.set.includes(filters.text) || plan.title.toLowerCase().includes(filters.text))
  );
}

/** Shows what matches, in order, and says how much that is. */
function show() {
  filters.found = detailTexts.map((text) => text.includes(filters.text));
  const isFiltered =
    filters.text || filters.judgement || filters.set || filters.since || filters.cause;
  let shown = 0;
  for (const row of data.rows) {
    const rowMatches = row.arn.toLowerCase().includes(filters.text);
    let any = false;
    for (const cell of row.cells) {
      const matches = cellMatches(cell, rowMatches);
      any ||= matches;
      if (cell.dim !== !matches) {
        cell.dim = !matches;
        cell.element.classList.toggle("dim", cell.dim);
      }
    }
    if (row.hidden !== !any) {
      row.hidden = !any;
      row.element.hidden = row.hidden;
    }
    shown += any ? 1 : 0;
  }
  const all = count(data.rows.length, "principal");
  find("status").textContent = isFiltered
    ? `${numbers.format(shown)} of ${all}${filters.cause ? `, one cause: ${filters.cause.why}` : ""}`
    : all;
  find("nothing").hidden = shown > 0;
  for (const tile of document.querySelectorAll("button.tile")) {
    tile.setAttribute("aria-pressed", String(tile.dataset.judgement === filters.judgement));
  }
  keepOneTabStop();
}

const ORDERS = {
  worst: (a, b) => b.worst - a.worst || b.missing - a.missing || (a.arn < b.arn ? -1 : 1),
  missing: (a, b) => b.missing - a.missing || b.worst - a.worst || (a.arn < b.arn ? -1 : 1),
  name: (a, b) => a.name.localeCompare(b.name, "en") || (a.arn < b.arn ? -1 : 1),
};

function sort() {
  data.rows.sort(ORDERS[filters.sort]);
  data.rows.forEach((row, at) => {
    row.at = at;
    row.element.setAttribute("aria-rowindex", String(at + 2));
  });
  grid.append(...data.rows.map((row) => row.element));
}

// One tab stop for the whole map; the arrow keys move within.
let current = null;

function elementOf(item) {
  return item.nameElement ?? item.element;
}

function keepOneTabStop() {
  if (current && !current.row.hidden) {
    return;
  }
  const first = data.rows.find((row) => !row.hidden);
  if (first) {
    setCurrent(first);
  }
}

function setCurrent(item) {
  if (current) {
    elementOf(current).tabIndex = -1;
  }
  current = item;
  elementOf(item).tabIndex = 0;
}

function go(item) {
  setCurrent(item);
  const element = elementOf(item);
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** The item of a row that lies in or nearest to a column. */
function nearest(row, column) {
  return [row, ...row.cells].reduce((best, item) =>
    Math.abs(item.column - column) < Math.abs(best.column - column) ? item : best,
  );
}

/** The next shown row so many steps away, or the last one before the end. */
function step(row, steps) {
  const by = Math.sign(steps);
  let found = row;
  let left = Math.abs(steps);
  for (let at = row.at + by; left > 0 && at >= 0 && at < data.rows.length; at += by) {
    if (!data.rows[at].hidden) {
      found = data.rows[at];
      left -= 1;
    }
  }
  return found;
}

function moveBy(event) {
  const item = event.target.item;
  if (!item) {
    return null;
  }
  const row = item.row;
  const items = [row, ...row.cells];
  const at = items.indexOf(item);
  const end = data.rows.length;
  switch (event.key) {
    case "ArrowLeft":
      return items[Math.max(at - 1, 0)];
    case "ArrowRight":
      return items[Math.min(at + 1, items.length - 1)];
    case "ArrowUp":
      return nearest(step(row, -1), item.column);
    case "ArrowDown":
      return nearest(step(row, 1), item.column);
    case "PageUp":
      return nearest(step(row, -10), item.column);
    case "PageDown":
      return nearest(step(row, 10), item.column);
    case "Home":
      return event.ctrlKey ? step(row, -end) : row;
    case "End":
      return event.ctrlKey ? nearest(step(row, end), item.column) : items[items.length - 1];
    default:
      return null;
  }
}

function listen() {
  grid.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.item) {
      event.preventDefault();
      open(event.target.item);
      return;
    }
    const item = moveBy(event);
    if (item) {
      event.preventDefault();
      go(item);
    }
  });
  grid.addEventListener("click", (event) => {
    const element = event.target.closest(".cell, .name");
    if (element?.item) {
      setCurrent(element.item);
      open(element.item);
    }
  });
}

function drawMap() {
  data.rows.forEach(weigh);
  grid.classList.toggle("many", data.rows.length > 200);
  grid.style.setProperty("--sets", String(columns.size));
  grid.setAttribute("aria-rowcount", String(data.rows.length + 1));
  grid.setAttribute("aria-colcount", String(columns.size + 1));
  data.rows.forEach(makeRow);
  grid.append(makeHeads());
  sort();
  listen();
  find("map").hidden = data.rows.length === 0;
}
