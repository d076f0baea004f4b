// Words for cells: how a requirement stands, for eyes and ears.
const JUDGEMENTS = ["compliant", "undetermined", "drifted"];
const MARKS = { compliant: "✓", undetermined: "?", drifted: "✕" };

/** What a cell shows: how many actions, or a mark. */
function cellMark(cell) {
  const detail = data.details[cell.d];
  if (cell.j === 2) {
    return detail.m > 0 ? String(detail.m) : "✕";
  }
  return cell.j === 1 ? "?" : "✓";
}

/** What is to be said of a cell besides its actions and its trust policy. */
function besides(cell) {
  const detail = data.details[cell.d];
  const said = [];
  if (detail.profile) {
    said.push("no instance profile");
  }
  if (detail.faults) {
    said.push(count(detail.faults.length, "resource setting"));
  }
  if (cell.s) {
    said.push(`${cell.s} since the baseline`);
  }
  if (cell.m !== undefined) {
    said.push("muted");
  }
  return said;
}

/** What is wrong with a cell, in a few words; empty if nothing is. */
function cellNote(cell) {
  const requirement = data.requirements[cell.p];
  const detail = data.details[cell.d];
  const said = [];
  if (detail.m > 0) {
    said.push(`${numbers.format(detail.m)} of ${numbers.format(requirement.size)} missing`);
  }
  if (detail.u > 0) {
    said.push(`${numbers.format(detail.u)} unknown`);
  }
  if (detail.trust) {
    said.push(detail.trust.missing.length > 0 ? "trust missing" : "trust unknown");
  }
  return said.concat(besides(cell)).join(", ");
}

/** A cell in words, for whoever hears the page. */
function cellWords(cell) {
  const row = cell.row;
  const requirement = data.requirements[cell.p];
  const detail = data.details[cell.d];
  const said = [`${row.kind} ${row.name}`, requirement.set, JUDGEMENTS[cell.j]];
  if (cell.j > 0) {
    said.push(requirement.level);
  }
  if (detail.m > 0) {
    said.push(`${count(detail.m, "action")} missing`);
  }
  if (detail.u > 0) {
    said.push(`${count(detail.u, "action")} unknown`);
  }
  if (detail.trust) {
    said.push("trust policy");
  }
  return said.concat(besides(cell)).join(", ");
}
