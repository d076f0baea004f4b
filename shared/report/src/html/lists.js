// What stands around the rows: causes, changes, findings besides, coverage, and the gaps one by one for paper.

/** Lists longer than this start short, unless hardly anything would be left out, and grow by so many. */
const FIRST = 6;
const HARDLY = 3;
const MORE = 200;

/** What must be done before the page goes to paper. */
const printers = [];

/** The lists by name; each is drawn anew when a filter changes. */
const lists = {};

/** The list of a section: what is not shown is not made. `name` is what its entries are called where they are counted. */
function addList(key, { id, name, entries, makeItem, matches }) {
  const section = find(id);
  const list = section.querySelector("ul");
  section.hidden = entries.length === 0;
  let found = entries;
  let told = 0;
  const elements = new Map();
  const more = button("link", "", () => {
    const item = grow(MORE);
    item.tabIndex = -1;
    item.focus();
  });
  const rest = make("li", "rest", make("span", "", ""), more);
  const grow = (by) => {
    const items = found.slice(told, told + by).map((entry) => {
      const item = makeItem(entry);
      elements.set(entry, item);
      return item;
    });
    told += items.length;
    rest.remove();
    list.append(...items);
    const left = found.length - told;
    if (left > 0) {
      more.textContent = left > MORE ? `Show ${MORE} more of ${numbers.format(left)}` : `Show ${left} more`;
      list.append(rest);
    }
    return items[0];
  };
  const draw = () => {
    const matching = entries.filter(matches);
    const isSame = matching.length === found.length && matching.every((entry, at) => entry === found[at]);
    if (isSame && told > 0) {
      return;
    }
    found = matching;
    told = 0;
    elements.clear();
    list.replaceChildren();
    grow(found.length <= FIRST + HARDLY ? found.length : FIRST);
    if (found.length === 0 && entries.length > 0) {
      list.append(make("li", "nothing", make("span", "what", `Nothing of these ${numbers.format(entries.length)} matches.`)));
    }
  };
  lists[key] = {
    id, name, draw,
    get found() {
      return found.length;
    },
    isShown: (entry) => found.includes(entry),
    elementOf: (entry) => {
      grow(Math.max(0, found.indexOf(entry) + 1 - told));
      return elements.get(entry);
    },
  };
  printers.push(() => told < MORE && grow(MORE - told));
}

function drawLists() {
  Object.values(lists).forEach((list) => list.draw());
}

function addCauses() {
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
            rows: new Set(), details: new Set(), cells: [], actions: new Set(),
          };
          cause.level = Math.max(cause.level, LEVELS.indexOf(requirement.level));
          cause.rows.add(row);
          cause.details.add(cell.d);
          cause.cells.push(cell);
          group.asked.forEach((asked) => asked.actions.forEach((action) => cause.actions.add(action)));
          causes.set(key, cause);
        }
      }
    }
  }
  const sorted = [...causes.values()].sort(
    (a, b) => b.isMissing - a.isMissing || b.level - a.level || b.cells.length - a.cells.length,
  );
  addList("causes", {
    id: "causes", name: "in the causes", entries: sorted, makeItem: causeItem,
    matches: (cause) => cause === filters.cause || cause.cells.some((cell) => cell.isFound),
  });
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
    make("div", "what", link, make("div", "more", `${owner}${count(cause.actions.size, "action")} in ${count(cause.cells.length, "requirement")}`)),
    make("span", "tally", count(cause.rows.size, "principal")),
  );
}

function addChanges() {
  const order = ["opened", "worsened", "eased", "resolved", "now-checked"];
  const words = { opened: "new", worsened: "worse", eased: "better", resolved: "resolved",
    "now-checked": "now checked, may be old" };
  const changes = [...data.changes].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level),
  );
  addList("changes", {
    id: "since-list", name: "since the baseline", entries: changes, makeItem: changeItem,
    matches: (change) => isOfKeptRow(change) && says(change, () => searchable([words[change.kind], change.head, ...change.items, ...(change.by ?? []), change.level, change.arn, change.set, change.code, change.id])),
  });

  function changeItem(change) {
    const fine = change.kind === "eased" || change.kind === "resolved";
    const items = ["opened", "now-checked"].includes(change.kind) ? "" : change.items.join(", ");
    const place = placeOf(change);
    const head = place ? button("link", change.head, (event) => goTo(place, event.currentTarget)) : change.head;
    const left = change.left ? "Nobody looks at it any more." : "";
    return make(
      "li", "",
      badge(fine ? "compliant" : change.level, words[change.kind]),
      make("div", "what", head, make("div", "more", [left, items, ...(change.by ?? [])].filter(Boolean).join(" "))),
      make("span", "tally", change.muted ? `${change.level}, muted` : change.level),
    );
  }
}

