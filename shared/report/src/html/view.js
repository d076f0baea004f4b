// The list and the map: two views of the same rows. The list is the view of narrow screens and of paper as well.

const narrow = matchMedia("(max-width: 40rem)");

/** With less than this part of its places filled a map is mostly empty, and the list is easier to read. */
const MOSTLY_EMPTY = 1 / 3;

let isMap = true;

function isList() {
  return !isMap || narrow.matches;
}

function setView(view) {
  isMap = view === "map";
  document.documentElement.dataset.view = view;
  for (const element of document.querySelectorAll(".views button")) {
    element.setAttribute("aria-pressed", String(element.dataset.view === view));
  }
}

function chooseView() {
  const cells = data.rows.reduce((sum, row) => sum + row.cells.length, 0);
  const isMostlyEmpty = cells < data.rows.length * columns.length * MOSTLY_EMPTY;
  setView(isMostlyEmpty ? "list" : "map");
  find("view-why").hidden = !isMostlyEmpty;
  for (const element of document.querySelectorAll(".views button")) {
    element.addEventListener("click", () => {
      find("view-why").hidden = true;
      setView(element.dataset.view);
      show();
    });
  }
}
