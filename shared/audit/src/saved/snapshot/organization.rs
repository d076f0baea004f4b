//! The organisation: which SCPs and RCPs are above the account, level by level?
//!
//! What nobody gave is not read, and what was refused is refused. Only `AWSOrganizationsNotInUseException` says that there is
//! no organisation, and only `PolicyTypeNotEnabledException` that there are no policies of a kind. Two things that contradict each other are a
//! mistake: nobody knows which of them holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::inventory::Fault;
use iam::policy::validate::{DocumentKind, validate};
use iam::{AccountId, Arn, Document};

use super::json::{Section, Value};
use super::output::Output;
use super::policies::{Parse, parse};
use crate::resources::{NamedPolicy, Organization, Reading};

pub(super) const DESCRIBE: &str = "describe-organization";
const PATH: &str = "path";
pub(super) const SCPS: &str = "serviceControlPolicies";
pub(super) const RCPS: &str = "resourceControlPolicies";

/// AWS says so of an account that is in no organisation.
const NOT_IN_USE: &str = "AWSOrganizationsNotInUseException";
/// AWS says so where an organisation has no policies of a kind.
pub(super) const NOT_ENABLED: &str = "PolicyTypeNotEnabledException";

/// A kind of policy.
pub(super) struct PolicyKind {
    /// The key that it stands under.
    pub(super) key: &'static str,
    /// As AWS writes it.
    pub(super) name: &'static str,
    pub(super) short: &'static str,
    parse: Parse,
}

/// SCPs, then RCPs.
pub(super) const KINDS: [PolicyKind; 2] = [
    PolicyKind {
        key: SCPS,
        name: "SERVICE_CONTROL_POLICY",
        short: "SCP",
        parse: service_control,
    },
    PolicyKind {
        key: RCPS,
        name: "RESOURCE_CONTROL_POLICY",
        short: "RCP",
        parse: Document::parse_resource_control_policy,
    },
];

/// Reads an SCP. One that AWS Organizations would refuse was changed by hand, so nobody knows what is in force.
fn service_control(text: &str) -> Result<Document, Fault> {
    let document = Document::parse(text)?;
    match validate(text, DocumentKind::ServiceControl)
        .into_iter()
        .next()
    {
        None => Ok(document),
        Some(fault) => Err(Fault {
            reason: format!("AWS Organizations refuses such an SCP: {}", fault.reason).into(),
            ..fault
        }),
    }
}

/// What stands under `organization`.
pub(super) fn read(
    account: Option<AccountId>,
    value: &Value<'_, '_>,
) -> Reading<Option<Organization>> {
    let expected = "an object with `describe-organization` and `path`";
    let Some(parts) = value.section(&[DESCRIBE, PATH], expected) else {
        return Reading::NotRead;
    };
    let described = Output::of(&parts, DESCRIBE, &[NOT_IN_USE]);
    let is_in_none = matches!(described, Output::Nothing);
    let described = described.printed(describe);
    let Some(path) = parts.get(PATH) else {
        return match described {
            Reading::NotRead if is_in_none => Reading::Read(None),
            Reading::NotRead => Reading::NotRead,
            Reading::Refused(code) => Reading::Refused(code),
            Reading::Read(organization) => Reading::Read(Some(organization)),
        };
    };
    if is_in_none {
        path.mistake(format!(
            "`describe-organization` says `{NOT_IN_USE}`, and a path to the account is given: take one of them out"
        ));
        return Reading::NotRead;
    }
    let organization = described.read().cloned().unwrap_or_default();
    let levels = match Output::of_value(path, &[]) {
        Output::Refused(code) => {
            let refused = [(); 2].map(|()| Policies::of(Reading::Refused(code.clone())));
            Some((Vec::new(), refused))
        }
        Output::Printed(path) => levels(account, &path),
        Output::NotRead | Output::Nothing => None,
    };
    let Some((above, [service_control, resource_control])) = levels else {
        return Reading::NotRead;
    };
    Reading::Read(Some(Organization {
        path: above,
        service_control: service_control.policies,
        resource_control: resource_control.policies,
        refused_service_control: service_control.refused,
        refused_resource_control: resource_control.refused,
        ..organization
    }))
}

