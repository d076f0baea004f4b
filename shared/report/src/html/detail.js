// What opens from a cell or a name: a sheet with everything that is known of it.
const sheet = find("sheet");
let opened = null;

/** What opened the sheet from outside the rows, and gets the focus back. */
let openedBy = null;

function paragraph(className, text) {
  return make("p", className, ...prose(text));
}

/** What to do, with the commands for it. */
function todo(text, ...commands) {
  return make("div", "do", make("b", "", "What to do"), ...prose(text), ...commands.map(commandLine));
}

function listOf(items, className) {
  return make("ul", className, ...items.map((item) => make("li", "", ...prose(item))));
}

function where(asked) {
  const said = [];
  if (asked.resources.length > 0) {
    said.push(`on ${asked.resources.join(", ")}`);
  }
  if (asked.regions.length > 0) {
    said.push(`in ${asked.regions.join(", ")}`);
  }
  return said.length > 0 ? paragraph("where", said.join(" ")) : null;
}

/** Actions by service, so that a hundred can be read. */
function actionList(actions) {
  const services = new Map();
  for (const action of actions) {
    const service = action.slice(0, action.indexOf(":"));
    services.set(service, [...(services.get(service) ?? []), action]);
  }
  const line = (names) => make("li", "", ...names.flatMap((name) => [make("code", "", name), " "]));
  return make("ul", "actions", ...[...services.values()].map(line));
}

function groupParts(group, word, row, cell) {
  const actions = new Set(group.asked.flatMap((asked) => asked.actions));
  const owner = group.owners.length > 0 ? ` Owner: ${group.owners.join(", ")}.` : "";
  const why = group.why.charAt(0).toUpperCase() + group.why.slice(1);
  const parts = [make("h4", "", `${count(actions.size, "action")} ${word}`), paragraph("about", `${why}.${owner}`)];
  for (const asked of group.asked) {
    parts.push(actionList(asked.actions), where(asked));
  }
  const isHelped = data.options && group.fix.includes("`permdrift fix`");
  parts.push(todo(group.fix, ...(isHelped ? [fixCommand(row, cell)] : [])));
  return parts;
}

function trustParts(trust) {
  const parts = [make("h4", "", "Trust policy")];
  if (trust.missing.length > 0) {
    parts.push(paragraph("about", `It does not allow sts:AssumeRole to ${trust.missing.join(", ")}${trust.why ? `: ${trust.why}` : ""}.`), todo(trust.fix));
  }
  if (trust.unknown.length > 0) {
    parts.push(paragraph("about", `It is not known whether it allows sts:AssumeRole to ${trust.unknown.join(", ")}: ${trust.reason}`));
  }
  return parts;
}

/** Everything about one requirement, for the sheet and for paper. */
function requirementParts(row, cell) {
  const requirement = data.requirements[cell.p];
  const detail = data.details[cell.d];
  const judgement = JUDGEMENTS[cell.j];
  const marks = [badge(cell.j === 2 ? requirement.level : judgement, `${MARKS[judgement]} ${judgement}${cell.j > 0 ? `, ${requirement.level}` : ""}`)];
  if (cell.s) {
    marks.push(" ", badge("notice", `${cell.s} since the baseline`));
  }
  const missing = detail.m > 0 ? `${numbers.format(detail.m)} of its ${count(requirement.size, "action")} missing` : count(requirement.size, "action");
  const parts = [
    make("p", "set", make("b", "", requirement.title), make("span", "about", make("code", "", requirement.set), ` ${requirement.version}, ${missing}`)),
    make("p", "marks", ...marks),
  ];
  if (cell.m !== undefined) {
    parts.push(paragraph("alarm", data.mutes[cell.m]));
  }
  if (cell.j > 0) {
    parts.push(make("h4", "", cell.j === 2 ? "What breaks" : "What is at stake"), paragraph("", requirement.impact));
  } else {
    parts.push(paragraph("about", "Everything that is needed was seen to be there."));
  }
  for (const group of detail.missing ?? []) {
    parts.push(...groupParts(group, "missing", row, cell));
  }
  if (detail.profile) {
    parts.push(
      make("h4", "", "No instance profile"),
      todo(
        "Create one and put the role in it.",
        `aws iam create-instance-profile --instance-profile-name ${quoted(row.name)}`,
        `aws iam add-role-to-instance-profile --instance-profile-name ${quoted(row.name)} --role-name ${quoted(row.name)}`,
      ),
    );
  }
  if (detail.trust) {
    parts.push(...trustParts(detail.trust));
  }
  for (const fault of detail.faults ?? []) {
    const why = fault.why.charAt(0).toUpperCase() + fault.why.slice(1);
    parts.push(make("h4", "", "A resource"), paragraph("about", `${why}.`), todo(fault.fix));
  }
  for (const group of detail.unknown ?? []) {
    parts.push(...groupParts(group, "unknown", row, cell));
  }
  if (detail.notes?.length > 0) {
    parts.push(make("h4", "", "Worth knowing"), listOf(detail.notes, "notes"));
  }
  if (cell.f?.length > 0) {
    const finding = (text) => make("li", "", make("code", "", text), " ", copyButton("link", linkTo("finding", text.slice(0, text.indexOf(" ")))));
    parts.push(make("div", "ids", count(cell.f.length, "finding"), make("ul", "", ...cell.f.map(finding))));
  }
  return parts.filter((part) => part !== null);
}

