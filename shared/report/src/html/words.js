// Data, words and elements. Every foreign text becomes a text node; nothing is ever read as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const LEVELS = ["notice", "low", "medium", "high", "critical"];
const JUDGEMENTS = ["compliant", "undetermined", "drifted"];
const MARKS = { compliant: "✓", undetermined: "?", drifted: "✕" };

const find = (id) => document.getElementById(id);

/** An element with a class and children, which are elements or texts. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A sentence of ours, with what stands in backticks as code. */
function prose(text) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? make("code", "", part) : part));
}

function button(className, text, onClick) {
  const element = make("button", className, ...prose(text));
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

// Made once: making one for every number would take longer than all the rest of the page.
const numbers = new Intl.NumberFormat("en");

function count(number, what) {
  return `${numbers.format(number)} ${what}${number === 1 ? "" : "s"}`;
}

function badge(level, text) {
  return make("span", `badge ${level}`, text ?? level);
}

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