/// Id and management account, as `aws organizations describe-organization` prints them.
pub(super) fn describe(value: &Value<'_, '_>) -> Option<Organization> {
    const EXPECTED: &str = "what `aws organizations describe-organization` prints";
    let printed = value.printed(&["Organization"], &[], EXPECTED)?;
    let fields = printed.required("Organization", EXPECTED)?;
    let fields = fields.printed(
        &["Id", "MasterAccountId"],
        &[
            "Arn",
            "FeatureSet",
            "MasterAccountArn",
            "MasterAccountEmail",
            "AvailablePolicyTypes",
        ],
        EXPECTED,
    )?;
    let id = fields.text("Id", EXPECTED)?;
    let management = fields
        .required("MasterAccountId", EXPECTED)?
        .read_account()?;
    // Which account no SCP holds for hangs on it, and each ARN says it again.
    let arns = [
        ("Arn", format!("organization/{id}")),
        ("MasterAccountArn", format!("account/{id}/{management}")),
    ];
    for (key, resource) in arns {
        let Some(value) = fields.get(key) else {
            continue;
        };
        let text = value.text("an ARN")?;
        let agrees = Arn::parse(&text)
            .is_ok_and(|arn| arn.account == management.as_str() && arn.resource == resource);
        if !agrees {
            value.mistake(format!(
                "`{text}` contradicts `Id` and `MasterAccountId`, by which the organisation is {id} and account {management} manages it: put in what the command prints"
            ));
            return None;
        }
    }
    Some(Organization {
        id,
        management_account: Some(management),
        ..Organization::default()
    })
}

/// What is wrong with the place of a level on the way from the root to an account; `last` is the place of the account.
pub(super) fn misplaced(
    at: usize,
    last: usize,
    id: &str,
    account: Option<AccountId>,
) -> Option<String> {
    let (fits, expected) = match at {
        at if at == last => (
            account.is_none_or(|account| account.as_str() == id),
            "the path ends in the account itself",
        ),
        0 => (
            id.starts_with("r-"),
            "the path begins with the root, such as `r-ab12`",
        ),
        _ => (
            id.starts_with("ou-"),
            "between the root and the account are OUs, such as `ou-ab12-11111111`",
        ),
    };
    (!fits).then(|| format!("`{id}` does not stand in its place: {expected}"))
}

/// The policies of a kind on all levels.
struct Policies {
    policies: Reading<Vec<Vec<NamedPolicy>>>,
    /// The levels that were refused, where others were read.
    refused: Vec<Box<str>>,
}

impl Policies {
    fn of(policies: Reading<Vec<Vec<NamedPolicy>>>) -> Self {
        Self {
            policies,
            refused: Vec::new(),
        }
    }
}

/// The levels above the account, and SCPs and RCPs on the way from the root to it.
fn levels(
    account: Option<AccountId>,
    path: &Value<'_, '_>,
) -> Option<(Vec<Box<str>>, [Policies; 2])> {
    const EXPECTED: &str = "a list from the root to the account, each `{\"id\": \"r-ab12\", \"serviceControlPolicies\": [...], \"resourceControlPolicies\": [...]}`";
    let items = path.items(EXPECTED)?;
    let mut levels: Vec<(Box<str>, Section<'_, '_>)> = Vec::with_capacity(items.len());
    for item in &items {
        let level = item.section(&["id", SCPS, RCPS], EXPECTED)?;
        let id = level.text("id", "the id of a root, OU or account")?;
        levels.push((id, level));
    }
    let last = levels.len().saturating_sub(1);
    let mut known = BTreeSet::new();
    for (at, (id, level)) in levels.iter().enumerate() {
        let twice = || format!("`{id}` is on this path twice: take one of them out");
        let wrong = misplaced(at, last, id, account).or_else(|| (!known.insert(id)).then(twice));
        if let Some(wrong) = wrong {
            level.get("id").unwrap_or(&level.whole).mistake(wrong);
            return None;
        }
    }
    if levels.len() < 2 {
        path.mistake("this path has less than two levels: expected the root first, the account of the snapshot last");
        return None;
    }
    let [service_control, resource_control] = KINDS.map(|kind| of_kind(&kind, path, &levels));
    let above = levels.into_iter().take(last).map(|(id, _)| id);
    Some((above.collect(), [service_control?, resource_control?]))
}