/** A principal with all its requirements and what is found besides. */
function principalParts(row) {
  const parts = [];
  const items = row.cells.map((cell) => {
    const requirement = data.requirements[cell.p];
    const judgement = JUDGEMENTS[cell.j];
    const link = button("link", requirement.set, () => open(cell));
    return make("li", "", badge(cell.j === 2 ? requirement.level : judgement, `${MARKS[judgement]} ${judgement}`), " ", link);
  });
  parts.push(make("h4", "", count(row.cells.length, "requirement")), make("ul", "notes", ...items));
  const others = data.others.filter((other) => other.arn === row.arn);
  if (others.length > 0) {
    parts.push(make("h4", "", "Besides"), make("ul", "notes", ...others.map((other) => otherItem(other, false))));
  }
  return parts;
}

/** The cells that can be gone through: what is not fine and not filtered away, in the order of the map. */
function stops() {
  return shown.flatMap((row) => row.cells.filter((cell) => cell.j > 0 && !cell.dim));
}

function open(item, opener = openedBy) {
  const row = item.row;
  openedBy = opener;
  const isCell = item !== row;
  opened = item;
  const title = make("h3", "", make("span", "kind", row.kind), " ", row.name);
  title.id = "sheet-title";
  title.tabIndex = -1;
  const all = stops();
  const at = all.indexOf(item);
  const before = button("", "Previous", () => open(all[at - 1]));
  const after = button("", "Next", () => open(all[at + 1]));
  before.disabled = at < 1;
  after.disabled = at < 0 || at + 1 >= all.length;
  const place = at < 0 ? "" : `${at + 1} of ${all.length}`;
  const top = make("div", "sheet-top", before, after, make("span", "status", place), make("span", "gap"), copyButton("link", linkOf(item)), button("", "Close", closeSheet));
  const detail = make(
    "div",
    "detail",
    title,
    arnLine(row.arn),
    ...(isCell ? requirementParts(row, item) : principalParts(row)),
  );
  sheet.replaceChildren(make("div", "sheet", top, detail));
  sheet.scrollTop = 0;
  if (!sheet.open) {
    sheet.showModal();
  }
  title.focus();
}

/** Closes the sheet and goes back to what it was about, at once: the next key must find the focus there. */
function closeSheet() {
  const item = opened;
  const opener = openedBy;
  opened = null;
  openedBy = null;
  sheet.close();
  if (opener?.isConnected) {
    opener.focus();
  } else if (item && item.row.place >= 0) {
    go(item);
  }
}

function listenToSheet() {
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) {
      closeSheet();
    }
  });
  sheet.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeSheet();
  });
  // However else a browser closes it.
  sheet.addEventListener("close", () => {
    if (opened) {
      closeSheet();
    }
  });
}
