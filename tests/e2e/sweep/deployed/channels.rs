//! Channels: is each one that a parameter switches on connected, and does it get what it is owed?
//!
//! In: a site that was deployed with [`ALL`]. The chat topic has a second reader, a queue. The deployed API destinations are turned
//! from PagerDuty's and Opsgenie's hosts to a listener, which gets the requests that EventBridge makes. Security Hub is the server's
//! own, and asks for the function's grant. Nobody reads mail here, nothing is shown in Slack, and no rule's role is asked for:
//! `tests/e2e/tests/grants/main.rs` judges that one.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use e2e::http::{Answer, Listener, Message, listen};
use e2e::server::{Enforcement, Server};
use e2e::template::Template;
use serde_json::{Value, json};

use crate::site::{Site, arn, listener};

const PAGER_DUTY: &str = "https://events.eu.pagerduty.com/v2/enqueue";
const PAGER_DUTY_KEY: &str = "0123456789abcdef0123456789abcdef";
const OPSGENIE: &str = "https://api.atlassian.com/jsm/ops/integration/v2/alerts";
const OPSGENIE_KEY: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// Every channel switched on, and no choice left at its default.
pub(crate) const ALL: [(&str, &str); 11] = [
    ("AlertEmail", "backup-team@example.com"),
    ("ChatState", "ENABLED"),
    ("SlackWorkspaceId", "T0123ABCD"),
    ("SlackChannelId", "C0123ABCD"),
    ("PagerDutyRoutingKey", PAGER_DUTY_KEY),
    ("PagerDutyEndpoint", PAGER_DUTY),
    ("OpsgenieApiKey", OPSGENIE_KEY),
    ("OpsgenieEndpoint", OPSGENIE),
    ("OnCallLevels", "critical"),
    ("SecurityHubState", "ENABLED"),
    ("OcsfState", "ENABLED"),
];

/// Who listens on the channels of a site, besides those who listen on all of them.
pub(crate) struct Channels<'a> {
    site: &'a Site,
    chats: String,
    calls: Receiver<Message>,
    _tools: Listener,
}

impl<'a> Channels<'a> {
    pub(crate) fn of(site: &'a Site) -> Self {
        is_connected(site);
        let aws = site.server.aws();
        let chats = listener(&site.server, "chats");
        aws.must("sns", "subscribe", json!({
            "TopicArn": site.stack.output("ChatTopicArn"), "Protocol": "sqs", "Endpoint": arn("chats"),
            "Attributes": { "RawMessageDelivery": "true" } }));
        let (got, calls) = channel();
        let tools = listen(move |call| {
            let _ = got.send(call);
            Answer::Whole(Message::answer(202, "application/json", "{}"))
        });
        for (id, endpoint) in [
            ("PagerDutyDestination", PAGER_DUTY.to_owned()),
            ("OpsgenieDestination", OPSGENIE.to_owned()),
            ("OpsgenieCloseDestination", format!("{OPSGENIE}/*/close")),
        ] {
            let name = json!({ "Name": site.stack.resource(id) });
            let is = aws.must("events", "describe_api_destination", name.clone());
            assert_eq!(is["InvocationEndpoint"], endpoint.as_str(), "{id}");
            let mut turned = name;
            turned["InvocationEndpoint"] =
                json!(endpoint.replacen("https:/", &format!("{}/https:/", tools.url()), 1));
            aws.must("events", "update_api_destination", turned);
        }
        Self {
            site,
            chats,
            calls,
            _tools: tools,
        }
    }

    /// The chat messages since this was last asked.
    pub(crate) fn chats(&self) -> Vec<Value> {
        self.site.read(&self.chats)
    }

