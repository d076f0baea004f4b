// Links to one finding, requirement or principal: `#finding/ID`, `#requirement/ARN/SET`, `#principal/ARN`.

const rowsByArn = new Map(data.rows.map((row) => [row.arn, row]));

/** Where each finding stands: a cell, or an entry of a list. */
const findings = new Map();

function noteFindings() {
  for (const row of data.rows) {
    for (const cell of row.cells) {
      for (const finding of cell.f ?? []) {
        findings.set(finding.slice(0, finding.indexOf(" ")), { item: cell });
      }
    }
  }
  for (const other of data.others) {
    findings.set(other.id, { other });
  }
}

function cellOf(arn, set) {
  return rowsByArn.get(arn)?.cells.find((cell) => data.requirements[cell.p].set === set);
}

function linkTo(...parts) {
  return `${location.href.split("#")[0]}#${parts.map(encodeURIComponent).join("/")}`;
}

function linkOf(item) {
  return item === item.row ? linkTo("principal", item.arn) : linkTo("requirement", item.row.arn, data.requirements[item.p].set);
}

/** Where a change since the baseline is told in full, if the page has it still. */
function placeOf(change) {
  const place = findings.get(change.id);
  const item = cellOf(change.arn, change.set) ?? rowsByArn.get(change.arn);
  return place ?? (item ? { item } : null);
}

function goTo(place, opener) {
  if (place.item) {
    open(place.item, opener);
  } else {
    reveal(place.other);
  }
}

/** Shows an entry of the list of findings besides, whatever is filtered, and gives it the focus. */
function reveal(other) {
  if (!lists.others.isShown(other)) {
    reset();
  }
  const element = lists.others.elementOf(other);
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center", behavior: "instant" });
}

function placeOfFragment() {
  let parts = [];
  try {
    parts = location.hash.slice(1).split("/").map(decodeURIComponent);
  } catch {
    return null;
  }
  const [kind, first, second] = parts;
  const item = { requirement: () => cellOf(first, second), principal: () => rowsByArn.get(first) }[kind]?.();
  return kind === "finding" ? findings.get(first) : item && { item };
}

/** Opens what the address names. */
function followFragment() {
  if (!/^#(finding|requirement|principal)\//.test(location.hash)) {
    return;
  }
  const place = placeOfFragment();
  find("no-such").hidden = Boolean(place);
  if (place) {
    goTo(place, null);
  } else {
    find("no-such").scrollIntoView({ block: "center" });
  }
}
