//! The resource side of the request to explain: what do the files on the command line, a snapshot and the listing say of it?
//!
//! In: paths, and what was `found`. Out: policies, ready for [`ResourceSide`], and what was not looked at. A policy may
//! stand as a document, or as AWS's commands print it, as a text in `Policy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use audit::resources::Reading;
use iam::evaluate::{Caller, ExemptResource, ResourceSide, is_covered_by_rcps};
use iam::inventory::{Fault, PolicyText, Principal};
use iam::policy::grant;
use iam::{AccountId, Arn, Document, Policy};
use report::screen::trace::Sight;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::found::{self, Found, Named, OwnPolicy, Subject};
use crate::arguments::ResourceSideArguments;
use crate::exit::UsageError;
use crate::input;
use crate::saved::SavedAccount;

/// How to put a snapshot together.
const HOW: &str = "docs/tasks/put-together-a-snapshot.md";

/// What is known of the resource side.
pub(super) struct ReadResourceSide {
    account: Option<AccountId>,
    policy: Option<Named>,
    grants: Vec<Named>,
    levels: Vec<Vec<Named>>,
    endpoint: Option<Named>,
    exempt: Option<ExemptResource>,
    /// What of it was not looked at, and what to do about that.
    pub(super) sight: Sight,
}

type Parse = fn(&str) -> Result<Document, Fault>;

/// What `get-bucket-policy`, `get-key-policy` and `get-backup-vault-access-policy` print.
#[derive(Deserialize)]
struct Printed {
    #[serde(rename = "Policy")]
    policy: String,
}

/// What `list-grants` prints.
#[derive(Deserialize)]
struct PrintedGrants<'a> {
    #[serde(rename = "Grants", borrow)]
    grants: Vec<&'a RawValue>,
}

/// Reads the files, and what a snapshot and the listing say of the resource.
///
/// # Errors
/// Where a file cannot be read, or holds something else; where a file and the snapshot say the same thing; for an alias.
pub(super) fn read(
    asked: &ResourceSideArguments,
    subject: Subject<'_>,
    saved: Option<&SavedAccount>,
) -> anyhow::Result<ReadResourceSide> {
    let snapshot = saved.filter(|saved| saved.is_snapshot);
    let found = found::find(subject, snapshot)?;
    let of_resource = |path: &Option<PathBuf>| {
        let path = path.as_deref();
        path.map(|path| policy(path, Document::parse_resource_policy))
            .transpose()
    };
    let levels = asked.rcp.iter().map(|path| level(path));
    let grants = asked.grants.as_deref();
    let is_given = asked.resource_policy.is_some()
        || asked.grants.is_some()
        || !asked.rcp.is_empty()
        || asked.endpoint_policy.is_some();
    // Of other kinds of resources nobody knows whether they have a policy that lets another account in.
    let decides = is_given || asked.resource_account.is_some() || found.own.is_some();
    let side = ReadResourceSide {
        account: found.account.filter(|_| decides),
        policy: of_resource(&asked.resource_policy)?,
        grants: grants.map(of_key).transpose()?.unwrap_or_default(),
        levels: levels.collect::<anyhow::Result<_>>()?,
        endpoint: of_resource(&asked.endpoint_policy)?,
        exempt: found.exempt,
        sight: Sight {
            faults: found.faults.clone(),
            ..Sight::default()
        },
    };
    let adding = Adding {
        asked,
        subject,
        file: snapshot.map(|snapshot| &*snapshot.name),
        is_foreign: found.is_foreign,
        side,
    };
    adding.all(found)
}

/// What is found is added to what the command line says.
struct Adding<'a> {
    asked: &'a ResourceSideArguments,
    subject: Subject<'a>,
    /// The snapshot.
    file: Option<&'a str>,
    /// Whether another account owns the resource.
    is_foreign: bool,
    side: ReadResourceSide,
}

