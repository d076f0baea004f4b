//! A small world: an account with principals, rules that say what is denied to whom, and a story of audits.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use audit::finding::{Event, Message};
use audit::judge::assess;
use audit::look::list;
use audit::simulate::{Inquiry, Reply, inquiries};
use audit::stored::{Form, account_entry, principal_entry, read_entries};
use audit::{
    Asked, Assessment, Baseline, Change, Listed, Look, Principals, Saved, Selection, Settings,
    Step, look, observe,
};
use catalog::{Catalog, SetFile};
use futures_util::FutureExt as _;
use iam::inventory::{AccessKey, Principal};
use iam::{
    AccountId, Cause, Decision, Group, Inventory, Layer, Outcome, PrincipalArn, Question,
    ServiceControl, StatementRef,
};
use jiff::Timestamp;

pub(crate) const ACCOUNT: &str = "111122223333";

/// Two sets that no catalog has: `copy` for roles, `upload` for users.
pub(crate) const SETS: &str = r#"
[[action-set]]
id = "copy"
title = "Nightly copy"
operation = "Copy last night's backups to the second site."
impact = "Copies stop; the first site still has all."
severity = "high"
principal = "role"
lifetime = "standing"
trust-services = ["backup.amazonaws.com"]
assumed-by-appliance = true
instance-profile = true
actions = [
  { name = "ec2:CreateSnapshot" },
  { name = "ec2:DeleteSubnet", optional = "only to clean up" },
  { name = "kms:CreateGrant", scope = "kms_key", condition = "kms-encrypted-repository" },
  { name = "s3:GetObject", scope = "object" },
  { name = "s3:ListBucket", scope = "bucket" },
]
[[action-set.source]]
page = "https://example.com/copy"
date = "2026-01-01"
build = "1"

[[action-set]]
id = "upload"
title = "Upload"
operation = "Send backups to a bucket."
impact = "Backups stop."
severity = "critical"
principal = "user"
lifetime = "standing"
actions = [
  { name = "s3:DeleteObject", scope = "object" },
  { name = "s3:PutObject", scope = "object" },
]
[[action-set.source]]
page = "https://example.com/upload"
date = "2026-01-01"
build = "1"

[[action-set]]
id = "grant-once"
title = "Grant once"
operation = "Give a role what it lacks."
impact = "Roles must be repaired by hand."
severity = "low"
principal = "user"
lifetime = "transient"
actions = ["iam:PutRolePolicy"]
[[action-set.source]]
page = "https://example.com/grant"
date = "2026-01-01"
build = "1"
"#;

pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let file = SetFile {
            file: "world",
            text: SETS,
        };
        Catalog::embedded().with_own_sets(&[file]).unwrap()
    });
    &CATALOG
}

pub(crate) fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

pub(crate) fn role(name: &str) -> PrincipalArn {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
        .parse()
        .unwrap()
}

pub(crate) fn user(name: &str) -> PrincipalArn {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
        .parse()
        .unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A principal with tags (without their prefix) and nothing else.
pub(crate) fn principal(arn: PrincipalArn, tags: &[(&str, &str)]) -> Principal {
    let tags = tags
        .iter()
        .map(|(key, value)| (format!("veeam:{key}").into(), (*value).into()));
    Principal {
        id: "AROAEXAMPLE".into(),
        created: "".into(),
        tags: tags.collect(),
        inline: Vec::new(),
        attached: Vec::new(),
        groups: Vec::new(),
        boundary: None,
        trust: None,
        instance_profiles: Vec::new(),
        unsettled: Vec::new(),
        arn,
    }
}

/// A role that `copy` finds nothing wrong with.
pub(crate) fn copier(name: &str) -> Principal {
    let mut principal = principal(
        role(name),
        &[("action-sets", "copy"), ("assumed-by", "444455556666")],
    );
    principal.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(TRUST)));
    principal.instance_profiles.push(name.into());
    principal
}

pub(crate) const TRUST: &str = r#"{"Statement":[
    {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"backup.amazonaws.com","AWS":"arn:aws:iam::444455556666:root"}}
]}"#;

/// A key that was used on the last day of October.
pub(crate) fn key(suffix: &str, active: bool, created: &str) -> AccessKey {
    AccessKey {
        suffix: suffix.into(),
        active,
        created: created.into(),
        last_used: Some("2026-10-31T05:00:00Z".into()),
    }
}

pub(crate) fn inventory(mut principals: Vec<Principal>) -> Inventory {
    principals.sort_by(|a, b| a.arn.cmp(&b.arn));
    let users = principals
        .iter()
        .filter(|principal| principal.arn.kind() == iam::PrincipalKind::User);
    let no_keys = users.map(|user| (user.arn.clone(), Vec::new())).collect();
    Inventory {
        account: Some(account()),
        principals,
        access_keys: Some(no_keys),
        ..Inventory::default()
    }
}

