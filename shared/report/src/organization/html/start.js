// Puts everything in its place and listens.

function reset() {
  Object.assign(filters, { text: "", standing: "", below: "", cause: null });
  for (const id of ["search", "standing", "below"]) {
    find(id).value = "";
  }
  show();
}

function listenToTools() {
  let waiting = 0;
  find("search").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      filters.text = event.target.value.trim().toLowerCase();
      show();
    }, 90);
  });
  for (const id of ["standing", "below", "sort"]) {
    find(id).addEventListener("change", (event) => {
      filters[id] = event.target.value;
      show();
    });
  }
  find("reset").addEventListener("click", reset);
  for (const tile of document.querySelectorAll("button.tile")) {
    tile.addEventListener("click", () => {
      const { standing } = tile.dataset;
      filters.standing = filters.standing === standing ? "" : standing;
      find("standing").value = filters.standing;
      show();
      find("accounts").scrollIntoView();
    });
  }
}

/** What lies above accounts, to choose from. */
function drawBelow() {
  const above = new Set(data.accounts.flatMap((account) => (account.p ? account.p.split(" / ") : [])));
  for (const one of [...above].sort()) {
    const option = make("option", "", one);
    option.value = one;
    find("below").append(option);
  }
  find("below-label").hidden = above.size < 2;
}

/** Opens the account that the address names: `#account/111122223333`. */
function followFragment() {
  const [, id] = /^#account\/(\d{12})$/.exec(location.hash) ?? [];
  if (id === undefined) {
    return;
  }
  const account = data.accounts.find((one) => one.i === id);
  find("no-such").hidden = account !== undefined;
  if (account === undefined) {
    return;
  }
  if (!isShown(account)) {
    reset();
  }
  account.element.open = true;
  account.element.scrollIntoView({ block: "start" });
  account.element.querySelector("summary").focus({ preventScroll: true });
}

for (const part of document.querySelectorAll(".bar i")) {
  part.style.flexGrow = part.dataset.share;
}
data.accounts.forEach((account, at) => {
  account.at = at;
  account.p ??= "";
});
find("causes").hidden = data.causes.length === 0;
find("causes").querySelector("ul").append(...data.causes.map(causeItem));
find("accounts").hidden = data.accounts.length === 0;
drawBelow();
listenToTools();
show();
window.addEventListener("hashchange", followFragment);
followFragment();
document.documentElement.dataset.ready = "true";
