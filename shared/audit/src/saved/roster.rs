//! Rosters: which accounts has the organisation, where is each, and which of them are audited?
//!
//! In: the text of `roster.json` in the hub's bucket, which `functions/roster` writes (`docs/schemas/roster-1.json`). Out: a [`Roster`], and the text again.

use std::collections::BTreeMap;

use iam::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The newest form that is known.
const SCHEMA_VERSION: u32 = 1;

/// The accounts of an organisation at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// The run that read it.
    pub run: Box<str>,
    /// The organisation's management account, if AWS named it.
    pub management: Option<AccountId>,
    /// All accounts, those that are not audited included.
    pub accounts: BTreeMap<AccountId, Member>,
}

/// An account of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name; empty where AWS says none.
    pub name: Box<str>,
    /// The ids of the root and of the OUs above it, from the root down.
    pub path: Vec<Box<str>>,
    /// AWS's word for its state, such as `ACTIVE`.
    pub state: Box<str>,
    /// When it joined the organisation, if AWS said so.
    pub joined: Option<Timestamp>,
    /// Why it is not audited; `None`: it is.
    pub skipped: Option<Skipped>,
}

/// Why an account of the organisation is not audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skipped {
    /// AWS suspended it, or it was closed and is not deleted yet.
    Suspended,
    /// It is closed.
    Closed,
    /// It is being closed.
    PendingClosure,
    /// It is not usable yet.
    PendingActivation,
}

/// Why a text is no roster.
#[derive(Debug, thiserror::Error)]
pub enum ReadRosterError {
    /// It is something else, or was cut off.
    #[error("this is no roster of an organisation")]
    Form(#[source] serde_json::Error),
    /// A newer release wrote it.
    #[error(
        "the roster has schema version {found}, and the newest known is {SCHEMA_VERSION}: a newer release wrote it"
    )]
    TooNew {
        /// Its version.
        found: u32,
    },
}

