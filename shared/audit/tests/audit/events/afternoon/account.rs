//! The account of the afternoon, and what a function does with a batch of its events.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit::events::{Footprint, TrailEvents, read_messages};
use audit::ports::{Environment, Pause, Simulate};
use audit::resources::{Resources, Wanted};
use audit::simulate::{Inquiry, Reply};
use audit::{Asked, Finding, Ports, Run, Selection, Settings, embedded, run};
use catalog::PolicyDocument;
use iam::{Inventory, PrincipalArn, ServiceControl};
use serde_json::{Value, json};

use super::counted;
use crate::events::applied::apply;
use crate::outside::{Memory, Recorder, now_or_never};
use crate::phases::asked;
use crate::principals::key;
use crate::story::line;

/// An event comes back so often.
const TIMES: u32 = 3;

pub(crate) struct Afternoon {
    aws: Aws,
    memory: Memory,
    recorder: Recorder,
    footprint: Option<Footprint>,
    /// What happens while an audit waits.
    pub(super) meanwhile: Vec<Value>,
    /// What comes back, with how often it came.
    waiting: Vec<(Value, u32)>,
    pub(super) batches: usize,
}

/// IAM and its simulator, which decides by what holds now.
struct Aws {
    account: Mutex<Value>,
    listings: Mutex<usize>,
}

/// What happens during the pause.
struct Later<'a>(&'a Aws, Mutex<Vec<Value>>);

impl Aws {
    fn inventory(&self) -> Inventory {
        let account = self.account.lock().unwrap().to_string();
        iam::inventory::read(account.as_bytes()).unwrap()
    }
}

impl Simulate for Aws {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        _: &[PolicyDocument],
    ) -> Vec<Reply> {
        let now = self.inventory();
        let arns = |inventory: &Inventory| -> Vec<PrincipalArn> {
            let principals = inventory.principals.iter();
            principals.map(|principal| principal.arn.clone()).collect()
        };
        assert_eq!(
            arns(&now),
            arns(inventory),
            "nobody comes or goes during an audit"
        );
        embedded::decide(&now, &ServiceControl::default(), inquiries)
    }
}

impl Environment for Aws {
    async fn listing(&self) -> Result<Arc<Inventory>, Box<dyn Error + Send + Sync>> {
        *self.listings.lock().unwrap() += 1;
        Ok(Arc::new(self.inventory()))
    }

    async fn add_access_keys(&self, inventory: &mut Arc<Inventory>, users: &[PrincipalArn]) {
        let keys = |user: &PrincipalArn| {
            (
                user.clone(),
                vec![key("AB12", true, "2026-10-01T00:00:00Z")],
            )
        };
        Arc::make_mut(inventory).access_keys = Some(users.iter().map(keys).collect());
    }

    async fn resources(&self, _: &Wanted) -> Arc<Resources> {
        Arc::default()
    }

    fn service_control(&self) -> ServiceControl<'_> {
        ServiceControl::default()
    }

    fn applies_service_control(&self) -> bool {
        true
    }
}

impl Pause for Later<'_> {
    async fn pause(&self, _: Duration) {
        for event in self.1.lock().unwrap().drain(..) {
            apply(&mut self.0.account.lock().unwrap(), &event);
        }
    }
}

impl Default for Afternoon {
    fn default() -> Self {
        Self {
            aws: Aws {
                account: Mutex::new(account()),
                listings: Mutex::new(0),
            },
            memory: Memory::default(),
            recorder: Recorder::default(),
            footprint: None,
            meanwhile: Vec::new(),
            waiting: Vec::new(),
            batches: 0,
        }
    }
}

impl Afternoon {
    /// IAM shows these from now on.
    pub(super) fn happens(&self, events: &[&Value]) {
        for event in events {
            apply(&mut self.aws.account.lock().unwrap(), event);
        }
    }

    pub(super) fn listings(&self) -> usize {
        *self.aws.listings.lock().unwrap()
    }

