// Which accounts are shown, and in which order?

const filters = { text: "", standing: "", below: "", cause: null, sort: "worst" };

function searchable(parts) {
  return parts.filter(Boolean).join("\n").replaceAll("`", "").toLowerCase();
}

function textOfPrincipal(found, principal) {
  principal.text ??= searchable([
    `${principal.k} ${principal.n}`, principal.a, WORDS[STANDINGS[principal.s]], principal.w,
    ...principal.v.map(([set]) => textAt(set)),
    ...(principal.f ?? []).map((place) => textOfFinding(found.findings[place])),
  ]);
  return principal.text;
}

function textOfFinding(finding) {
  finding.text ??= searchable([
    finding.t, finding.c, finding.i, finding.l, textAt(finding.m),
    ...finding.y.map(textAt), ...finding.d.map(textAt), finding.q === undefined ? null : `muted ${textAt(finding.q)}`,
  ]);
  return finding.text;
}

/** What an account says in its row, and what was found in it. */
function textOfAccount(account) {
  if (account.text === undefined) {
    const found = foundIn(account);
    account.text = searchable([
      account.i, account.n, account.p, account.w, WORDS[account.s], account.m ? "muted" : null,
      ...(found?.unseen ?? []),
      ...(found?.principals ?? []).map((principal) => textOfPrincipal(found, principal)),
      ...(found?.own ?? []).map((place) => textOfFinding(found.findings[place])),
    ]);
  }
  return account.text;
}

function isShown(account) {
  return (
    (filters.standing === "" || account.s === filters.standing) &&
    (filters.below === "" || account.p.split(" / ").includes(filters.below)) &&
    (filters.cause === null || filters.cause.ids.has(account.i)) &&
    (filters.text === "" || textOfAccount(account).includes(filters.text))
  );
}

const ORDERS = {
  worst: (a, b) => a.at - b.at,
  drifted: (a, b) => b.d - a.d || b.u - a.u || a.at - b.at,
  account: (a, b) => (a.i < b.i ? -1 : 1),
  name: (a, b) => (a.n ?? "").localeCompare(b.n ?? "", "en") || (a.i < b.i ? -1 : 1),
};
