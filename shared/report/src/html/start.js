// Puts everything in its place and listens.

function drawBar() {
  const sums = [0, 0, 0];
  data.rows.forEach((row) => row.cells.forEach((cell) => { sums[cell.j] += 1; }));
  const bar = document.querySelector(".bar");
  for (const at of [2, 1, 0]) {
    if (sums[at] > 0) {
      const part = make("i", JUDGEMENTS[at]);
      part.style.flexGrow = String(sums[at]);
      bar.append(part);
    }
  }
  bar.hidden = sums.every((number) => number === 0);
}

function drawLegend() {
  const entry = (className, mark, text) => make("li", "", make("span", `cell ${className}`, make("i", "box", mark)), text);
  const entries = [
    entry("drifted critical", "7", "critical, 7 actions missing"),
    entry("drifted high", "3", "high"),
    entry("drifted medium", "2", "medium"),
    entry("drifted low", "1", "low"),
    entry("drifted low", "✕", "no action, but trust, instance profile or a resource"),
    entry("undetermined", "?", "undetermined"),
    entry("compliant", "✓", "compliant"),
  ];
  if (data.compared) {
    entries.push(entry("compliant changed", "✓", "changed since the baseline"));
  }
  if (data.mutes.length > 0) {
    entries.push(entry("drifted medium muted", "2", "muted"));
  }
  document.querySelector(".legend").append(...entries);
}

function reset() {
  Object.assign(filters, { text: "", judgement: "", set: "", since: "", cause: null });
  for (const id of ["search", "judgement", "set", "since"]) {
    find(id).value = "";
  }
  show();
}

function listenToTools() {
  let waiting = 0;
  find("search").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      filters.text = event.target.value.trim().toLowerCase();
      show();
    }, 90);
  });
  for (const id of ["judgement", "set", "since"]) {
    find(id).addEventListener("change", (event) => {
      filters[id] = event.target.value;
      show();
    });
  }
  find("sort").addEventListener("change", (event) => {
    filters.sort = event.target.value;
    sort();
    show();
  });
  find("reset").addEventListener("click", reset);
  find("reset-too").addEventListener("click", reset);
  for (const tile of document.querySelectorAll("button.tile")) {
    tile.addEventListener("click", () => {
      const judgement = tile.dataset.judgement;
      filters.judgement = filters.judgement === judgement ? "" : judgement;
      find("judgement").value = filters.judgement;
      show();
      find("map").scrollIntoView();
    });
  }
}

/** The ways to the parts of the page that are there. */
function drawNav() {
  const nav = document.querySelector("nav");
  for (const link of nav.children) {
    link.hidden = document.querySelector(link.getAttribute("href")).hidden;
  }
  nav.hidden = false;
}

function toPaper() {
  printers.forEach((unfold) => unfold());
  setOnPaper(true);
  drawCases();
}

function fromPaper() {
  setOnPaper(false);
}

for (const column of [...columns].sort((a, b) => (a.set < b.set ? -1 : 1))) {
  const option = make("option", "", column.set);
  option.value = column.set;
  find("set").append(option);
}
find("since-label").hidden = !data.compared;
drawBar();
drawLegend();
drawMap();
chooseView();
noteFindings();
const causes = addCauses();
addChanges();
addOthers();
addCoverage(causes);
drawNav();
listenToSheet();
listenToTools();
show();
window.addEventListener("beforeprint", toPaper);
window.addEventListener("afterprint", fromPaper);
matchMedia("print").addEventListener("change", (event) => (event.matches ? toPaper() : fromPaper()));
window.addEventListener("hashchange", followFragment);
followFragment();
document.documentElement.dataset.ready = "true";