    /// The whole audit that comes before all events.
    pub(super) fn whole(&mut self, time: &str) -> String {
        let settings = Settings::default();
        let asked = asked(&settings, &moment(time), &Selection::default());
        let run = self.audit(&asked);
        self.footprint = Some(run.look.listed.footprint(&asked));
        let verdicts = run.look.assessment.verdicts.len();
        let mut text = format!("{time} a whole audit: {verdicts} verdicts\n");
        self.tell(&mut text, &run);
        text
    }

    /// What the function does with a batch.
    pub(super) fn batch(&mut self, what: &str, time: &str, events: &[Value]) -> String {
        let events: Vec<_> = events.iter().map(|event| (event.clone(), 0)).collect();
        self.deliver(&format!("{time} {what}"), time, events)
    }

    /// What it does with what comes back.
    pub(super) fn again(&mut self, time: &str) -> String {
        let events = std::mem::take(&mut self.waiting);
        assert_ne!(events.len(), 0, "nothing waits");
        self.deliver(&format!("{time} half a minute later"), time, events)
    }

    fn deliver(&mut self, title: &str, time: &str, events: Vec<(Value, u32)>) -> String {
        self.batches += 1;
        let settings = Settings::default();
        let asked = asked(&settings, &moment(time), &Selection::default());
        let mut text = format!("\n{title}\n");
        writeln!(
            text,
            "  came: {}",
            counted(events.iter().map(|(event, _)| event))
        )
        .unwrap();
        let messages: Vec<String> = events.iter().map(|(event, _)| event.to_string()).collect();
        let batch = read_messages(messages.iter().map(String::as_str));
        for fault in &batch.faults {
            writeln!(text, "  not understood: {fault}").unwrap();
        }
        let known = self.footprint.as_mut().unwrap();
        let mut kept = known.select(batch, &asked.binding_rules());
        if kept.events.is_empty() {
            text.push_str("  none of it concerns us: no call to IAM\n");
            return text;
        }
        let left = |id: &str| {
            let mut events = events.iter();
            events.any(|(event, times)| event["eventID"] == id && *times < TIMES)
        };
        kept.waits = kept
            .events
            .iter()
            .map(|event| event.id.clone())
            .filter(|id| left(id))
            .collect();
        self.judge(&mut text, &asked, &kept, &events);
        text
    }

    fn judge(
        &mut self,
        text: &mut String,
        asked: &Asked<'_>,
        kept: &TrailEvents,
        events: &[(Value, u32)],
    ) {
        let asked = Asked {
            touched_by: Some(kept),
            ..asked.clone()
        };
        let run = self.audit(&asked);
        let later = run.look.listed.footprint(&asked);
        self.footprint.as_mut().unwrap().extend(later);
        let touched = run.look.listed.touched.as_ref().unwrap();
        let mut by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (principal, events) in &touched.bound {
            let calls = by.entry(principal.name()).or_default();
            calls.extend(events.iter().map(|event| {
                let who = event.actor.arn.as_deref().unwrap_or("an AWS service");
                let who = who.rsplit(':').next().unwrap_or_default();
                format!("{} by {who}", event.call)
            }));
        }
        for (name, calls) in by {
            writeln!(text, "  touched: {name} ({})", calls.join(", ")).unwrap();
        }
        for principal in touched.unbound.iter() {
            writeln!(
                text,
                "  touched, and nothing binds it: {}",
                principal.name()
            )
            .unwrap();
        }
        self.waiting.clear();
        for event in &touched.pending {
            writeln!(text, "  comes back in 30 s: {}", event.call).unwrap();
            let mut came = events.iter().filter(|(raw, _)| raw["eventID"] == *event.id);
            let (raw, times) = came.next().unwrap();
            self.waiting.push((raw.clone(), times + 1));
        }
        self.tell(text, &run);
    }

