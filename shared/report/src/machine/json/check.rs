//! A check before deployment as JSON, version 1: what do scripts get from `permdrift check --output json`?
//!
//! Described by `docs/schemas/check-1.json`. Verdicts have the form that they have in an assessment. Within a version fields
//! are added, never changed or dropped.

use std::io::Write;

use audit::requirement::BindFault;
use audit::retirement::Retirement;
use audit::settings::Owners;
use audit::{Assessment, Judgement};
use iam::inventory::Gap;
use iam::{AccountId, PrincipalArn};
use serde::Serialize;

use crate::machine::json::assessment::{cause, coverage, verdict};
use crate::screen::retirement::word;

/// The version of this form.
pub const SCHEMA_VERSION: u32 = 1;

/// What is to be written.
#[derive(Clone, Debug)]
pub struct CheckReport<'a> {
    /// When the check began.
    pub at: jiff::Timestamp,
    /// Whether nothing may be allowed.
    pub expect_denied: bool,
    /// Who owns which layer.
    pub owners: &'a Owners,
    /// In the order of the command line.
    pub files: Vec<Checked<'a>>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    /// Its name.
    pub file: &'a str,
    /// What it is, in words.
    pub form: &'a str,
    /// The account that stands in ARNs.
    pub account: &'a AccountId,
    /// Where that comes from.
    pub account_source: AccountSource,
    /// Its users and roles, by ARN.
    pub principals: Vec<Placed<'a>>,
    /// What was found.
    pub outcome: Outcome<'a>,
    /// Tags and bindings that could not be followed.
    pub faults: &'a [BindFault],
    /// What could not be read.
    pub gaps: &'a [Gap],
    /// Users and roles that the deployment deletes.
    pub deleted: Vec<&'a str>,
    /// What is worth knowing.
    pub notes: &'a [String],
}

/// Where an account comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AccountSource {
    /// Somebody said so.
    Given,
    /// The file names no other.
    Named,
    /// It stands for one that nobody named.
    MadeUp,
}

/// A user or role, and where it stands.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Placed<'a> {
    /// Its ARN.
    #[serde(serialize_with = "arn")]
    pub arn: &'a PrincipalArn,
    /// Its logical id or address.
    pub id: &'a str,
    /// The line, from 1.
    pub line: usize,
}

/// What was found of a file.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// Which sets hold.
    Held(&'a Assessment),
    /// Which sets are gone.
    Retired(&'a [Retirement]),
}

fn arn<S: serde::Serializer>(arn: &&PrincipalArn, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(arn.as_str())
}

/// Writes the document and a line break.
///
/// # Errors
/// If writing fails.
pub fn write(mut out: &mut dyn Write, told: &CheckReport<'_>) -> serde_json::Result<()> {
    let document = CheckJson {
        schema_version: SCHEMA_VERSION,
        generator: concat!("permdrift ", env!("CARGO_PKG_VERSION")),
        at: told.at,
        expected: match told.expect_denied {
            true => "denied",
            false => "allowed",
        },
        files: told
            .files
            .iter()
            .map(|one| file(one, told.owners))
            .collect(),
    };
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckJson<'a> {
    schema_version: u32,
    generator: &'a str,
    at: jiff::Timestamp,
    expected: &'a str,
    files: Vec<FileJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileJson<'a> {
    file: &'a str,
    form: &'a str,
    account: &'a str,
    account_source: AccountSource,
    complete: bool,
    principals: &'a [Placed<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    verdicts: Option<verdict::VerdictsJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retirements: Option<Vec<FormJson<'a>>>,
    binding_faults: Vec<coverage::BindingFaultJson<'a>>,
    gaps: Vec<coverage::GapJson<'a>>,
    deleted: &'a [&'a str],
    notes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FormJson<'a> {
    principal: &'a str,
    action_set: &'a str,
    title: &'a str,
    verdict: &'static str,
    allowed: Vec<StillJson<'a>>,
    unknown: Vec<UnknownJson<'a>>,
}

#[derive(Serialize)]
struct StillJson<'a> {
    cause: cause::CauseJson<'a>,
    places: Vec<verdict::PlaceJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnknownJson<'a> {
    cause: cause::CauseJson<'a>,
    context_keys: Vec<&'a str>,
    places: Vec<verdict::PlaceJson<'a>>,
}

fn file<'a>(checked: &'a Checked<'a>, owners: &'a Owners) -> FileJson<'a> {
    let is_known = match checked.outcome {
        Outcome::Held(assessment) => assessment.is_complete(),
        Outcome::Retired(retirements) => {
            let mut all = retirements.iter();
            all.all(|one| one.judgement() != Judgement::Undetermined && one.unknown.is_empty())
        }
    };
    let (verdicts, retirements) = match checked.outcome {
        Outcome::Held(assessment) => {
            let verdicts = verdict::VerdictsJson {
                verdicts: &assessment.verdicts,
                owners,
            };
            (Some(verdicts), None)
        }
        Outcome::Retired(retirements) => (None, Some(retirements.iter().map(form).collect())),
    };
    FileJson {
        file: checked.file,
        form: checked.form,
        account: checked.account.as_str(),
        account_source: checked.account_source,
        complete: is_known && checked.gaps.is_empty(),
        principals: &checked.principals,
        verdicts,
        retirements,
        binding_faults: checked.faults.iter().map(coverage::fault).collect(),
        gaps: checked.gaps.iter().map(coverage::gap).collect(),
        deleted: &checked.deleted,
        notes: checked.notes,
    }
}

fn form(one: &Retirement) -> FormJson<'_> {
    let requirement = &*one.requirement;
    let allowed = one.allowed.iter().map(|still| StillJson {
        cause: cause::CauseJson::of(&still.cause),
        places: verdict::places(&still.places, requirement),
    });
    let unknown = one.unknown.iter().map(|unknown| UnknownJson {
        cause: cause::CauseJson::of(&unknown.cause),
        context_keys: unknown.keys.iter().map(AsRef::as_ref).collect(),
        places: verdict::places(&unknown.places, requirement),
    });
    FormJson {
        principal: one.principal.as_str(),
        action_set: &requirement.set,
        title: &requirement.title,
        verdict: word(one.judgement()),
        allowed: allowed.collect(),
        unknown: unknown.collect(),
    }
}
