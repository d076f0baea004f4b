// The search and the filters: which requirements match, and which entries of the lists around them?

const filters = { text: "", judgement: "", set: "", since: "", cause: null, sort: "worst" };

/** Whether anything but the search narrows the page. */
function isNarrowed() {
  return filters.judgement !== "" || filters.set !== "" || filters.since !== "" || filters.cause !== null;
}

/** Makes a text to search in of parts, some of which may not be there. */
function searchable(parts) {
  return parts.filter((part) => part !== null && part !== undefined).join("\n").replaceAll("`", "").toLowerCase();
}

/** Whether a thing says what is searched for; its text is made when somebody searches first. */
function says(thing, textOf) {
  if (filters.text === "") {
    return true;
  }
  thing.text ??= textOf(thing);
  return thing.text.includes(filters.text);
}

function detailText(detail) {
  const groups = [...(detail.missing ?? []), ...(detail.unknown ?? [])];
  const trust = detail.trust;
  return searchable([
    ...groups.flatMap((group) => [
      group.why, group.fix, ...group.owners,
      ...group.asked.flatMap((asked) => [...asked.actions, ...asked.resources, ...asked.regions]),
    ]),
    ...(trust ? ["trust policy", ...trust.missing, ...trust.unknown, trust.why, trust.reason, trust.fix] : []),
    detail.profile ? "no instance profile" : null,
    ...(detail.faults ?? []).flatMap((fault) => [fault.why, fault.fix]),
    ...(detail.notes ?? []),
  ]);
}

function requirementText(requirement) {
  return searchable([requirement.set, requirement.title, requirement.impact, requirement.version]);
}

function rowText(row) {
  return searchable([`${row.kind} ${row.name}`, row.arn]);
}

function cellText(cell) {
  const level = data.requirements[cell.p].level;
  return searchable([
    ...(cell.f ?? []), cellNote(cell), cell.j > 0 ? level : null,
    cell.s ? `${cell.s} since the baseline` : null, cell.m === undefined ? null : `muted ${data.mutes[cell.m]}`,
  ]);
}

/** Marks the cells of a row: which the filters let through, which the search as well, and which one cause besides. */
function markRow(row) {
  const isRowFound = says(row, rowText);
  row.isKept = false;
  for (const cell of row.cells) {
    const requirement = data.requirements[cell.p];
    const isKept =
      (filters.judgement === "" || JUDGEMENTS[cell.j] === filters.judgement) &&
      (filters.set === "" || requirement.set === filters.set) &&
      (filters.since === "" || cell.s === filters.since || (filters.since === "changed" && cell.s !== undefined));
    const isOfCause = filters.cause === null || filters.cause.details.has(cell.d);
    row.isKept ||= isKept && isOfCause;
    cell.isFound = isKept &&
      (isRowFound || says(data.details[cell.d], detailText) || says(requirement, requirementText) || says(cell, cellText));
    cell.dim = !(cell.isFound && isOfCause);
  }
  return row.cells.some((cell) => !cell.dim);
}

/** Whether a finding or change is about a principal that the filters let through; without filters all are. */
function isOfKeptRow(entry) {
  return !isNarrowed() || (rowsByArn.get(entry.arn)?.isKept ?? false);
}