/// Reads the policies of a kind on all levels.
fn of_kind(
    kind: &PolicyKind,
    path: &Value<'_, '_>,
    levels: &[(Box<str>, Section<'_, '_>)],
) -> Option<Policies> {
    let PolicyKind { key, short, .. } = kind;
    let mut read = Vec::with_capacity(levels.len());
    let (mut absent, mut without, mut refused) = (None, 0, None);
    let mut refused_levels = Vec::new();
    for (id, level) in levels {
        match Output::of(level, key, &[NOT_ENABLED]) {
            Output::NotRead if level.get(key).is_some() => return None,
            Output::NotRead => absent = absent.or(Some(level)),
            Output::Nothing => without += 1,
            Output::Refused(code) => {
                refused = refused.or(Some(code));
                refused_levels.push(id.clone());
                read.push(vec![not_known(kind, id)]);
            }
            Output::Printed(list) => read.push(level_of_kind(kind, id, &list)?),
        }
    }
    if let Some(level) = absent {
        if read.is_empty() && without == 0 {
            return Some(Policies::of(Reading::NotRead));
        }
        level.whole.mistake(format!(
            "there is no `{key}`, and other levels have it: add the {short}s of this level, or `{{\"error\": {{\"code\": \"...\"}}}}` where they could not be read"
        ));
        return None;
    }
    if let Some(code) = refused
        && refused_levels.len() == read.len()
    {
        return Some(Policies::of(Reading::Refused(code)));
    }
    if without > 0 && !read.is_empty() {
        path.mistake(format!(
            "some levels have {short}s, and others say `{NOT_ENABLED}`, which holds for all levels or none"
        ));
        return None;
    }
    Some(Policies {
        policies: Reading::Read(read),
        refused: refused_levels,
    })
}

/// What stands for the policies of a level that was refused: one that denies nothing, since a denial on any other level holds
/// whatever this level says.
fn not_known(kind: &PolicyKind, id: &str) -> NamedPolicy {
    const ALL: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    const ALL_FOR_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let text = match kind.key {
        RCPS => ALL_FOR_ALL,
        _ => ALL,
    };
    NamedPolicy {
        name: format!("{}s of {id}, which were not read", kind.short).into(),
        document: Arc::new((kind.parse)(text)),
    }
}

/// The policies of a kind on one level.
fn level_of_kind(kind: &PolicyKind, id: &str, list: &Value<'_, '_>) -> Option<Vec<NamedPolicy>> {
    let PolicyKind { short, .. } = kind;
    let items = list.items(&format!(
        "a list of {short}s: what `aws organizations describe-policy` prints, or documents"
    ))?;
    if items.is_empty() {
        list.mistake(format!(
            "there is no {short}, and AWS attaches one to each root, OU and account: write `{{\"error\": {{\"code\": \"{NOT_ENABLED}\"}}}}` on each level where the organisation has no {short}s"
        ));
        return None;
    }
    let policies = items.iter().enumerate();
    policies
        .map(|(at, item)| policy(kind, format!("{short} {} of {id}", at + 1), item))
        .collect()
}

/// A policy with its document; `otherwise` is what it is called where it has neither an id nor a name.
pub(super) fn policy(
    kind: &PolicyKind,
    otherwise: String,
    value: &Value<'_, '_>,
) -> Option<NamedPolicy> {
    const EXPECTED: &str = "what `aws organizations describe-policy` prints, or a policy document";
    let printed = value.printed(&["Policy"], &["Statement", "Version", "Id"], EXPECTED)?;
    let Some(policy) = printed.get("Policy") else {
        printed.required("Statement", EXPECTED)?;
        return Some(NamedPolicy {
            name: otherwise.into(),
            document: parse(value, kind.parse),
        });
    };
    let policy = policy.printed(&["PolicySummary", "Content"], &[], EXPECTED)?;
    let content = policy.required("Content", EXPECTED)?;
    let mut name = None;
    if let Some(summary) = policy.get("PolicySummary") {
        let summary = summary.printed(
            &["Id", "Name", "Type"],
            &["Arn", "Description", "AwsManaged"],
            EXPECTED,
        )?;
        if let Some(found) = summary.get("Type") {
            let text = found.text(kind.name)?;
            if *text != *kind.name {
                found.mistake(format!(
                    "this is a `{text}`, and stands among the {}s: expected a `{}`",
                    kind.short, kind.name
                ));
                return None;
            }
        }
        name = match summary.get("Id").or_else(|| summary.get("Name")) {
            Some(name) => Some(name.text("a text")?),
            None => None,
        };
    }
    Some(NamedPolicy {
        name: name.map_or_else(|| otherwise.into(), Arc::from),
        document: parse(content, kind.parse),
    })
}