/// Why a simulator of this world does not plainly allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The principal's own policies do not allow it.
    Lost,
    /// An SCP statement denies it.
    Scp(&'static str),
    /// A boundary does not allow it.
    Boundary,
    /// The simulator gave no answer.
    Throttled,
    /// A context key decides.
    Hangs(&'static str),
    /// Allowed on narrower resources.
    OnlyOn(&'static str),
}

impl Why {
    pub(crate) fn outcome(&self) -> Outcome {
        let scp = |sid: &str| StatementRef {
            layer: Layer::ServiceControl { level: Some(1) },
            policy: "guardrails".into(),
            index: Some(0),
            sid: Some(sid.into()),
        };
        let (decision, cause) = match self {
            Self::Lost => (
                Decision::ImplicitDeny,
                Cause::NotAllowedIn(vec![Layer::Identity]),
            ),
            Self::Scp(sid) => (Decision::ExplicitDeny, Cause::DeniedBy(vec![scp(sid)])),
            Self::Boundary => (
                Decision::ImplicitDeny,
                Cause::NotAllowedIn(vec![Layer::Boundary]),
            ),
            Self::Throttled => {
                let reason = "throttled".into();
                (Decision::Undetermined, Cause::NoAnswer { reason })
            }
            Self::Hangs(_) => (
                Decision::Undetermined,
                Cause::MissingContext { by: Vec::new() },
            ),
            Self::OnlyOn(resource) => {
                let resources = vec![(*resource).into()];
                let by = Vec::new();
                (
                    Decision::ImplicitDeny,
                    Cause::AllowedOnlyOn { by, resources },
                )
            }
        };
        let missing = match self {
            Self::Hangs(key) => BTreeSet::from([Box::from(*key)]),
            Self::Lost | Self::Scp(_) | Self::Boundary | Self::Throttled | Self::OnlyOn(_) => {
                BTreeSet::new()
            }
        };
        Outcome {
            decision,
            cause,
            missing,
        }
    }
}

/// What is denied to whom: principal name, action (`*`: each), why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<(String, String, Why)>,
    /// Principals from this name on are not reached.
    pub(crate) stop_at: Option<String>,
}

impl Rules {
    pub(crate) fn deny(mut self, name: &str, actions: &[&str], why: Why) -> Self {
        for action in actions {
            self.rules
                .push((name.into(), (*action).into(), why.clone()));
        }
        self
    }

    /// These rules before others.
    pub(crate) fn then(mut self, others: &Self) -> Self {
        self.rules.extend(others.rules.iter().cloned());
        self
    }

    /// The groups for one list of questions. The first rule that fits an action counts.
    pub(crate) fn groups(&self, name: &str, questions: &[Question]) -> Vec<Group> {
        let mut groups: BTreeMap<(usize, Why), Vec<u16>> = BTreeMap::new();
        for (question, asked) in questions.iter().enumerate() {
            for (position, action) in asked.actions.iter().enumerate() {
                let rule = self.rules.iter().find(|(whose, denied, _)| {
                    (whose == name || whose == "*") && (denied == action.as_str() || denied == "*")
                });
                if let Some((_, _, why)) = rule {
                    let positions = groups.entry((question, why.clone())).or_default();
                    positions.push(u16::try_from(position).unwrap());
                }
            }
        }
        groups
            .into_iter()
            .map(|((question, why), actions)| Group {
                question,
                outcome: why.outcome(),
                actions,
            })
            .collect()
    }

    pub(crate) fn replies(&self, inventory: &Inventory, inquiries: &[Inquiry]) -> Vec<Reply> {
        let reply = |inquiry: &Inquiry| {
            let name = inventory.principals[inquiry.principal].arn.name();
            if self.stop_at.as_deref().is_some_and(|stop| name >= stop) {
                return Reply::NotReached;
            }
            let lists = inquiry.lists.iter();
            Reply::Decided(lists.map(|list| self.groups(name, list)).collect())
        };
        inquiries.iter().map(reply).collect()
    }
}

/// What is asked about a selection.
pub(crate) fn asked<'a>(settings: &'a Settings, now: &str, selection: &Selection) -> Asked<'a> {
    let principals = selection.principals.clone();
    Asked {
        account: Some(account()),
        principals: principals.map_or(Principals::All, Principals::These),
        sets: selection.sets.clone(),
        ..Asked::new(catalog(), settings, at(now))
    }
}

/// A saved environment.
pub(crate) fn saved<'a>(inventory: &Inventory, service_control: ServiceControl<'a>) -> Saved<'a> {
    Saved {
        inventory: Arc::new(inventory.clone()),
        service_control,
    }
}

/// What is listed and bound, whatever account the inventory is of.
pub(crate) fn listed(inventory: &Inventory, asked: &Asked<'_>) -> Listed {
    let asked = Asked {
        account: None,
        ..asked.clone()
    };
    list(&asked, &saved(inventory, ServiceControl::default()))
        .now_or_never()
        .expect("a saved environment never waits")
        .unwrap()
}

/// What the embedded simulator makes of an inventory.
pub(crate) fn looked(inventory: &Inventory, asked: &Asked<'_>, above: ServiceControl<'_>) -> Look {
    look(asked, &saved(inventory, above))
        .now_or_never()
        .expect("a saved environment never waits")
        .unwrap()
}

