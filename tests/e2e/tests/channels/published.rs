//! What is published: one audit through every format.

use audit::ports::News;
use audit::{Assessment, Settings, Step};
use report::Header;
use report::channels::{self, Words};
use report::machine::asff;
use report::machine::event::{Machine, Outcome};
use report::mail::Text;
use serde_json::{Value, json};

use crate::principals::account;
use crate::readers;
use crate::rule::{Call, calls};

/// The region that findings are filed under.
const REGION: &str = "eu-central-1";

/// What every channel got of one audit.
pub(crate) struct Published {
    pub(crate) mails: Vec<Text>,
    pub(crate) chats: Vec<Value>,
    /// As a rule of the bus sees them.
    pub(crate) events: Vec<Value>,
    /// Calls of on-call tools, with the rule that makes them.
    pub(crate) calls: Vec<(&'static str, Call)>,
    /// Findings in ASFF.
    pub(crate) filed: Vec<Value>,
}

impl Published {
    /// What is told of an audit, as the Lambda tells it; every reader has looked at it.
    pub(crate) fn of(assessment: &Assessment, step: &Step, settings: &Settings) -> Self {
        let audit = format!("{}/{}", assessment.account, assessment.at);
        let header = Header {
            audit: &audit,
            account: assessment.account,
            at: assessment.at,
        };
        let findings = audit::observe(assessment, settings);
        let news = News {
            assessment,
            findings: &findings,
            events: &step.events,
            messages: &step.messages,
            baseline: &step.baseline,
            mutes: &step.mutes,
        };
        let found = channels::found(&header, &news, settings, Some(REGION));
        let end = match &assessment.failure {
            Some(reason) => channels::failed_for_machines(&header, reason),
            None => {
                let outcome = Outcome {
                    counts: audit::VerdictCounts::of(assessment),
                    runs: 1,
                    complete: assessment.is_complete(),
                    layers: assessment.coverage.layers,
                    ..Outcome::default()
                };
                channels::completed(&header, &outcome, &step.baseline)
            }
        };
        let Words {
            mut machines,
            mut texts,
            mut chats,
        } = found;
        machines.extend(end.machines);
        texts.extend(end.texts);
        chats.extend(end.chats);
        let selection = &assessment.coverage.selection;
        let filed = asff::current(
            &step.baseline,
            selection,
            settings,
            REGION,
            audit::mute::At::of(assessment),
        );
        let told = Self {
            mails: texts,
            chats: chats
                .iter()
                .map(|chat| serde_json::from_str(&chat.json()).unwrap())
                .collect(),
            calls: Vec::new(),
            events: machines
                .iter()
                .map(|machine| event(machine, &header))
                .collect(),
            filed: filed
                .iter()
                .map(|finding| serde_json::to_value(finding).unwrap())
                .collect(),
        };
        let told = Self {
            calls: told.events.iter().flat_map(calls).collect(),
            ..told
        };
        told.check();
        told
    }

    #[track_caller]
    fn check(&self) {
        for mail in &self.mails {
            readers::plain(&mail.subject);
            readers::plain(&mail.body);
            assert!(!mail.subject.contains('\n') && mail.body.len() <= 262_144);
        }
        for chat in &self.chats {
            readers::chat(chat);
        }
        for event in &self.events {
            if event["detail-type"] == "OCSF Compliance Finding" {
                readers::ocsf(&event["detail"]);
            } else {
                readers::event(&event["detail"]);
            }
            assert!(event.to_string().len() < 256 * 1024, "EventBridge's limit");
        }
        for (rule, call) in &self.calls {
            match *rule {
                "PagerDutyRule" => readers::pagerduty(call),
                _ => readers::opsgenie(call),
            }
        }
    }
}

/// What a rule sees.
fn event(machine: &Machine, header: &Header<'_>) -> Value {
    json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": machine.detail_type,
        "source": "permdrift",
        "account": header.account.as_str(),
        "time": header.at.to_string(),
        "region": REGION,
        "resources": machine.resources,
        "detail": serde_json::from_str::<Value>(&machine.detail).unwrap(),
    })
}

/// Two roles that one SCP statement takes an action from: what is told then, and what when it is over.
pub(crate) fn example() -> (Published, Published) {
    use crate::phases::audit;
    use crate::principals::{copier, inventory};
    use crate::rules::{Rules, Why};
    use crate::story::Story;
    let mut story = Story::new(vec![copier("VeeamNightly"), copier("VeeamWeekly")]);
    story.settings = Settings::parse(
        "[owners]\nidentity = \"Backup team, #backup-aws\"\nscp = \"Cloud platform, #cloud-platform\"",
    )
    .unwrap();
    let rules = Rules::default().deny("*", &["ec2:CreateSnapshot"], Why::Scp("DenySnapshots"));
    let told = |rules: &Rules, now: &str| {
        let found = audit(
            &inventory(story.principals.clone()),
            rules,
            &story.settings,
            now,
        );
        Published::of(&found, &story.step(&found), &story.settings)
    };
    let opened = told(&rules, "2026-11-05T03:15:00Z");
    (opened, told(&Rules::default(), "2026-11-06T03:15:00Z"))
}

#[test]
fn one_statement_that_hits_two_roles_is_one_alert_on_every_channel() {
    let (opened, resolved) = example();
    assert_eq!((opened.mails.len(), opened.chats.len()), (1, 1));
    assert_eq!(opened.filed.len(), 2);
    let keys = |told: &Published| -> Vec<String> {
        let keys = told.calls.iter().map(|(_, call)| {
            let key = [&call.body["dedup_key"], &call.body["alias"]];
            let key = key.iter().find_map(|key| key.as_str());
            key.map_or_else(|| call.url.clone(), str::to_owned)
        });
        keys.collect()
    };
    let thread = opened.chats[0]["metadata"]["threadId"]
        .as_str()
        .unwrap()
        .to_owned();
    let ids: Vec<&str> = opened
        .filed
        .iter()
        .map(|finding| finding["Id"].as_str().unwrap())
        .collect();
    assert!(
        ids.contains(&thread.as_str()),
        "the thread bears the id of a finding"
    );
    for id in &ids {
        assert!(opened.mails[0].body.contains(id), "{id}");
        assert!(
            opened.chats[0]["content"]["description"]
                .as_str()
                .unwrap()
                .contains(id)
        );
        assert!(
            opened.calls[0].1.body["payload"]["custom_details"]["findings"]
                .as_array()
                .unwrap()
                .contains(&json!(id))
        );
    }
    // What follows is that audits work.
    assert_eq!(keys(&opened)[..2], [thread.clone(), thread.clone()]);
    let close = format!("https://api.opsgenie.com/v2/alerts/{thread}/close?identifierType=alias");
    assert_eq!(
        keys(&resolved)[..2],
        [thread.clone(), close],
        "resolved under the same key"
    );
    assert_eq!(resolved.chats[0]["metadata"]["threadId"], thread.as_str());
    assert_eq!(account().as_str(), "111122223333");
}
