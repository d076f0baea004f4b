//! Fields: values that several sections of a settings document have, or that are read in one way.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::str::FromStr;

use catalog::section::Located;
use iam::AccountId;
use toml::de::DeValue;

use super::values::Answer;

/// Context keys whose value in a request is one address, never a network.
const ADDRESSES: [&str; 2] = ["aws:sourceip", "aws:vpcsourceip"];

pub(super) type Section<'d, 't> = catalog::section::Section<'d, 't, Box<str>>;

pub(super) fn version(section: &Section<'_, '_>) -> Option<catalog::ProductVersion> {
    word(section, &section.text("product-version")?)
}

pub(super) fn regions(section: &Section<'_, '_>) -> Vec<Box<str>> {
    let found = section.texts("regions").unwrap_or_default();
    for at in found.iter().filter(|at| !is_region(&at.value)) {
        section.report(
            at.line,
            format!(
                "`{}` is no region: expected something like \"eu-central-1\"",
                at.value
            ),
        );
    }
    found.into_iter().map(|at| at.value.into()).collect()
}

pub(super) fn assumed_by(section: &Section<'_, '_>) -> Vec<Box<str>> {
    let found = section.texts("assumed-by").unwrap_or_default();
    for at in found.iter().filter(|at| !is_assumer(&at.value)) {
        section.report(
            at.line,
            format!(
                "`{}` cannot assume a role: expected an account id or the ARN of a role",
                at.value
            ),
        );
    }
    found.into_iter().map(|at| at.value.into()).collect()
}

pub(super) fn worker_accounts(section: &Section<'_, '_>) -> Vec<AccountId> {
    let found = section.texts("worker-account").unwrap_or_default();
    let accounts = found.iter().filter_map(|at| {
        let account = at.value.parse().ok();
        if account.is_none() {
            let text = format!("`{}` is no account id: expected twelve digits", at.value);
            section.report(at.line, text);
        }
        account
    });
    accounts.collect()
}

pub(super) fn external_ids(section: &Section<'_, '_>) -> Vec<Box<str>> {
    let found = section.texts("external-id").unwrap_or_default();
    for at in found.iter().filter(|at| !is_external_id(&at.value)) {
        let text = format!("`{}` is no external id: expected {EXTERNAL_ID}", at.value);
        section.report(at.line, text);
    }
    found.into_iter().map(|at| at.value.into()).collect()
}

/// What STS takes for an external id.
pub const EXTERNAL_ID: &str = "2 to 1224 letters, digits and _+=,.@:/-";

/// Whether STS takes a text for an external id.
#[must_use]
pub fn is_external_id(text: &str) -> bool {
    let mut letters = text.bytes();
    (2..=1224).contains(&text.len())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte))
}

/// Whether a text can be the name of a region: `eu-central-1`, `us-gov-west-1`.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.split_last() {
        Some((last, rest)) => {
            rest.len() >= 2
                && rest.iter().all(letters)
                && !last.is_empty()
                && last.bytes().all(|b| b.is_ascii_digit())
        }
        None => false,
    }
}

/// Whether a text can be who assumes a role: twelve digits, or the ARN of a role, a user or an account.
#[must_use]
pub fn is_assumer(text: &str) -> bool {
    text.parse::<iam::AccountId>().is_ok()
        || iam::Arn::parse(text).is_ok_and(|arn| arn.service == "iam" && !arn.resource.is_empty())
}

pub(super) fn answers(section: &Section<'_, '_>) -> BTreeMap<Box<str>, Answer> {
    section
        .free_flags()
        .into_iter()
        .map(|(key, yes)| {
            (
                key.value.into(),
                Answer {
                    yes,
                    line: key.line,
                },
            )
        })
        .collect()
}