impl Skipped {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Suspended,
        Self::Closed,
        Self::PendingClosure,
        Self::PendingActivation,
    ];

    /// As a roster says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Closed => "closed",
            Self::PendingClosure => "pending-closure",
            Self::PendingActivation => "pending-activation",
        }
    }

    /// What AWS's word for the state of an account means; `None`: it can be audited, or the word is new, and then trying tells.
    #[must_use]
    pub fn of_state(state: &str) -> Option<Self> {
        match state {
            "SUSPENDED" => Some(Self::Suspended),
            "CLOSED" => Some(Self::Closed),
            "PENDING_CLOSURE" => Some(Self::PendingClosure),
            "PENDING_ACTIVATION" => Some(Self::PendingActivation),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versioned {
    schema_version: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    schema_version: u32,
    run: &'a str,
    management: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    #[serde(rename = "schemaVersion")]
    _schema_version: u32,
    run: Box<str>,
    management: Option<Box<str>>,
    accounts: Vec<WrittenMember>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenMember {
    account: Box<str>,
    name: Box<str>,
    path: Vec<Box<str>>,
    state: Box<str>,
    joined: Option<Timestamp>,
    audit: bool,
    why: Option<Box<str>>,
}

impl Roster {
    /// Reads a roster.
    ///
    /// # Errors
    /// [`ReadRosterError`].
    pub fn read(text: &[u8]) -> Result<Self, ReadRosterError> {
        let Versioned { schema_version } =
            serde_json::from_slice(text).map_err(ReadRosterError::Form)?;
        if schema_version > SCHEMA_VERSION {
            return Err(ReadRosterError::TooNew {
                found: schema_version,
            });
        }
        let written: Written = serde_json::from_slice(text).map_err(ReadRosterError::Form)?;
        let management = written.management.as_deref().map(account).transpose();
        let accounts = written.accounts.into_iter().map(WrittenMember::read);
        Ok(Self {
            run: written.run,
            management: management.map_err(ReadRosterError::Form)?,
            accounts: accounts
                .collect::<Result<_, _>>()
                .map_err(ReadRosterError::Form)?,
        })
    }

    /// The text of the roster: JSON, one account a line.
    #[must_use]
    pub fn write(&self) -> String {
        let head = Head {
            schema_version: SCHEMA_VERSION,
            run: &self.run,
            management: self.management.as_ref().map(AccountId::as_str),
        };
        let accounts = self.accounts.iter().map(|(account, member)| {
            let written = WrittenMember {
                account: account.as_str().into(),
                name: member.name.clone(),
                path: member.path.clone(),
                state: member.state.clone(),
                joined: member.joined,
                audit: member.skipped.is_none(),
                why: member.skipped.map(|skipped| skipped.word().into()),
            };
            json(&written)
        });
        let accounts: Vec<String> = accounts.collect();
        let head = json(&head);
        let head = head.trim_end_matches('}');
        format!("{head},\"accounts\":[\n{}\n]}}\n", accounts.join(",\n"))
    }

    /// The accounts at or below a root, an OU or an account, those that are not audited included.
    pub fn below<'a>(&'a self, target: &'a str) -> impl Iterator<Item = (AccountId, &'a Member)> {
        let accounts = self.accounts.iter();
        let below = accounts.filter(move |(account, member)| {
            account.as_str() == target || member.path.iter().any(|level| &**level == target)
        });
        below.map(|(account, member)| (*account, member))
    }
}

impl WrittenMember {
    fn read(self) -> Result<(AccountId, Member), serde_json::Error> {
        let found = |skipped: &Skipped| self.why.as_deref() == Some(skipped.word());
        let skipped = Skipped::ALL.into_iter().find(found);
        // Who may not be audited and why are said twice, and must agree.
        if self.audit != self.why.is_none() || self.audit != skipped.is_none() {
            let text = format!("account {}: `audit` and `why` do not agree", self.account);
            return Err(serde::de::Error::custom(text));
        }
        Ok((
            account(&self.account)?,
            Member {
                name: self.name,
                path: self.path,
                state: self.state,
                joined: self.joined,
                skipped,
            },
        ))
    }
}

/// Texts and lists of texts: there is nothing in it that JSON cannot say.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn account(text: &str) -> Result<AccountId, serde_json::Error> {
    text.parse()
        .map_err(|_| serde::de::Error::custom(format!("`{text}` is no account id")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster() -> Roster {
        let member = |name: &str, path: &[&str], state: &str| Member {
            name: name.into(),
            path: path.iter().map(|level| (*level).into()).collect(),
            state: state.into(),
            joined: "2026-11-30T03:15:00Z".parse().ok(),
            skipped: Skipped::of_state(state),
        };
        let of = |account: &str, member| (account.parse().unwrap(), member);
        Roster {
            run: "2026-11-30T03:15:00Z".into(),
            management: "999988887777".parse().ok(),
            accounts: BTreeMap::from([
                of(
                    "111122223333",
                    member("a \"b\"", &["r-1", "ou-1"], "ACTIVE"),
                ),
                of("222222222222", member("", &["r-1", "ou-1", "ou-2"], "NEW")),
                of("333333333333", member("c", &["r-1", "ou-10"], "SUSPENDED")),
                of("444444444444", member("d", &["r-1"], "PENDING_CLOSURE")),
                of("555555555555", member("e", &["r-1"], "PENDING_ACTIVATION")),
                of("666666666666", member("f", &["r-1"], "CLOSED")),
            ]),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        for roster in [roster(), Roster::default()] {
            let text = roster.write();
            assert_eq!(Roster::read(text.as_bytes()).unwrap(), roster);
        }
        let written: serde_json::Value = serde_json::from_str(&roster().write()).unwrap();
        let suspended = &written["accounts"][2];
        assert_eq!(suspended["audit"], false);
        assert_eq!(suspended["why"], "suspended");
        assert_eq!(written["accounts"][1]["why"], serde_json::Value::Null);
    }

    #[test]
    fn accounts_are_below_each_level_of_their_path() {
        let roster = roster();
        let check = |target: &str, expected: &[&str]| {
            let found: Vec<String> = roster.below(target).map(|(id, _)| id.to_string()).collect();
            assert_eq!(found, expected, "{target}");
        };
        check("ou-1", &["111122223333", "222222222222"]);
        check("ou-2", &["222222222222"]);
        check("333333333333", &["333333333333"]);
        check("ou-3", &[]);
        assert_eq!(roster.below("r-1").count(), 6);
    }

    #[test]
    fn what_is_no_roster_or_a_newer_one_is_refused() {
        let check = |text: &str, expected: &str| {
            let error = Roster::read(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        };
        check("", "this is no roster");
        check("{}", "this is no roster");
        let whole = roster().write();
        let half: String = whole.chars().take(200).collect();
        check(&half, "this is no roster");
        check(
            r#"{"schemaVersion":2,"accounts":7}"#,
            "schema version 2, and the newest known is 1",
        );
        check(&whole.replace("111122223333", "1111"), "this is no roster");
        check(&whole.replace("\"suspended\"", "null"), "this is no roster");
        check(
            &whole.replace("suspended", "on holiday"),
            "this is no roster",
        );
        check(
            &whole.replace("\"state\"", "\"status\""),
            "this is no roster",
        );
    }
}