    fn audit(&mut self, asked: &Asked<'_>) -> Run {
        let later = Later(&self.aws, Mutex::new(std::mem::take(&mut self.meanwhile)));
        let ports = Ports {
            environment: &self.aws,
            store: &self.memory,
            publisher: &self.recorder,
            pause: Some(&later),
        };
        now_or_never(run(asked, &ports)).unwrap()
    }

    fn tell(&self, text: &mut String, run: &Run) {
        let published = self.recorder.published.lock().unwrap();
        let news = published.last().unwrap();
        let named = |finding: &Finding| {
            let name = finding
                .principal
                .as_ref()
                .map_or("account", PrincipalArn::name);
            format!("{} of {name}", finding.code)
        };
        for finding in &run.recovered {
            writeln!(text, "  well again after the pause: {}", named(finding)).unwrap();
        }
        for event in &news.events {
            writeln!(text, "  machines: {} {}", event.kind, named(&event.finding)).unwrap();
        }
        for message in &news.messages {
            writeln!(text, "  people: {}", line(message, &news.events)).unwrap();
        }
        if news.events.is_empty() && news.messages.is_empty() {
            text.push_str("  nobody is told anything\n");
        }
    }
}

fn moment(time: &str) -> String {
    format!("2026-11-28T{time}Z")
}

pub(super) fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com", "AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"},
    ]})
}

/// Two roles and a user of ours, with their policies, and a role of others.
fn account() -> Value {
    let created = "2026-01-01T00:00:00+00:00";
    let arn = |kind: &str, name: &str| format!("arn:aws:iam::111122223333:{kind}/{name}");
    let allow = |actions: &[&str]| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
    let role = |name: &str, tags: Value| {
        json!({
            "Path": "/", "RoleName": name, "RoleId": format!("AROA{name}"), "Arn": arn("role", name), "CreateDate": created,
            "AssumeRolePolicyDocument": trust(), "RolePolicyList": [], "Tags": tags,
            "AttachedManagedPolicies": [{"PolicyName": "copy", "PolicyArn": arn("policy", "copy")}],
            "InstanceProfileList": [{
                "Path": "/", "InstanceProfileName": name, "InstanceProfileId": format!("AIPA{name}"),
                "Arn": arn("instance-profile", name), "CreateDate": created, "Roles": [],
            }],
        })
    };
    let policy = |name: &str, actions: &[&str]| {
        json!({
            "PolicyName": name, "PolicyId": format!("ANPA{name}"), "Arn": arn("policy", name), "Path": "/",
            "DefaultVersionId": "v1", "CreateDate": created,
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": allow(actions)}],
        })
    };
    let copy = json!([{"Key": "veeam:action-sets", "Value": "copy"}, {"Key": "veeam:assumed-by", "Value": "111122223333"}]);
    json!({
        "RoleDetailList": [role("copier", copy.clone()), role("archiver", copy), role("web-1", json!([]))],
        "UserDetailList": [{
            "Path": "/", "UserName": "uploader", "UserId": "AIDAuploader", "Arn": arn("user", "uploader"),
            "CreateDate": created, "GroupList": ["uploaders"], "AttachedManagedPolicies": [],
            "Tags": [{"Key": "veeam:action-sets", "Value": "upload"}],
        }],
        "GroupDetailList": [{
            "Path": "/", "GroupName": "uploaders", "GroupId": "AGPAuploaders", "Arn": arn("group", "uploaders"),
            "CreateDate": created, "AttachedManagedPolicies": [],
            "GroupPolicyList": [{"PolicyName": "upload", "PolicyDocument": allow(&["s3:*Object"])}],
        }],
        "Policies": [
            policy("copy", &["ec2:*", "s3:*", "kms:*"]),
            policy("full", &["ec2:*", "s3:*", "kms:*"]),
            policy("narrow", &["s3:*"]),
            policy("web", &["s3:GetObject"]),
        ],
        "IsTruncated": false,
    })
}