/// The keys of requests with their values, in lower case: a key counts once whatever its case.
pub(super) fn context_keys(section: &Section<'_, '_>) -> BTreeMap<Box<str>, Vec<Box<str>>> {
    let mut found = section.free_texts();
    found.sort_by_key(|(key, _)| key.line);
    let mut keys = BTreeMap::new();
    let mut first: BTreeMap<String, Located<&str>> = BTreeMap::new();
    for (key, values) in found {
        let folded = key.value.to_lowercase();
        if let Some(first) = first.get(&folded) {
            let mistake = format!(
                "`{}` is the same key as `{}` on line {}: context keys have no case, keep one of them",
                key.value, first.value, first.line
            );
            section.report(key.line, mistake);
            continue;
        }
        if ADDRESSES.contains(&folded.as_str()) {
            let wrong = |at: &&Located<String>| at.value.parse::<IpAddr>().is_err();
            for at in values.iter().filter(wrong) {
                let mistake = format!(
                    "`{}` is no value for `{}`: expected the address that a request comes from, such as \"203.0.113.7\"",
                    at.value, key.value
                );
                section.report(at.line, mistake);
            }
        }
        keys.insert(folded.as_str().into(), texts(Some(values)));
        first.insert(folded, key);
    }
    keys
}

pub(super) fn values(
    found: Vec<(Located<&str>, Vec<Located<String>>)>,
) -> BTreeMap<Box<str>, Vec<Box<str>>> {
    found
        .into_iter()
        .map(|(key, values)| (key.value.into(), texts(Some(values))))
        .collect()
}

pub(super) fn texts(found: Option<Vec<Located<String>>>) -> Vec<Box<str>> {
    let found = found.unwrap_or_default();
    found.into_iter().map(|at| at.value.into()).collect()
}

pub(super) fn needed(
    section: &Section<'_, '_>,
    key: &'static str,
    hint: &str,
) -> Option<Located<String>> {
    if !section.has(key) {
        lacks(section, key, hint);
        return None;
    }
    section
        .text(key)
        .filter(|found| !found.value.trim().is_empty())
        .or_else(|| {
            lacks(section, key, hint);
            None
        })
}

pub(super) fn word<T: FromStr<Err: std::fmt::Display>>(
    section: &Section<'_, '_>,
    at: &Located<String>,
) -> Option<T> {
    match at.value.parse() {
        Ok(found) => Some(found),
        Err(error) => {
            section.report(at.line, error.to_string());
            None
        }
    }
}

/// A whole number that is not below the least.
pub(super) fn integer(
    section: &Section<'_, '_>,
    key: &'static str,
    least: i64,
) -> Option<Located<i64>> {
    let found = section.value(key, "a whole number", whole)?;
    if found.value < least {
        section.report(
            found.line,
            format!("`{key}` is {}: expected {least} or more", found.value),
        );
        return None;
    }
    Some(found)
}

/// Days after something, each later than the one before.
pub(super) fn rising_days(section: &Section<'_, '_>, key: &'static str) -> Option<Vec<i64>> {
    const EXPECTED: &str = "a list of days that rise, such as [1, 3, 7]";
    let found = section.value(key, EXPECTED, |value| {
        let days: Option<Vec<i64>> = value
            .as_array()?
            .iter()
            .map(|day| whole(day.get_ref()))
            .collect();
        days.filter(|days| days.first().is_some_and(|&first| first > 0) && days.is_sorted())
    });
    found.map(|days| days.value)
}

pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A date as TOML has it, or in quotes.
pub(super) fn date(section: &Section<'_, '_>, key: &'static str) -> Option<Located<String>> {
    section.value(key, "a date, such as \"2027-03-31\"", |value| {
        let text = value.as_str().map(str::to_owned);
        text.or_else(|| value.as_datetime().map(ToString::to_string))
    })
}

/// Reports that a key is not there.
pub(super) fn lacks(section: &Section<'_, '_>, key: &str, hint: &str) {
    let mistake = format!("{} has no `{key}`: {hint}", section.name());
    section.report(section.line, mistake);
}

/// The id of an OU or a root.
pub(super) fn organizational_unit(
    section: &Section<'_, '_>,
    at: &Located<String>,
) -> Option<Box<str>> {
    let is_id = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'))
    };
    let found = &at.value;
    let is_ou = match found
        .strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
    {
        Some((root, ou)) => {
            (4..=32).contains(&root.len())
                && is_id(root)
                && (8..=32).contains(&ou.len())
                && is_id(ou)
        }
        None => {
            let root = found.strip_prefix("r-");
            root.is_some_and(|root| (4..=32).contains(&root.len()) && is_id(root))
        }
    };
    if !is_ou {
        let hint = format!(
            "`{found}` is no id of an OU: expected one such as \"ou-ab12-11111111\", or that of the root such as \"r-ab12\""
        );
        section.report(at.line, hint);
    }
    is_ou.then(|| found.as_str().into())
}
