//! What the roles of a hub and of its accounts must be able to do.

use aws::calls::{By, CALLS, HUB_CALLS, On};
use e2e::template::Place;

use super::{Need, need, platform};

/// A function of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HubFunction {
    Roster,
    Sweep,
    Gather,
    OnChange,
}

impl HubFunction {
    /// With the logical id of its role, and the end of its log group's name.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Roster, "RosterRole", "roster"),
        (Self::Sweep, "SweepRole", "sweep"),
        (Self::Gather, "GatherRole", "gather"),
        (Self::OnChange, "OnChangeRole", "on-change"),
    ];

    /// Whether it makes a call of the list.
    fn makes(self, by: By, on: On, action: &str) -> bool {
        let audits = matches!(self, Self::Sweep | Self::OnChange);
        let tells_people = matches!(self, Self::Gather | Self::OnChange);
        match by {
            // The hub's own account is audited without a role; who made a change is in the events that a function is given.
            By::Audit if action == "cloudtrail:LookupEvents" => self == Self::Sweep,
            By::Audit => audits || (self == Self::Roster && is_read_by_roster(action)),
            By::WholeOrganization => self == Self::Roster,
            // A hub imports nothing into the Security Hub of other accounts.
            By::Functions => match on {
                On::Product => false,
                On::Topic | On::ChatTopic => tells_people,
                On::Parameter => true,
                _ => self != Self::Roster,
            },
            By::Change => self == Self::OnChange,
            By::Hub => audits,
            By::HubFunctions => true,
            By::HubReaders => matches!(self, Self::Sweep | Self::Gather),
            By::Roster => self == Self::Roster,
            By::HubSweep => self == Self::Sweep,
            By::HubChange => self == Self::OnChange,
            By::Gather => self == Self::Gather,
            By::Sweep | By::Platform | By::Doctor => false,
        }
    }
}

fn is_read_by_roster(action: &str) -> bool {
    action.starts_with("organizations:")
}

