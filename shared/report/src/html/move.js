// Moving on the rows: one tab stop for all of them; the arrow keys move within.

/** The cell or name that the keyboard is on. */
let current = null;

function setCurrent(item) {
  if (current?.element) {
    current.element.tabIndex = -1;
  }
  current = item;
  fillBlock(blockOf(item.row));
  item.element.tabIndex = 0;
}

function go(item) {
  setCurrent(item);
  item.element.focus({ preventScroll: true });
  item.element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
}

/** The item of a row that lies in or nearest to a column. */
function nearest(row, column) {
  return [row, ...cellsOf(row)].reduce((best, item) =>
    Math.abs(item.column.at - column.at) < Math.abs(best.column.at - column.at) ? item : best,
  );
}

/** The shown row so many steps away, or the last one before the end. */
function step(row, steps) {
  return shown[Math.min(Math.max(row.place + steps, 0), shown.length - 1)];
}

/** On the list the cells of a row stand below one another, beside its name. */
function moveOnList(item, key, isFar) {
  const row = item.row;
  const cells = cellsOf(row);
  const at = cells.indexOf(item);
  const end = shown.length;
  const to = (other) => (item === row ? other : cellsOf(other)[0]);
  const above = step(row, -1);
  const below = step(row, 1);
  const last = cellsOf(step(row, end)).at(-1);
  switch (key) {
    case "ArrowLeft":
      return row;
    case "ArrowRight":
      return item === row ? cells[0] : item;
    case "ArrowUp":
      return item === row ? above : (cells[at - 1] ?? (above === row ? item : cellsOf(above).at(-1)));
    case "ArrowDown":
      return item === row ? below : (cells[at + 1] ?? (below === row ? item : cellsOf(below)[0]));
    case "PageUp":
      return to(step(row, -10));
    case "PageDown":
      return to(step(row, 10));
    case "Home":
      return isFar ? step(row, -end) : row;
    case "End":
      return isFar ? last : cells.at(-1);
    default:
      return null;
  }
}

function moveBy(event) {
  const item = event.target.item;
  if (!item) {
    return null;
  }
  if (isList()) {
    return moveOnList(item, event.key, event.ctrlKey);
  }
  const row = item.row;
  const items = [row, ...cellsOf(row)];
  const at = items.indexOf(item);
  const end = shown.length;
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

function listenToKeys() {
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
