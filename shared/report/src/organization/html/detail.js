// What opens in an account: its principals and findings, the worst first.

/** So many principals at once: an account can have thousands. */
const PRINCIPALS = 100;

function findingPart(finding) {
  const part = make("div", finding.q === undefined ? "finding" : "finding muted",
    make("p", "", badge(finding.l), " ", finding.t),
    make("p", "more", textAt(finding.m)),
    make("ul", "notes", ...finding.y.map((place) => make("li", "", ...prose(textAt(place))))),
    make("div", "do", make("b", "", "What to do"), ...finding.d.flatMap((place) => [...prose(textAt(place)), " "])),
  );
  const since = finding.s === undefined ? "" : `, since ${finding.s}`;
  part.append(make("p", "more", `${finding.c} ${finding.i}${since}`));
  if (finding.q !== undefined) {
    part.append(make("p", "more", textAt(finding.q)));
  }
  return part;
}

/** One requirement in a few words. */
function requirementPart([set, standing, level, missing, unknown, notChecked]) {
  const said = [];
  if (standing > 1) {
    said.push(LEVELS[level]);
  }
  if (missing > 0) {
    said.push(`${numbers.format(missing)} missing`);
  }
  if (unknown > 0) {
    said.push(`${numbers.format(unknown)} unknown`);
  }
  if (notChecked.length > 0) {
    said.push(`${notChecked.map(textAt).join(" and ")} not checked`);
  }
  const words = said.length > 0 ? ` (${said.join(", ")})` : "";
  return make("span", "", `${textAt(set)}: ${WORDS[STANDINGS[standing]]}${words}`);
}

function principalPart(found, principal) {
  const findings = (principal.f ?? []).map((place) => findingPart(found.findings[place]));
  const standing = STANDINGS[principal.s];
  const what = make("div", "what",
    make("b", "", `${principal.k} ${principal.n}`), " ", make("code", "", principal.a),
    principal.w ? make("p", "more", `${principal.w}`) : null,
    make("div", "sets", ...principal.v.map(requirementPart)),
    ...findings,
  );
  return make("li", "", badge(standing, WORDS[standing]), what);
}

/** The principals that the search is about; all of them where it is about the account or about nobody in it. */
function searched(found) {
  if (filters.text === "") {
    return found.principals;
  }
  const matching = found.principals.filter((one) => textOfPrincipal(found, one).includes(filters.text));
  return matching.length > 0 ? matching : found.principals;
}

function principalList(found) {
  const all = searched(found);
  const list = make("ul", "list");
  let told = 0;
  const rest = make("li", "rest");
  const grow = () => {
    const next = all.slice(told, told + PRINCIPALS).map((one) => principalPart(found, one));
    told += next.length;
    rest.remove();
    list.append(...next);
    if (told < all.length) {
      rest.replaceChildren(button("link", `Show ${numbers.format(Math.min(PRINCIPALS, all.length - told))} more of ${numbers.format(all.length - told)}`, grow));
      list.append(rest);
    }
  };
  grow();
  return list;
}

/** Everything that is known of an account. */
function accountPart(account) {
  const found = foundIn(account);
  if (found === null) {
    return make("div", "found", make("p", "", `Not audited: ${account.w}. Nothing is known of this account.`));
  }
  const part = make("div", "found",
    make("p", "", found.source === undefined ? `Audited ${found.at}, audit ${found.audit}.` : `Audited ${found.at}. ${found.source}`),
    make("p", "", textAt(found.checked)),
    found.selected === undefined ? null : make("p", "", textAt(found.selected)),
  );
  if (found.unseen.length > 0) {
    part.append(make("h3", "", "Not seen"), make("ul", "notes", ...found.unseen.map((text) => make("li", "", text))));
  }
  if (found.own.length > 0) {
    part.append(make("h3", "", "The account"), ...found.own.map((place) => findingPart(found.findings[place])));
  }
  if (found.principals.length > 0) {
    const hidden = found.principals.length - searched(found).length;
    const others = hidden > 0 ? `, ${count(hidden, "other")} ${hidden === 1 ? "does" : "do"} not match the search` : "";
    part.append(make("h3", "", `Principals${others}`), principalList(found));
  }
  return part;
}
