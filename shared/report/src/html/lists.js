// What stands around the map: causes, changes, findings besides, coverage, and the gaps one by one for paper.

/** Lists longer than this start short, and grow by so many. */
const FIRST = 6;
const MORE = 200;

/** What must be done before the page goes to paper. */
const printers = [];

/** Fills the list of a section; what is not shown is not made. */
function fill(section, things, makeItem) {
  const list = section.querySelector("ul");
  section.hidden = things.length === 0;
  let told = 0;
  const grow = (by) => {
    const items = things.slice(told, told + by).map(makeItem);
    told += items.length;
    rest.remove();
    list.append(...items);
    const left = things.length - told;
    if (left > 0) {
      more.textContent = left > MORE ? `Show ${MORE} more of ${numbers.format(left)}` : `Show ${left} more`;
      list.append(rest);
    }
    return items[0];
  };
  const more = button("link", "", () => {
    const item = grow(MORE);
    item.tabIndex = -1;
    item.focus();
  });
  const rest = make("li", "rest", make("span", "", ""), more);
  grow(FIRST);
  printers.push(() => told < MORE && grow(MORE - told));
}

function drawCauses() {
  const causes = new Map();
  for (const row of data.rows) {
    for (const cell of row.cells) {
      const requirement = data.requirements[cell.p];
      const detail = data.details[cell.d];
      for (const [groups, isMissing] of [[detail.missing, true], [detail.unknown, false]]) {
        for (const group of groups ?? []) {
          const key = `${isMissing} ${group.why}`;
          const cause = causes.get(key) ?? {
            why: group.why, owners: group.owners, isMissing, level: 0,
            rows: new Set(), details: new Set(), cells: 0, actions: new Set(),
          };
          cause.level = Math.max(cause.level, LEVELS.indexOf(requirement.level));
          cause.rows.add(row);
          cause.details.add(cell.d);
          cause.cells += 1;
          group.asked.forEach((asked) => asked.actions.forEach((action) => cause.actions.add(action)));
          causes.set(key, cause);
        }
      }
    }
  }
  const sorted = [...causes.values()].sort(
    (a, b) => b.isMissing - a.isMissing || b.level - a.level || b.cells - a.cells,
  );
  fill(find("causes"), sorted, causeItem);
  return sorted;
}

function causeItem(cause) {
  const level = LEVELS[cause.level];
  const owner = cause.owners.length > 0 ? `Owner: ${cause.owners.join(", ")}. ` : "";
  const why = cause.why.charAt(0).toUpperCase() + cause.why.slice(1);
  const link = button("link", why, () => {
    filters.cause = cause;
    show();
    find("map").scrollIntoView();
  });
  return make(
    "li", "",
    cause.isMissing ? badge(level) : badge("undetermined", "? unknown"),
    make("div", "what", link, make("div", "more", `${owner}${count(cause.actions.size, "action")} in ${count(cause.cells, "requirement")}`)),
    make("span", "tally", count(cause.rows.size, "principal")),
  );
}

function drawChanges() {
  const order = ["opened", "worsened", "eased", "resolved", "now-checked"];
  const words = { opened: "new", worsened: "worse", eased: "better", resolved: "resolved",
    "now-checked": "now checked, may be old" };
  const changes = [...data.changes].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level),
  );
  fill(find("since-list"), changes, (change) => {
    const fine = change.kind === "eased" || change.kind === "resolved";
    const items = ["opened", "now-checked"].includes(change.kind) ? "" : change.items.join(", ");
    const left = change.left ? "Nobody looks at it any more." : "";
    return make(
      "li", "",
      badge(fine ? "compliant" : change.level, words[change.kind]),
      make("div", "what", change.head, make("div", "more", [left, items].filter(Boolean).join(" "))),
      make("span", "tally", change.muted ? `${change.level}, muted` : change.level),
    );
  });
}

function otherItem(other, named) {
  const head = other.head.charAt(0).toUpperCase() + other.head.slice(1);
  const more = [other.impact, ...other.fix].join(" ");
  const what = make("div", "what", ...prose(head), make("div", "more", ...prose(more)));
  if (other.mute) {
    what.append(make("div", "more", other.mute));
  }
  const tally = [other.since, other.mute ? "muted" : null].filter(Boolean).join(", ");
  return named
    ? make("li", "", badge(other.level), what, make("span", "tally", tally))
    : make("li", "", badge(other.level), " ", what);
}

function drawOthers() {
  const others = [...data.others].sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level));
  fill(find("others"), others, (other) => otherItem(other, true));
}

function fact(term, value) {
  return make("div", "", make("dt", "", term), make("dd", "", numbers.format(value)));
}

function drawCoverage(causes) {
  const section = find("coverage");
  const coverage = data.coverage;
  section.querySelector("dl").append(
    fact("principals in the account", coverage.principals),
    fact("bound to action sets", coverage.bound),
    fact("requirements checked", coverage.requirements),
    fact("look like Veeam's, unbound", coverage.lookalikes.length),
    fact("could not be looked at", coverage.unseen.length),
  );
  const items = [];
  if (coverage.selected) {
    items.push("Only a selection of principals or action sets was asked for.");
  }
  items.push(...coverage.unseen.map((text) => `Not seen: ${text}.`));
  const unknown = causes.filter((cause) => !cause.isMissing);
  items.push(...unknown.map((cause) => `Not known for ${count(cause.cells, "requirement")}: ${cause.why}.`));
  items.push(...coverage.unread_keys.map((who) => `The access keys of ${who} were not read.`));
  if (coverage.not_checked > 0) {
    items.push(`Not checked for ${count(coverage.not_checked, "compliant requirement")}: a policy of a key, bucket or vault that also decides.`);
  }
  items.push(...coverage.lookalikes.map((who) => `Looks like Veeam's and is bound to nothing, so nobody checked it: ${who}.`));
  items.push(...coverage.unused.map((text) => `A binding in the settings matched no principal: ${text}.`));
  const lines = items.length > 0 ? items : ["Everything that was asked for was looked at."];
  fill(section, lines, (line) => make("li", "", ...prose(line)));
}

/** On paper nothing can be opened, so every gap is told in full; the first few hundred. */
function drawCases() {
  const cases = shown.flatMap((row) => row.cells.filter((cell) => cell.j > 0 && !cell.dim));
  const told = cases.slice(0, 300).map((cell) =>
    make(
      "article", "case detail",
      make("h3", "", make("span", "kind", cell.row.kind), " ", cell.row.name),
      make("p", "arn", make("code", "", cell.row.arn)),
      ...requirementParts(cell.row, cell),
    ),
  );
  if (cases.length > told.length) {
    told.push(paragraph("hint", `And ${cases.length - told.length} more, which the page on the screen holds.`));
  }
  const section = find("cases");
  section.hidden = cases.length === 0;
  section.querySelector("div").replaceChildren(...told);
}
