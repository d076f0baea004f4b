//! What was told: which findings of which accounts, and what people read.

use std::collections::BTreeSet;

use serde_json::Value;

/// Account, code and step of each finding that machines were told of, such as `Opened`.
pub(crate) fn steps(machines: &[(String, Value)]) -> BTreeSet<(String, String, String)> {
    let steps = machines.iter().filter_map(|(kind, detail)| {
        let step = kind.strip_prefix("Finding ")?;
        let account = detail["metadata"]["account"].as_str()?;
        let code = detail["finding"]["code"].as_str()?;
        Some([account, code, step].map(str::to_owned).into())
    });
    steps.collect()
}

/// The same as they are expected.
pub(crate) fn expected<'a>(
    accounts: impl IntoIterator<Item = &'a String>,
    code: &str,
    step: &str,
) -> BTreeSet<(String, String, String)> {
    let accounts = accounts.into_iter();
    accounts
        .map(|account| (account.clone(), code.to_owned(), step.to_owned()))
        .collect()
}

/// How many of these messages name all of this.
pub(crate) fn that_name(people: &[(String, String)], all: &[&str]) -> usize {
    let names = |(subject, text): &(String, String)| {
        let message = format!("{subject}\n{text}");
        all.iter().all(|one| message.contains(one))
    };
    people.iter().filter(|message| names(message)).count()
}