    /// The next so many calls of the on-call tools, in a fixed order: what happens to which alert, and the body.
    #[track_caller]
    pub(crate) fn calls<const N: usize>(&self) -> [(String, Value); N] {
        let mut calls = std::array::from_fn(|_| {
            let call = self.calls.recv_timeout(Duration::from_secs(60));
            told(&call.unwrap_or_else(|_| panic!("a call is missing:\n{}", self.site.server.log())))
        });
        calls.sort_by(|a, b| a.0.cmp(&b.0));
        calls
    }

    /// No call came that nobody waited for.
    #[track_caller]
    pub(crate) fn is_quiet(&self) {
        let more: Vec<(String, Value)> = self.calls.try_iter().map(|call| told(&call)).collect();
        assert_eq!(more, []);
    }

    /// What stands in Security Hub, by id; each import is later than the one before.
    pub(crate) fn filed(&self) -> BTreeMap<String, Value> {
        let got = self
            .site
            .server
            .aws()
            .must("securityhub", "get_findings", json!({}));
        let mut filed: BTreeMap<String, Value> = BTreeMap::new();
        for finding in got["Findings"].as_array().into_iter().flatten() {
            let id = finding["Id"].as_str().unwrap_or_default().to_owned();
            if let Some(before) = filed.insert(id, finding.clone()) {
                let times = [&before, finding].map(|one| one["UpdatedAt"].as_str());
                assert!(times[0] < times[1], "{times:?}");
            }
        }
        filed
    }
}

/// All that the parameters ask for is there, and hangs together.
fn is_connected(site: &Site) {
    let groups = &Template::Account.transformed()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    assert_eq!(groups[0]["Label"]["default"], "Who is told");
    let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(groups[0]["Parameters"], json!(names), "every channel is on");

    let (aws, stack) = (site.server.aws(), &site.stack);
    let list = |got: &Value, key: &str| got[key].as_array().cloned().unwrap_or_default();

    let got = aws.must(
        "lambda",
        "get_function_configuration",
        json!({ "FunctionName": stack.output("SweepFunction") }),
    );
    assert_eq!(
        got["Environment"]["Variables"],
        json!({
            "PERMDRIFT_TABLE": stack.output("BaselineTable"),
            "PERMDRIFT_TOPIC": stack.output("PeopleTopicArn"),
            "PERMDRIFT_CHAT_TOPIC": stack.output("ChatTopicArn"),
            "PERMDRIFT_BUS": stack.output("FindingsBusName"),
            "PERMDRIFT_OCSF": "ENABLED",
            "PERMDRIFT_SECURITY_HUB": "ENABLED",
            "PERMDRIFT_REMAINDER": stack.output("RemainderQueueUrl"),
            "PERMDRIFT_CHANGES": "ENABLED",
            "PERMDRIFT_SETTINGS": "/permdrift/settings",
            "PERMDRIFT_STACK": "permdrift",
        })
    );

    let got = aws.must(
        "sns",
        "list_subscriptions_by_topic",
        json!({ "TopicArn": stack.output("PeopleTopicArn") }),
    );
    let mails = list(&got, "Subscriptions");
    let mail = mails.iter().find(|one| one["Protocol"] == "email");
    assert_eq!(
        mail.map(|mail| &mail["Endpoint"]),
        Some(&json!("backup-team@example.com"))
    );

    let got = aws.must(
        "chatbot",
        "describe_slack_channel_configurations",
        json!({}),
    );
    let slack = &list(&got, "SlackChannelConfigurations")[0];
    assert_eq!(
        [&slack["SlackTeamId"], &slack["SlackChannelId"]],
        ["T0123ABCD", "C0123ABCD"]
    );
    assert_eq!(slack["SnsTopicArns"], json!([stack.output("ChatTopicArn")]));
    assert_eq!(
        slack["GuardrailPolicyArns"],
        json!(["arn:aws:iam::aws:policy/AWSDenyAll"])
    );
    let arn_of = |role: &str| {
        let name = json!({ "RoleName": stack.resource(role) });
        aws.must("iam", "get_role", name)["Role"]["Arn"].clone()
    };
    assert_eq!(slack["IamRoleArn"], arn_of("SlackRole"));

    // What is not delivered lies where the alarm looks.
    let undelivered = stack.output("UndeliveredAlertsUrl");
    let undelivered = undelivered.rsplit('/').next().unwrap_or_default();
    for rule in ["PagerDutyRule", "OpsgenieRule", "OpsgenieCloseRule"] {
        let got = aws.must(
            "events",
            "list_targets_by_rule",
            json!({ "Rule": stack.resource(rule), "EventBusName": stack.output("FindingsBusName") }),
        );
        let targets = list(&got, "Targets");
        assert_eq!(targets.len(), 1, "{rule}");
        assert_eq!(targets[0]["RoleArn"], arn_of("OnCallRole"), "{rule}");
        assert_eq!(
            targets[0]["DeadLetterConfig"]["Arn"],
            arn(undelivered).as_str(),
            "{rule}"
        );
    }
    let got = aws.must(
        "cloudwatch",
        "describe_alarms",
        json!({ "AlarmNames": [stack.resource("AlertsUndelivered")] }),
    );
    let alarm = &list(&got, "MetricAlarms")[0];
    assert_eq!(
        alarm["Dimensions"],
        json!([{ "Name": "QueueName", "Value": undelivered }])
    );
    assert_eq!(
        alarm["AlarmActions"],
        json!([stack.output("PeopleTopicArn")])
    );
}