/// The changes of an assessment against a baseline.
pub(crate) fn compare(
    assessment: &Assessment,
    baseline: &Baseline,
    settings: &Settings,
) -> Vec<Change> {
    let findings = observe(assessment, settings);
    audit::compare(assessment, &findings, baseline, settings)
}

/// Binds, simulates by the rules and judges all at once.
pub(crate) fn audit(
    inventory: &Inventory,
    rules: &Rules,
    settings: &Settings,
    now: &str,
) -> Assessment {
    audit_some(inventory, rules, settings, now, &Selection::default())
}

pub(crate) fn audit_some(
    inventory: &Inventory,
    rules: &Rules,
    settings: &Settings,
    now: &str,
    selection: &Selection,
) -> Assessment {
    let asked = asked(settings, now, selection);
    let listed = listed(inventory, &asked);
    let inquiries = inquiries(&listed.bound);
    let replies = rules.replies(inventory, &inquiries);
    assess(&asked, &listed, &inquiries, replies)
}

/// A day after another, each with one audit, told as lines.
pub(crate) struct Story {
    pub(crate) settings: Settings,
    pub(crate) principals: Vec<Principal>,
    pub(crate) baseline: RefCell<Baseline>,
}

impl Story {
    pub(crate) fn new(principals: Vec<Principal>) -> Self {
        Self {
            settings: Settings::default(),
            principals,
            baseline: RefCell::new(Baseline::empty(account())),
        }
    }

    /// One audit; gives back what people are told, a line a message.
    pub(crate) fn audit(&self, now: &str, rules: &Rules) -> Vec<String> {
        let inventory = inventory(self.principals.clone());
        self.lead(&audit(&inventory, rules, &self.settings, now))
    }

    /// Leads the story on by an assessment; gives back what people are told, a line a message.
    pub(crate) fn lead(&self, assessment: &Assessment) -> Vec<String> {
        let step = self.step(assessment);
        let lines = step
            .messages
            .iter()
            .map(|message| line(message, &step.events));
        let notes = step.mutes.iter().filter(|note| note.is_new);
        let notes = notes.map(|note| format!("mute {}: {}", note.kind.as_str(), note.mute));
        lines.chain(notes).collect()
    }

    /// The step that an audit leads to, through the stored form.
    pub(crate) fn step(&self, assessment: &Assessment) -> Step {
        let baseline = self.baseline.borrow().clone();
        let changes = compare(assessment, &baseline, &self.settings);
        let step = audit::advance(baseline, assessment, changes, &self.settings);
        let stored = audit::stored::write_file(&step.baseline);
        let read = audit::stored::read_file(&stored).unwrap();
        assert_eq!(read, step.baseline, "the stored form keeps everything");
        for (principal, record) in &read.principals {
            let account = account_entry(&read, Form::Compact);
            let entry = principal_entry(principal, record, Form::Compact);
            let again = read_entries(&account, [&*entry]).unwrap();
            assert_eq!(again.principals[principal], *record, "so does the compact");
        }
        *self.baseline.borrow_mut() = read;
        step
    }
}

/// One message as one line: what happened, how bad, to whom, by what.
pub(crate) fn line(message: &Message, events: &[Event]) -> String {
    let mut whose = Vec::new();
    let mut items = BTreeSet::new();
    let mut notes = BTreeSet::new();
    for event in message.events.iter().map(|&at| &events[at]) {
        let finding = &event.finding;
        let name = finding
            .principal
            .as_ref()
            .map_or("account", |arn| arn.name());
        let set = if finding.set.is_empty() { "" } else { "/" };
        whose.push(format!("{name}{set}{}", finding.set));
        let shown = if event.items.is_empty() {
            &finding.items
        } else {
            &event.items
        };
        items.extend(shown.iter().map(|item| match &*item.place {
            "" => item.name.to_string(),
            place => format!("{} ({place})", item.name),
        }));
        let days = finding.seen.duration_since(finding.opened).as_hours() / 24;
        if days > 0 {
            notes.insert(format!("{days} d"));
        }
        if finding.openings > 1 {
            notes.insert(format!("opening {}", finding.openings));
        }
        let owners = finding
            .lacks
            .iter()
            .filter_map(|lack| lack.owner.as_deref());
        notes.extend(owners.map(|owner| format!("owner {owner}")));
    }
    let join = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join(", ");
    let cause = match &message.cause {
        Some(Cause::DeniedBy(by)) => format!(" by {}", by[0]),
        Some(other) => format!(" by {:?}", other.layers()),
        None => String::new(),
    };
    let resolution = match message.kind {
        audit::EventKind::Resolved(audit::finding::Resolution::Left) => " (left)",
        _ => "",
    };
    let notes = if notes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", join(notes))
    };
    format!(
        "{}{resolution} {} {}: {}: {}{cause}{notes}",
        message.kind,
        message.level,
        message.code,
        whose.join(", "),
        join(items),
    )
}
