// What was found in each account, and the texts that findings share: read when somebody needs them.
const STANDINGS = ["compliant", "compliant-not-checked", "undetermined", "drifted"];
const WORDS = {
  drifted: "drifted", "not-audited": "not audited", undetermined: "undetermined",
  "compliant-not-checked": "compliant (not all checked)", "nobody-bound": "nobody bound", compliant: "compliant",
};

const read = new Map();

function readElement(id) {
  if (!read.has(id)) {
    const element = find(id);
    read.set(id, element ? JSON.parse(element.textContent) : null);
  }
  return read.get(id);
}

/** What was found in an account; null where nobody looked. */
function foundIn(account) {
  return account.f ? readElement(`a${account.i}`) : null;
}

/** A text by its place. */
function textAt(place) {
  return readElement("texts")[place];
}
