//! The data of the page: an index of all accounts, what was found in each, and the texts that many findings share.
//!
//! Only the scripts in this folder read this form, so its keys are short and it has no version.

use std::collections::HashMap;

use audit::FindingId;
use iam::PrincipalArn;
use serde::Serialize;

use crate::organization::account::{AccountSummary, FindingSummary, PrincipalSummary};
use crate::organization::standing::Standing;
use crate::organization::view::{AccountRow, OrganizationView, SharedCause};
use crate::organization::words::{about, cause, path};
use crate::words::layers::checked;
use crate::words::plain::plain;

/// Everything that is there when the page opens.
#[derive(Serialize)]
pub(super) struct IndexJson {
    accounts: Vec<RowJson>,
    causes: Vec<CauseJson>,
}

/// An account in its row.
#[derive(Serialize)]
struct RowJson {
    /// The account.
    i: String,
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    n: String,
    /// What lies above it.
    #[serde(skip_serializing_if = "String::is_empty")]
    p: String,
    /// How it stands.
    s: &'static str,
    /// The worst level of its findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    l: Option<&'static str>,
    /// Whether it has drifted, and all of that is muted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    m: bool,
    /// What stands behind the verdict.
    w: String,
    /// Principals that drifted, and that are undetermined.
    d: usize,
    u: usize,
    /// Whether something was found, which lies in an element of its own.
    f: bool,
}

#[derive(Serialize)]
struct CauseJson {
    level: &'static str,
    text: String,
    /// The accounts, with their principals by name.
    hits: Vec<(String, Vec<String>)>,
}

impl IndexJson {
    pub(super) fn of(view: &OrganizationView<'_>) -> Self {
        Self {
            accounts: view.rows.iter().map(RowJson::of).collect(),
            causes: view.causes.iter().map(CauseJson::of).collect(),
        }
    }
}

impl RowJson {
    fn of(row: &AccountRow<'_>) -> Self {
        Self {
            i: row.account.to_string(),
            n: row
                .name()
                .map_or_else(String::new, |name| plain(name).into_owned()),
            p: path(row),
            s: row.standing.as_str(),
            l: row.level.map(audit::Level::as_str),
            m: row.is_muted,
            w: about(row),
            d: row.principals.drifted,
            u: row.principals.undetermined,
            f: row.found.is_ok(),
        }
    }
}

impl CauseJson {
    fn of(one: &SharedCause<'_>) -> Self {
        let hits = one.accounts.iter().map(|(account, principals)| {
            let names = principals.iter().map(|arn| plain(arn.name()).into_owned());
            (account.to_string(), names.collect())
        });
        Self {
            level: one.level.as_str(),
            text: cause(one),
            hits: hits.collect(),
        }
    }
}

/// Texts, each once, by the order in which they are met.
#[derive(Default)]
pub(super) struct Texts {
    texts: Vec<String>,
    places: HashMap<String, usize>,
}

impl Serialize for Texts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.texts.serialize(serializer)
    }
}

impl Texts {
    fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.texts.len();
        self.places.insert(text.to_owned(), place);
        self.texts.push(text.to_owned());
        place
    }

    fn plain(&mut self, text: &str) -> usize {
        self.place(&plain(text))
    }

    fn all(&mut self, texts: &[Box<str>]) -> Vec<usize> {
        texts.iter().map(|text| self.place(text)).collect()
    }
}

/// What was found in one account.
#[derive(Serialize)]
pub(super) struct AccountJson {
    audit: String,
    at: String,
    /// Texts: which policies were looked at, and that only some sets were asked for.
    checked: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<usize>,
    /// Where the account was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    unseen: Vec<String>,
    principals: Vec<PrincipalJson>,
    findings: Vec<FindingJson>,
    /// Positions of findings about no principal in the list.
    own: Vec<usize>,
}

#[derive(Serialize)]
struct PrincipalJson {
    a: String,
    k: String,
    n: String,
    /// How it stands, as a position in the list of standings.
    s: usize,
    /// That nobody looked at it, or that a tag or binding was not followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    w: Option<&'static str>,
    /// Requirements: set, standing, level, missing, unknown, what was not checked.
    v: Vec<(usize, usize, usize, usize, usize, Vec<usize>)>,
    /// Positions of its findings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    f: Vec<usize>,
}