impl Adding<'_> {
    fn all(mut self, found: Found) -> anyhow::Result<ReadResourceSide> {
        match found.own {
            Some(own) => self.policy(own, found.policy)?,
            None if self.is_foreign && self.side.policy.is_none() => {
                self.miss("the policy of the resource, which another account owns");
            }
            None => {}
        }
        if found.is_key {
            self.grants(found.grants)?;
        }
        self.levels(found.resource_control, &found.refused_levels)?;
        Ok(self.side)
    }

    fn policy(
        &mut self,
        own: &'static OwnPolicy,
        read: Reading<Option<PolicyText>>,
    ) -> Result<(), UsageError> {
        let OwnPolicy { what, part, .. } = *own;
        let command = own.command();
        let is_role = *own == found::OF_ROLE;
        match read {
            // The listing always has it: a file says what would be if it were another one.
            Reading::Read(_) if is_role && self.side.policy.is_some() => {}
            Reading::Read(_) | Reading::Refused(_) if self.side.policy.is_some() => {
                return Err(self.both("--resource-policy", &format!("`{part}`")));
            }
            Reading::Read(policy) => {
                let name: Arc<str> = match is_role {
                    true => self.name_of_role().into(),
                    false => self.name(part).into(),
                };
                if is_role && policy.as_ref().is_some_and(|policy| policy.is_err()) {
                    let advice =
                        "List the account anew, or give the trust policy by --resource-policy.";
                    let advice = advice.to_owned();
                    self.side.sight.advice.insert(Arc::clone(&name), advice);
                }
                self.side.policy = policy.map(|document| Named { name, document });
            }
            Reading::Refused(code) => {
                self.miss(&format!("{what} (refused: {code})"));
                let advice = format!(
                    "Let whoever may run `{command}` put what it prints into {} ({HOW}).",
                    self.file.unwrap_or("the snapshot")
                );
                let name = self.name(part);
                self.unreadable(&name, format!("`{part}` failed with {code}"), advice);
            }
            Reading::NotRead if self.side.policy.is_some() => {}
            // Across accounts nothing is allowed without it.
            Reading::NotRead if self.is_foreign && self.subject.resource != "*" => {
                self.miss(what);
                let given = format!(
                    "whoever owns the resource prints it by `{command}`; or give it by --resource-policy"
                );
                let nobody = || "nobody gave it, and another account owns the resource".to_owned();
                let (name, reason, advice) = match self.file {
                    _ if is_role => (
                        self.name_of_role(),
                        nobody(),
                        format!(
                            "Give it by --resource-policy: whoever owns the role prints it by `{command}`."
                        ),
                    ),
                    Some(file) => (
                        self.name(part),
                        format!("`{part}` is not in {file}"),
                        format!("Put it into the snapshot ({HOW}): {given}."),
                    ),
                    None => (
                        what.to_owned(),
                        nobody(),
                        format!("Put it into a snapshot ({HOW}): {given}."),
                    ),
                };
                self.unreadable(&name, reason, advice);
            }
            Reading::NotRead => self.miss(what),
        }
        Ok(())
    }

    fn grants(&mut self, read: Reading<Vec<PolicyText>>) -> Result<(), UsageError> {
        const PART: &str = "list-grants";
        let is_given = self.asked.grants.is_some();
        match read {
            Reading::Read(_) | Reading::Refused(_) if is_given => {
                return Err(self.both("--grants", "`list-grants`"));
            }
            Reading::Read(grants) => {
                let grants = grants.into_iter().enumerate();
                let grants = grants.map(|(at, grant)| Named {
                    name: self.name(&format!("{PART}, {}", at + 1)).into(),
                    document: match &*grant {
                        Ok(_) => grant,
                        Err(fault) => Arc::new(Ok(grant::unread(&fault.to_string()))),
                    },
                });
                self.side.grants = grants.collect();
            }
            Reading::Refused(code) => {
                self.miss(&format!("grants (refused: {code})"));
                let unread = grant::unread(&format!("`{PART}` failed with {code}"));
                let name: Arc<str> = self.name(PART).into();
                let advice = format!(
                    "Let whoever may run `aws kms {PART}` put what it prints into {} ({HOW}).",
                    self.file.unwrap_or("the snapshot")
                );
                self.side.sight.advice.insert(Arc::clone(&name), advice);
                self.side.grants = vec![Named {
                    name,
                    document: Arc::new(Ok(unread)),
                }];
            }
            Reading::NotRead if is_given => {}
            Reading::NotRead => self.miss("grants"),
        }
        Ok(())
    }

    fn levels(
        &mut self,
        read: Reading<Vec<Vec<Named>>>,
        refused: &[Box<str>],
    ) -> Result<(), UsageError> {
        let is_given = !self.asked.rcp.is_empty();
        let counts = is_covered_by_rcps(self.subject.action) && self.side.exempt.is_none();
        match read {
            Reading::Read(_) | Reading::Refused(_) if is_given => {
                return Err(self.both("--rcp", "`organization`"));
            }
            Reading::Read(levels) => {
                self.side.levels = levels;
                for level in refused.iter().filter(|_| counts) {
                    self.miss(&format!("RCPs of {level} (refused)"));
                }
            }
            Reading::Refused(code) => {
                if counts {
                    self.miss(&format!("RCPs (refused: {code})"));
                }
                let name: Arc<str> = self.name("RCPs").into();
                let advice = format!(
                    "Have the snapshot made by the organisation's management account, or give them by --rcp ({HOW})."
                );
                self.side.sight.advice.insert(Arc::clone(&name), advice);
                self.side.levels = vec![vec![Named {
                    name,
                    document: unreadable(format!("the RCPs could not be read: {code}")),
                }]];
            }
            Reading::NotRead if is_given || !counts => {}
            Reading::NotRead => self.miss("RCPs"),
        }
        Ok(())
    }

    /// What the trace calls the trust policy of the role that is asked about, as an audit does.
    fn name_of_role(&self) -> String {
        let arn = Arn::parse(self.subject.resource);
        let role = arn.map_or("", |arn| arn.resource);
        format!("trust policy of {}", role.replacen('/', " ", 1))
    }

    /// What the trace calls a part of the snapshot.
    fn name(&self, part: &str) -> String {
        match self.file {
            Some(file) => format!("{file} ({part})"),
            None => part.to_owned(),
        }
    }

    fn miss(&mut self, what: &str) {
        self.side.sight.not_looked_at.push(what.to_owned());
    }

    /// A policy of the resource that is there and that nobody could read.
    fn unreadable(&mut self, name: &str, reason: String, advice: String) {
        let name: Arc<str> = name.into();
        self.side.sight.advice.insert(Arc::clone(&name), advice);
        self.side.policy = Some(Named {
            name,
            document: unreadable(reason),
        });
    }

    fn both(&self, option: &str, what: &str) -> UsageError {
        UsageError(format!(
            "{option} and {what} in {} both say the same of the resource: take one of them out",
            self.file.unwrap_or("the listing")
        ))
    }
}

