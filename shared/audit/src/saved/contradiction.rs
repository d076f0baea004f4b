//! Contradictions: do a snapshot and an organisation file say the same of what stands above an account?
//!
//! In: what each of them says. Out: the first thing in which they differ, with both. What the snapshot does not say contradicts nothing, and the
//! order of the policies on a level decides nothing.

use iam::AccountId;

use crate::resources::{NamedPolicy, Organization, Reading};

/// What a snapshot and an organisation file say of one account, and cannot both be so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// The snapshot says that there is no organisation.
    #[error("by the snapshot the account is in no organisation, by the file it is in `{file}`")]
    InNone {
        /// The organisation of the file.
        file: Box<str>,
    },
    /// They are of two organisations.
    #[error("the snapshot is of the organisation `{snapshot}`, the file of `{file}`")]
    Id {
        /// That of the snapshot.
        snapshot: Box<str>,
        /// That of the file.
        file: Box<str>,
    },
    /// The management account is another one.
    #[error("by the snapshot {snapshot} manages the organisation, by the file {file}")]
    Management {
        /// That of the snapshot.
        snapshot: AccountId,
        /// That of the file.
        file: AccountId,
    },
    /// The account stands at another place.
    #[error("by the snapshot the account is below {snapshot}, by the file below {file}")]
    Path {
        /// The levels of the snapshot.
        snapshot: String,
        /// Those of the file.
        file: String,
    },
    /// Only one of them has policies of a kind.
    #[error("the {with} has {kind}s, and by the {without} the organisation has none")]
    Kind {
        /// `SCP` or `RCP`.
        kind: &'static str,
        /// Which of both has them.
        with: &'static str,
        /// Which has none.
        without: &'static str,
    },
    /// A level has other policies.
    #[error("on the level `{level}` the snapshot has the {kind}s {snapshot}, the file {file}")]
    Policies {
        /// `SCP` or `RCP`.
        kind: &'static str,
        /// The root, OU or account.
        level: String,
        /// The names of those of the snapshot.
        snapshot: String,
        /// Those of the file.
        file: String,
    },
    /// A policy of one name says two things.
    #[error("the {kind} {policy} on the level `{level}` is another one in each")]
    Document {
        /// `SCP` or `RCP`.
        kind: &'static str,
        /// The root, OU or account.
        level: String,
        /// Its name.
        policy: String,
    },
}

/// Says of an account in which way its snapshot and an organisation file contradict each other.
#[must_use]
pub fn contradiction(
    account: AccountId,
    snapshot: &Reading<Option<Organization>>,
    file: &Organization,
) -> Option<Contradiction> {
    let snapshot = match snapshot {
        Reading::NotRead | Reading::Refused(_) => return None,
        Reading::Read(None) => {
            return Some(Contradiction::InNone {
                file: file.id.clone(),
            });
        }
        Reading::Read(Some(snapshot)) => snapshot,
    };
    let are_said = !snapshot.id.is_empty() && !file.id.is_empty();
    if are_said && snapshot.id != file.id {
        return Some(Contradiction::Id {
            snapshot: snapshot.id.clone(),
            file: file.id.clone(),
        });
    }
    if let (Some(one), Some(other)) = (snapshot.management_account, file.management_account)
        && one != other
    {
        return Some(Contradiction::Management {
            snapshot: one,
            file: other,
        });
    }
    if !snapshot.path.is_empty() && snapshot.path != file.path {
        return Some(Contradiction::Path {
            snapshot: snapshot.path.join(", "),
            file: file.path.join(", "),
        });
    }
    let above = file.path.iter().map(AsRef::as_ref);
    let levels: Vec<&str> = above.chain([account.as_str()]).collect();
    let scps = Compared {
        kind: "SCP",
        refused: &snapshot.refused_service_control,
        levels: &levels,
    };
    let rcps = Compared {
        kind: "RCP",
        refused: &snapshot.refused_resource_control,
        levels: &levels,
    };
    scps.of_kind(&snapshot.service_control, &file.service_control)
        .or_else(|| rcps.of_kind(&snapshot.resource_control, &file.resource_control))
}

/// Of which policies the two are compared.
struct Compared<'a> {
    kind: &'static str,
    /// The levels of which the snapshot does not know them.
    refused: &'a [Box<str>],
    /// All levels, the account last.
    levels: &'a [&'a str],
}

type Stack = Reading<Vec<Vec<NamedPolicy>>>;

impl Compared<'_> {
    fn of_kind(&self, snapshot: &Stack, file: &Stack) -> Option<Contradiction> {
        let (snapshot, file) = (snapshot.read()?, file.read()?);
        let only = |with, without| Contradiction::Kind {
            kind: self.kind,
            with,
            without,
        };
        match (snapshot.is_empty(), file.is_empty()) {
            (true, true) => return None,
            (true, false) => return Some(only("file", "snapshot")),
            (false, true) => return Some(only("snapshot", "file")),
            (false, false) => {}
        }
        let known = self
            .levels
            .iter()
            .zip(snapshot.iter().zip(file))
            .filter(|(level, _)| !self.refused.iter().any(|refused| **refused == ***level));
        let mut differing = known.filter(|(_, (snapshot, file))| {
            let lacks = |these: &[NamedPolicy], those: &[NamedPolicy]| {
                let is_there = |one| those.iter().any(|other| is_same(one, other));
                !these.iter().all(is_there)
            };
            lacks(snapshot, file) || lacks(file, snapshot)
        });
        let (level, (snapshot, file)) = differing.next()?;
        let level = (*level).to_owned();
        let kind = self.kind;
        let other = snapshot.iter().find(|one| {
            let mut file = file.iter();
            file.any(|other| other.name == one.name && !is_same(one, other))
        });
        Some(match other {
            Some(policy) => Contradiction::Document {
                kind,
                level,
                policy: policy.name.to_string(),
            },
            None => Contradiction::Policies {
                kind,
                level,
                snapshot: names(snapshot),
                file: names(file),
            },
        })
    }
}

/// Whether two policies say the same. Those that cannot be understood do where they are called the same and have the same fault,
/// wherever in a file it is.
fn is_same(one: &NamedPolicy, other: &NamedPolicy) -> bool {
    match (&*one.document, &*other.document) {
        (Ok(document), Ok(same)) => document == same,
        (Err(fault), Err(same)) => one.name == other.name && fault.reason == same.reason,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

fn names(policies: &[NamedPolicy]) -> String {
    let names: Vec<&str> = policies.iter().map(|policy| &*policy.name).collect();
    names.join(", ")
}