function otherItem(other, isInList) {
  const head = other.head.charAt(0).toUpperCase() + other.head.slice(1);
  const more = [other.impact, ...other.fix].join(" ");
  const what = make("div", "what", ...prose(head), make("div", "more", ...prose(more)));
  if (other.mute) {
    what.append(make("div", "more", other.mute));
  }
  const copiers = [copyButton("link", linkTo("finding", other.id), other.head)];
  if (other.arn && isInList) {
    copiers.unshift(copyButton("ARN", other.arn, other.head));
  }
  what.append(make("div", "more ids", make("code", "", `${other.code} ${other.id}`), ...copiers));
  const tally = [other.since, other.mute ? "muted" : null].filter(Boolean).join(", ");
  return isInList
    ? make("li", "", badge(other.level), what, make("span", "tally", tally))
    : make("li", "", badge(other.level), " ", what);
}

function addOthers() {
  const others = [...data.others].sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level));
  addList("others", {
    id: "others", name: "besides the requirements", entries: others, makeItem: (other) => otherItem(other, true),
    matches: (other) => isOfKeptRow(other) && says(other, () => searchable([
      other.head, other.impact, ...other.why, ...other.fix, ...other.owners, other.arn, other.set, other.code, other.id,
      other.level, other.since, other.mute,
    ])),
  });
}

function fact(term, value) {
  return make("div", "", make("dt", "", term), make("dd", "", numbers.format(value)));
}

function addCoverage(causes) {
  const section = find("coverage");
  const coverage = data.coverage;
  section.querySelector("dl").append(
    fact("principals in the account", coverage.principals),
    fact("bound to action sets", coverage.bound),
    ...(data.rows.length < coverage.bound ? [fact("of these checked", data.rows.length)] : []),
    fact("requirements checked", coverage.requirements),
    fact("look like Veeam's, unbound", coverage.lookalikes.length),
    fact("could not be looked at", coverage.unseen.length),
  );
  const items = [];
  if (coverage.selected) {
    items.push("Only a selection of principals or action sets was asked for.");
  }
  items.push(...coverage.idle.map((text) => `Bound, but not checked: ${text}.`));
  items.push(...coverage.unseen.map((text) => `Not seen: ${text}.`));
  const unknown = causes.filter((cause) => !cause.isMissing);
  items.push(...unknown.map((cause) => `Not known for ${count(cause.cells.length, "requirement")}: ${cause.why}.`));
  items.push(...coverage.unread_keys.map((who) => `The access keys of ${who} were not read.`));
  if (coverage.not_checked > 0) {
    items.push(`Not checked for ${count(coverage.not_checked, "compliant requirement")}: a policy of a key, bucket or vault that also decides.`);
  }
  items.push(...coverage.lookalikes.map((who) => `Has a name like Veeam's but no tag, so it was not checked: ${who}.`));
  items.push(...coverage.unused.map((text) => `A binding in the settings matched no principal: ${text}.`));
  const lines = items.length > 0 ? items : ["Everything that was asked for was looked at."];
  addList("coverage", {
    id: "coverage", name: "under coverage", entries: lines.map((line) => ({ line })),
    makeItem: ({ line }) => make("li", "", ...prose(line)),
    matches: (entry) => says(entry, () => searchable([entry.line])),
  });
}

/** On paper nothing can be opened, so every gap is told in full; the first few hundred. */
function drawCases() {
  const cases = shown.flatMap((row) => row.cells.filter((cell) => cell.j > 0 && !cell.dim));
  const told = cases.slice(0, 300).map((cell) =>
    make(
      "article", "case detail",
      make("h3", "", make("span", "kind", cell.row.kind), " ", cell.row.name),
      arnLine(cell.row.arn),
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