/// What a call says, such as `PagerDuty trigger ID`; the key is where the tool looks for it.
#[track_caller]
fn told(call: &Message) -> (String, Value) {
    let body: Value = serde_json::from_slice(&call.body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&call.body)));
    assert!(call.first.starts_with("POST "), "{}", call.first);
    assert!(
        call.header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json")),
        "{:?}",
        call.headers
    );
    let url = call.target().trim_start_matches('/');
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    if url == PAGER_DUTY {
        assert_eq!(body["routing_key"], PAGER_DUTY_KEY);
        let what = format!("PagerDuty {} {}", text("event_action"), text("dedup_key"));
        return (what, body);
    }
    assert_eq!(
        call.header("authorization"),
        Some(&*format!("GenieKey {OPSGENIE_KEY}"))
    );
    if url == OPSGENIE {
        return (format!("Opsgenie create {}", text("alias")), body);
    }
    let alias = url
        .strip_prefix(OPSGENIE)
        .and_then(|rest| rest.strip_suffix("/close?identifierType=alias"));
    let alias = alias.unwrap_or_else(|| panic!("nobody listens at {url}"));
    (format!("Opsgenie close {}", alias.trim_matches('/')), body)
}

#[test]
fn half_a_channel_is_refused() {
    let server = Server::start(Enforcement::Off);
    let refused = |parameters: &[(&str, &str)]| {
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }))
            .collect();
        let told = server.aws().call(
            "cloudformation",
            "create_stack",
            json!({
            "StackName": "half", "TemplateBody": Template::Account.transformed().to_string(),
            "Capabilities": ["CAPABILITY_IAM"], "Parameters": parameters }),
        );
        told.expect_err("such a stack is refused").message
    };
    let needs = "Slack needs SlackWorkspaceId and SlackChannelId, and ChatState ENABLED.";
    let chat = ("ChatState", "ENABLED");
    let workspace = ("SlackWorkspaceId", "T0123ABCD");
    let channel = ("SlackChannelId", "C0123ABCD");
    for given in [
        &[chat, workspace][..],
        &[chat, channel],
        &[workspace, channel],
    ] {
        let message = refused(given);
        assert!(message.contains(needs), "{given:?}: {message}");
    }
    let message = refused(&[("OnCallLevels", "critical,High")]);
    assert!(
        message.contains("must be some of critical, high"),
        "{message}"
    );
    let message = refused(&[("PagerDutyRoutingKey", "")]);
    assert!(message.contains("must be none, or 32"), "{message}");
}
