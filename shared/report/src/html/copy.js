// What can be copied: ARNs, commands, links.

/** A word as a shell takes it, whatever stands in it. */
function quoted(word) {
  return /^[\w+=,.@:\/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Puts a text on the clipboard; tells whether it is there. */
async function toClipboard(text, holder) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Some browsers have no clipboard for a page from a file.
    const area = make("textarea", "away", text);
    holder.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}

/** A button that copies a text; what it did is written on it, and said. Where there are many, `ofWhat` tells them apart. */
function copyButton(what, text, ofWhat) {
  const said = make("span", "away");
  said.setAttribute("role", "status");
  const holder = make("span", "copier", "", said);
  let back = 0;
  const element = button("copy", `Copy ${what}`, async () => {
    const isDone = await toClipboard(text, holder);
    element.focus();
    element.textContent = isDone ? "Copied" : "Copy it by hand";
    said.textContent = isDone ? `The ${what} is copied` : `The ${what} could not be copied`;
    clearTimeout(back);
    back = setTimeout(() => {
      element.textContent = `Copy ${what}`;
      said.textContent = "";
    }, 2000);
  });
  if (ofWhat) {
    element.setAttribute("aria-label", `Copy ${what}: ${ofWhat.replaceAll("`", "")}`);
  }
  holder.prepend(element);
  return holder;
}

function arnLine(arn) {
  return make("p", "arn", make("code", "", arn), " ", copyButton("ARN", arn));
}

function commandLine(command) {
  return make("p", "command", make("code", "", command), copyButton("command", command));
}

/** The command that prints a policy for what a principal lacks of an action set, with the options of this audit. */
function fixCommand(row, cell) {
  const words = ["permdrift", "fix", row.arn, "--action-set", data.requirements[cell.p].set, ...data.options];
  return words.map(quoted).join(" ");
}