/// What a call of an audit is made on, in the audited account; `None` for other calls.
fn of_account(place: &Place<'_>, on: On) -> Option<Vec<String>> {
    let Place {
        partition, account, ..
    } = place;
    let of_iam = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/*");
    Some(match on {
        On::All | On::Organization => vec!["*".to_owned()],
        On::Principals => vec![of_iam("user"), of_iam("role")],
        On::Users => vec![of_iam("user")],
        On::Keys => vec![format!("arn:{partition}:kms:*:{account}:key/*")],
        On::Buckets => vec![format!("arn:{partition}:s3:::*")],
        On::Vaults => vec![format!("arn:{partition}:backup:*:{account}:backup-vault:*")],
        _ => return None,
    })
}

/// What an account's role must be able to do: the calls of an audit.
pub(crate) fn audited(place: &Place<'_>) -> Vec<Need> {
    let calls = CALLS.iter().filter(|call| call.by == By::Audit);
    let needs = calls.flat_map(|call| {
        let on = of_account(place, call.on).expect("an audit's calls are made in the account");
        on.into_iter().map(|resource| need(call.action, resource))
    });
    needs.collect()
}

/// What a function of a hub must be able to do.
pub(crate) fn hub(place: &Place<'_>, function: HubFunction, group: &str) -> Vec<Need> {
    let Place {
        partition,
        region,
        account,
        ..
    } = place;
    let has_chat = place.parameters.contains(&("ChatState", "ENABLED"));
    let mut needs = Vec::new();
    let bucket = place.arn("Bucket");
    let objects = |keys: &[&str]| -> Vec<String> {
        keys.iter().map(|key| format!("{bucket}/{key}")).collect()
    };
    for call in CALLS.iter().chain(HUB_CALLS) {
        if !function.makes(call.by, call.on, call.action) || call.on == On::ChatTopic && !has_chat {
            continue;
        }
        let resources = of_account(place, call.on).unwrap_or_else(|| match call.on {
            On::Table => vec![place.arn("Baseline")],
            On::Topic => vec![place.arn("PeopleTopic")],
            On::ChatTopic => vec![place.arn("ChatTopic")],
            On::Bus => vec![place.arn("FindingsBus")],
            On::TrailEvents => vec![place.arn("TrailEvents")],
            On::DeadTrailEvents => vec![place.arn("DeadTrailEvents")],
            On::StateMachine => vec![place.arn("Run")],
            On::HubBucket => vec![bucket.clone()],
            On::HubRoster => objects(&["organization.json", "roster.json"]),
            On::HubAnswers => objects(&["runs/*/organization.json"]),
            On::HubItems => objects(&["runs/*/accounts.json"]),
            On::HubAccounts => objects(&["accounts/*"]),
            On::HubParts => objects(&["runs/*/parts/*"]),
            On::HubReports => objects(&["report.*", "reports/*"]),
            On::Parameter => {
                let name = "parameter/permdrift/settings";
                vec![format!("arn:{partition}:ssm:{region}:{account}:{name}")]
            }
            On::OtherRoles => vec![format!("arn:{partition}:iam::*:role/permdrift-audit")],
            other => panic!("{} on {other:?} is not a hub's", call.action),
        });
        needs.extend(
            resources
                .into_iter()
                .map(|resource| need(call.action, resource)),
        );
    }
    needs.extend(platform::log(place, group));
    let key = |action, via| platform::key(place, action, via);
    // S3 User Guide, "Using SSE-KMS": whoever reads an object has its key decrypted, whoever writes one has it made.
    needs.push(key("kms:Decrypt", "s3"));
    if function != HubFunction::OnChange {
        needs.push(key("kms:GenerateDataKey", "s3"));
    }
    if function != HubFunction::Roster {
        needs.push(key("kms:Decrypt", "dynamodb"));
    }
    if matches!(function, HubFunction::Gather | HubFunction::OnChange) {
        needs.extend(["kms:Decrypt", "kms:GenerateDataKey"].map(|action| key(action, "sns")));
    }
    if function == HubFunction::OnChange {
        needs.extend(platform::queue(place, "TrailEvents"));
        needs.extend(["kms:Decrypt", "kms:GenerateDataKey"].map(|action| key(action, "sqs")));
    }
    needs
}

/// What the state machine does with its role.
pub(crate) fn run(place: &Place<'_>) -> Vec<Need> {
    let Place {
        partition,
        region,
        account,
        ..
    } = place;
    let functions = ["Roster", "Sweep", "Gather"];
    let mut needs: Vec<Need> = functions
        .iter()
        .map(|id| need("lambda:InvokeFunction", place.arn(id)))
        .collect();
    // Step Functions Developer Guide, "ItemReader": the object is read with the machine's role.
    needs.push(need(
        "s3:GetObject",
        format!("{}/runs/*/accounts.json", place.arn("Bucket")),
    ));
    // The same, "IAM policies for using Distributed Map states": what children answered is written with it, in parts where it is long.
    for action in [
        "s3:PutObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
    ] {
        needs.push(need(
            action,
            format!("{}/runs/*/map/*", place.arn("Bucket")),
        ));
    }
    for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
        needs.push(platform::key(place, action, "s3"));
    }
    // The same: it starts itself for each item, and follows, stops and repeats these.
    needs.push(need("states:StartExecution", place.arn("Run")));
    let executions = format!("arn:{partition}:states:{region}:{account}:execution:permdrift-hub");
    for action in ["states:DescribeExecution", "states:StopExecution"] {
        needs.push(need(action, format!("{executions}:*")));
        needs.push(need(action, format!("{executions}/*")));
    }
    needs.push(need("states:RedriveExecution", format!("{executions}/*")));
    needs
}

/// What the schedule does with its role.
pub(crate) fn clock_of_hub(place: &Place<'_>) -> Vec<Need> {
    vec![
        need("states:StartExecution", place.arn("Run")),
        // Scheduler User Guide, "Dead-letter queue": sent with the schedule's role.
        need("sqs:SendMessage", place.arn("DeadLetters")),
    ]
}
