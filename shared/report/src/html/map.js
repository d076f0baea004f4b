// The rows: one a principal, with a cell for each of its action sets. Which are shown, in which order, and what is in a row?

/** The action sets as columns, those with the most drift first; `at` is the place on the screen, -1 for none. */
const columns = (() => {
  const bySet = new Map();
  for (const row of data.rows) {
    for (const cell of row.cells) {
      const requirement = data.requirements[cell.p];
      const column = bySet.get(requirement.set) ?? { set: requirement.set, title: requirement.title, drifted: 0, unknown: 0, at: -1 };
      column.drifted += cell.j === 2 ? 1 : 0;
      column.unknown += cell.j === 1 ? 1 : 0;
      bySet.set(requirement.set, column);
      cell.column = column;
    }
  }
  return [...bySet.values()].sort(
    (a, b) => b.drifted - a.drifted || b.unknown - a.unknown || (a.set < b.set ? -1 : 1),
  );
})();

const grid = find("grid");

/** The rows that match the filters, in order. */
let shown = [];

/** Once for every row: how bad it is: the worst judgement, then its level, then how much. */
function prepare(row) {
  row.row = row;
  row.column = { at: -1 };
  row.worst = 0;
  row.missing = 0;
  for (const cell of row.cells) {
    const requirement = data.requirements[cell.p];
    const muted = cell.m !== undefined ? 5 : 0;
    cell.row = row;
    row.worst = Math.max(row.worst, cell.j === 0 ? 0 : cell.j * 10 + LEVELS.indexOf(requirement.level) - muted);
    row.missing += data.details[cell.d].m;
  }
  row.cells.sort((a, b) => columns.indexOf(a.column) - columns.indexOf(b.column));
}

function makeCell(cell) {
  const requirement = data.requirements[cell.p];
  const words = [cell.j > 0 ? requirement.level : JUDGEMENTS[0], cellNote(cell)].filter(Boolean).join(", ");
  const element = make(
    "div", `cell ${JUDGEMENTS[cell.j]}`,
    make("i", "box", cellMark(cell)), make("span", "set", requirement.set), make("span", "note", words),
  );
  const states = { [requirement.level]: cell.j === 2, changed: cell.s, muted: cell.m !== undefined, dim: cell.dim };
  element.classList.add(...Object.keys(states).filter((state) => states[state]));
  element.setAttribute("role", "gridcell");
  element.setAttribute("aria-colindex", String(cell.column.at + 2));
  element.setAttribute("aria-label", cellWords(cell));
  element.style.setProperty("--at", String(cell.column.at + 2));
  return bear(cell, element);
}

/** An item of the map, a cell or the name of a row, gets the element that it has on the page for now. */
function bear(item, element) {
  element.tabIndex = item === current ? 0 : -1;
  element.item = item;
  item.element = element;
  return element;
}

function makeRow(row) {
  const path = row.arn.slice(row.arn.indexOf("/"), row.arn.length - row.name.length);
  const small = path.length > 1 ? `${row.kind} ${path}` : row.kind;
  const name = make("div", "name", make("b", "", row.name), make("small", "", small));
  name.setAttribute("role", "rowheader");
  name.setAttribute("aria-colindex", "1");
  name.title = row.arn;
  const isFine = row.cells.every((cell) => cell.j === 0);
  const element = make("div", isFine ? "row fine" : "row", bear(row, name), ...cellsOf(row).map(makeCell));
  element.setAttribute("role", "row");
  element.setAttribute("aria-rowindex", String(row.place + 2));
  return element;
}

/** The cells of a row that stand on the map for now. */
function cellsOf(row) {
  return row.cells.filter((cell) => cell.column.at >= 0);
}

function makeHeads() {
  const first = make("div", "head first", make("span", "", "Principal"));
  first.setAttribute("role", "columnheader");
  first.setAttribute("aria-colindex", "1");
  const heads = make("div", "row heads", first);
  heads.setAttribute("role", "row");
  for (const column of columns.filter((one) => one.at >= 0)) {
    const drifted = make("small", column.drifted > 0 ? "drifted" : "", String(column.drifted));
    drifted.append(make("i", "away", " drifted"));
    const head = make("div", "head", make("span", "", column.set), drifted);
    head.setAttribute("role", "columnheader");
    head.setAttribute("aria-colindex", String(column.at + 2));
    head.title = column.title;
    head.style.gridColumn = String(column.at + 2);
    heads.append(head);
  }
  return heads;
}

/** Shows what matches, in order, and says how much that is. */
function show() {
  shown = data.rows.filter((row) => {
    row.place = -1;
    return markRow(row);
  });
  shown.forEach((row, at) => {
    row.place = at;
  });
  if (!current || current.row.place < 0) {
    current = shown[0] ?? null;
  }
  layColumns();
  grid.setAttribute("aria-rowcount", String(shown.length + 1));
  grid.parentElement.scrollTop = 0;
  layBlocks();
  drawLists();
  tellHowMuch();
}

/** Lays out the columns in which something matches. */
function layColumns() {
  const used = new Set(shown.flatMap((row) => row.cells.filter((cell) => !cell.dim).map((cell) => cell.column)));
  let at = 0;
  for (const column of columns) {
    column.at = used.has(column) ? at : -1;
    at += used.has(column) ? 1 : 0;
  }
  if (current && current.column.at < 0) {
    current = current.row;
  }
  grid.style.setProperty("--sets", String(at));
  grid.setAttribute("aria-colcount", String(at + 1));
  const heads = makeHeads();
  grid.querySelector(".heads")?.remove();
  grid.prepend(heads);
  // What gets the focus comes to lie beside the heads, not under them.
  grid.parentElement.style.scrollPaddingTop = `${heads.offsetHeight}px`;
}

function tellHowMuch() {
  const all = count(data.rows.length, "principal");
  const isFiltered = filters.text !== "" || isNarrowed();
  const cause = filters.cause ? `, one cause: ${filters.cause.why.replaceAll("`", "")}` : "";
  const said = [isFiltered ? `${numbers.format(shown.length)} of ${all}${cause}` : all];
  // The lists lie below the screen: without this nobody would look for what was found there.
  for (const list of Object.values(lists).filter((one) => filters.text !== "" && one.found > 0)) {
    const link = make("a", "", `${numbers.format(list.found)} ${list.name}`);
    link.href = `#${list.id}`;
    said.push(", ", link);
  }
  find("status").replaceChildren(...said);
  find("nothing").hidden = shown.length > 0;
  for (const tile of document.querySelectorAll("button.tile")) {
    tile.setAttribute("aria-pressed", String(tile.dataset.judgement === filters.judgement));
  }
}

const ORDERS = {
  worst: (a, b) => b.worst - a.worst || b.missing - a.missing || (a.arn < b.arn ? -1 : 1),
  missing: (a, b) => b.missing - a.missing || b.worst - a.worst || (a.arn < b.arn ? -1 : 1),
  name: (a, b) => a.name.localeCompare(b.name, "en") || (a.arn < b.arn ? -1 : 1),
};

function sort() {
  data.rows.sort(ORDERS[filters.sort]);
}

function drawMap() {
  data.rows.forEach(prepare);
  sort();
  listenToKeys();
  listenToScrolling();
  find("map").hidden = data.rows.length === 0;
}
