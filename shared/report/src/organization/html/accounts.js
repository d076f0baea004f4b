// The rows: one an account. What is in it is made when it is opened.

const rows = find("rows");

/** Fills an account that is open, and empties one that was closed. */
function fill(account) {
  const { element } = account;
  element.querySelector(".found")?.remove();
  if (element.open) {
    element.append(accountPart(account));
  }
}

function makeRow(account) {
  const who = make("span", "who", make("b", "", account.n ?? account.i), make("small", "", [account.n ? account.i : "", account.p].filter(Boolean).join(" · ")));
  const isBad = account.s === "drifted" || account.s === "undetermined";
  const told = account.m ? badge("muted") : isBad && account.l ? badge(account.l) : null;
  const summary = make("summary", "", badge(account.s, WORDS[account.s]), who, make("span", "note", account.w), told);
  const element = make("details", "account", summary);
  element.dataset.account = account.i;
  element.addEventListener("toggle", () => fill(account));
  return element;
}

function show() {
  const shown = data.accounts.filter(isShown).sort(ORDERS[filters.sort]);
  for (const account of shown) {
    account.element ??= makeRow(account);
  }
  rows.replaceChildren(...shown.map((account) => account.element));
  for (const account of shown) {
    if (account.element.open) {
      fill(account);
    }
  }
  const all = count(data.accounts.length, "account");
  const isFiltered = shown.length < data.accounts.length;
  const cause = filters.cause ? `, one cause: ${filters.cause.text}` : "";
  find("status").textContent = isFiltered ? `${numbers.format(shown.length)} of ${all}${cause}` : all;
  find("nothing").hidden = shown.length > 0;
  for (const tile of document.querySelectorAll("button.tile")) {
    tile.setAttribute("aria-pressed", String(tile.dataset.standing === filters.standing));
  }
  for (const cause of data.causes) {
    cause.button?.setAttribute("aria-pressed", String(cause === filters.cause));
  }
}

function causeItem(cause) {
  cause.ids = new Set(cause.hits.map(([id]) => id));
  const choose = button("link", cause.text, () => {
    filters.cause = filters.cause === cause ? null : cause;
    show();
    find("accounts").scrollIntoView();
  });
  cause.button = choose;
  const names = cause.hits.slice(0, 6).map(([id, principals]) => `${id}: ${principals.slice(0, 4).join(", ")}${principals.length > 4 ? ", …" : ""}`);
  const more = cause.hits.length > 6 ? ` and ${count(cause.hits.length - 6, "more account")}` : "";
  return make("li", "", badge(cause.level), make("div", "what", choose, make("p", "more", `${names.join("; ")}${more}`)));
}