/// A policy that is there and that nobody could read.
fn unreadable(reason: String) -> PolicyText {
    Arc::new(Err(Fault {
        reason: reason.into(),
        line: 0,
        column: 0,
    }))
}

fn policy(path: &Path, parse: Parse) -> anyhow::Result<Named> {
    let text = input::text(path)?;
    let printed: Option<Printed> = serde_json::from_str(&text).ok();
    let text = printed.map_or(text, |printed| printed.policy);
    one(&input::name(path), &text, parse)
}

/// One policy document or a list of them.
fn level(path: &Path) -> anyhow::Result<Vec<Named>> {
    let text = input::text(path)?;
    let name = input::name(path);
    let parse = Document::parse_resource_control_policy;
    if !text.trim_start().starts_with('[') {
        return Ok(vec![one(&name, &text, parse)?]);
    }
    let documents: Vec<&RawValue> = serde_json::from_str(&text).with_context(|| {
        format!("{name}: expected an RCP: a policy document, or a list of them")
    })?;
    several(&name, &documents, parse)
}

fn of_key(path: &Path) -> anyhow::Result<Vec<Named>> {
    let text = input::text(path)?;
    let name = input::name(path);
    let printed: PrintedGrants<'_> = serde_json::from_str(&text)
        .with_context(|| format!("{name}: expected what `aws kms list-grants` prints"))?;
    several(&name, &printed.grants, grant::read)
}

fn several(name: &str, documents: &[&RawValue], parse: Parse) -> anyhow::Result<Vec<Named>> {
    let numbered = documents.iter().enumerate();
    numbered
        .map(|(at, json)| one(&format!("{name} ({})", at + 1), json.get(), parse))
        .collect()
}

fn one(name: &str, text: &str, parse: Parse) -> anyhow::Result<Named> {
    match parse(text) {
        Ok(document) => Ok(Named {
            name: name.into(),
            document: Arc::new(Ok(document)),
        }),
        Err(fault) if fault.line == 0 => bail!("{name}: {}", fault.reason),
        Err(fault) => bail!(
            "{name}: line {}, column {}: {}",
            fault.line,
            fault.column,
            fault.reason
        ),
    }
}

impl ReadResourceSide {
    /// What the request of a principal on a resource meets.
    pub(super) fn of<'s>(&'s self, principal: &Principal) -> ResourceSide<'s> {
        let policies = |list: &'s [Named]| -> Vec<Policy<'s>> {
            let policy = |named: &'s Named| Policy {
                name: Arc::clone(&named.name),
                document: (*named.document).as_ref(),
            };
            list.iter().map(policy).collect()
        };
        ResourceSide {
            account: self.account,
            policy: policies(self.policy.as_slice()).pop(),
            grants: policies(&self.grants),
            resource_control: self.levels.iter().map(|level| policies(level)).collect(),
            endpoint: policies(self.endpoint.as_slice()).pop(),
            exempt: self.exempt,
            ..ResourceSide::of(Caller::of(&principal.arn, &principal.id))
        }
    }
}