#[derive(Serialize)]
struct FindingJson {
    i: String,
    c: &'static str,
    l: &'static str,
    /// What is wrong with whom.
    t: String,
    /// Texts: impact, causes, what to do.
    m: usize,
    y: Vec<usize>,
    d: Vec<usize>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<String>,
    /// The mute.
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<usize>,
}

impl AccountJson {
    /// `None` where nothing was found because nobody looked.
    pub(super) fn of(row: &AccountRow<'_>, texts: &mut Texts) -> Option<Self> {
        let summary = row.found.ok()?;
        let mut sorted: Vec<(FindingId, &FindingSummary)> = summary
            .findings
            .iter()
            .map(|(id, one)| (*id, one))
            .collect();
        sorted.sort_by_key(|(_, one)| (one.muted.is_some(), std::cmp::Reverse(one.level)));
        let positions = |wanted: &dyn Fn(Option<&PrincipalArn>) -> bool| -> Vec<usize> {
            let all = sorted.iter().enumerate();
            all.filter(|(_, (_, one))| wanted(one.principal.as_ref()))
                .map(|(at, _)| at)
                .collect()
        };
        let is_listed = |arn: &PrincipalArn| summary.principals.contains_key(arn);
        let mut by_principal: HashMap<&PrincipalArn, Vec<usize>> = HashMap::new();
        for (at, (_, one)) in sorted.iter().enumerate() {
            if let Some(arn) = &one.principal {
                by_principal.entry(arn).or_default().push(at);
            }
        }
        let principals = row.principals();
        Some(Self {
            audit: plain(&summary.audit).into_owned(),
            at: summary.at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            checked: texts.place(&format!("Checked: {}", checked(&summary.layers))),
            selected: summary.selected.as_deref().map(|text| texts.place(text)),
            source: summary
                .source
                .as_deref()
                .map(|text| plain(text).into_owned()),
            unseen: unseen(summary),
            principals: principals
                .into_iter()
                .map(|(arn, one, standing)| {
                    let findings = by_principal.remove(arn).unwrap_or_default();
                    PrincipalJson::of((arn, one, standing), findings, texts)
                })
                .collect(),
            own: positions(&|arn| !arn.is_some_and(is_listed)),
            findings: sorted
                .iter()
                .map(|(id, one)| FindingJson::of(*id, one, texts))
                .collect(),
        })
    }
}

fn unseen(summary: &AccountSummary) -> Vec<String> {
    let unseen = summary.unseen.iter();
    let unseen = unseen.map(|text| plain(text).into_owned());
    unseen.chain(summary.levels_not_read()).collect()
}

/// The position in the script's list.
fn position(standing: Standing) -> usize {
    match standing {
        Standing::Compliant => 0,
        Standing::CompliantNotChecked => 1,
        Standing::Undetermined => 2,
        Standing::Drifted => 3,
    }
}

impl PrincipalJson {
    fn of(
        (arn, one, standing): (&PrincipalArn, &PrincipalSummary, Standing),
        findings: Vec<usize>,
        texts: &mut Texts,
    ) -> Self {
        let verdicts = one.verdicts().iter().map(|verdict| {
            (
                texts.plain(&verdict.set),
                position(verdict.standing),
                verdict.level as usize,
                verdict.missing,
                verdict.unknown,
                texts.all(&verdict.not_checked),
            )
        });
        let verdicts = verdicts.collect();
        Self {
            a: plain(arn.as_str()).into_owned(),
            k: arn.kind().to_string(),
            n: plain(arn.name()).into_owned(),
            s: position(standing),
            w: match one {
                PrincipalSummary::NotReached => Some("nobody looked at it"),
                PrincipalSummary::Judged {
                    is_unfollowed: true,
                    ..
                } => Some("a tag or binding could not be followed"),
                PrincipalSummary::Judged {
                    is_unfollowed: false,
                    ..
                } => None,
            },
            v: verdicts,
            f: findings,
        }
    }
}

impl FindingJson {
    fn of(id: FindingId, one: &FindingSummary, texts: &mut Texts) -> Self {
        Self {
            i: id.to_string(),
            c: one.code.as_str(),
            l: one.level.as_str(),
            t: one.title.to_string(),
            m: texts.place(&one.impact),
            y: texts.all(&one.causes),
            d: texts.all(&one.steps),
            s: one
                .since
                .map(|since| since.strftime("%Y-%m-%d").to_string()),
            q: one.muted.as_deref().map(|text| texts.place(text)),
        }
    }
}
