//! What the functions' roles must be able to do: the calls that the functions make, and what AWS itself does with the roles.

use aws::calls::{By, CALLS, On};
use e2e::template::Place;

mod organization;
mod platform;

pub(crate) use organization::{HubFunction, audited, clock_of_hub, hub, run};

/// One thing that a role must be able to do.
pub(crate) struct Need {
    pub(crate) action: &'static str,
    pub(crate) resource: String,
    /// The service that asks on the role's behalf.
    pub(crate) via: Option<&'static str>,
}

pub(crate) fn need(action: &'static str, resource: impl Into<String>) -> Need {
    Need {
        action,
        resource: resource.into(),
        via: None,
    }
}

/// What a function calls, from the list that `shared/aws` keeps.
fn calls(place: &Place<'_>, function: By) -> Vec<Need> {
    let Place {
        partition,
        region,
        account,
        ..
    } = place;
    let principals = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/*");
    let mut needs = Vec::new();
    for call in CALLS {
        match call.by {
            // The events that it is given say who made a change.
            By::Audit if call.action == "cloudtrail:LookupEvents" && function == By::Change => {
                continue;
            }
            By::Audit | By::Functions => {}
            By::Sweep | By::Change if call.by == function => {}
            By::Sweep | By::Change => continue,
            // A hub's only where one is named, and AWS's own calls are below with who says so.
            By::Hub
            | By::HubFunctions
            | By::HubReaders
            | By::Roster
            | By::HubSweep
            | By::HubChange
            | By::Gather
            | By::Platform
            | By::Doctor
            | By::WholeOrganization => continue,
        }
        let given = |name| {
            place
                .parameters
                .iter()
                .find(|(parameter, _)| *parameter == name)
        };
        let is_on = |name| given(name).is_some_and(|(_, value)| *value == "ENABLED");
        let narrowed = |name, all: String| match given(name) {
            Some((_, arns)) => arns.split(',').map(str::to_owned).collect(),
            None => vec![all],
        };
        let resources = match call.on {
            On::ChatTopic if !is_on("ChatState") => continue,
            On::Product if !is_on("SecurityHubState") => continue,
            On::ChatTopic => vec![place.arn("ChatTopic")],
            On::Product => vec![format!(
                "arn:{partition}:securityhub:{region}:{account}:product/{account}/default"
            )],
            On::All | On::Organization => vec!["*".to_owned()],
            On::Keys => narrowed("KeyArns", format!("arn:{partition}:kms:*:{account}:key/*")),
            On::Buckets => narrowed("BucketArns", format!("arn:{partition}:s3:::*")),
            On::Vaults => narrowed(
                "VaultArns",
                format!("arn:{partition}:backup:*:{account}:backup-vault:*"),
            ),
            On::Principals => vec![principals("user"), principals("role")],
            On::Users => vec![principals("user")],
            On::Table => vec![place.arn("Baseline")],
            On::Topic => vec![place.arn("PeopleTopic")],
            On::Bus => vec![place.arn("FindingsBus")],
            On::Remainder => vec![place.arn("Remainder")],
            On::TrailEvents => vec![place.arn("TrailEvents")],
            On::DeadTrailEvents => vec![place.arn("DeadTrailEvents")],
            On::Parameter => {
                vec![format!(
                    "arn:{partition}:ssm:{region}:{account}:parameter/permdrift/settings"
                )]
            }
            On::Key
            | On::Log
            | On::OtherRoles
            | On::HubBucket
            | On::HubRoster
            | On::HubAnswers
            | On::HubItems
            | On::HubAccounts
            | On::HubParts
            | On::HubReports
            | On::StateMachine => {
                panic!("{} is not the function's own call", call.action)
            }
        };
        needs.extend(
            resources
                .into_iter()
                .map(|resource| need(call.action, resource)),
        );
    }
    needs
}

/// What AWS does with the role of a function that one queue starts. `group`: the end of its log group's name.
fn of_platform(place: &Place<'_>, group: &str, queue: &str) -> Vec<Need> {
    let mut needs = platform::log(place, group);
    needs.extend(platform::queue(place, queue));
    for (action, via) in [
        // KMS Developer Guide, "DynamoDB": whoever reads or writes an item has the table's key decrypted.
        ("kms:Decrypt", "dynamodb"),
        // SNS Developer Guide, "Key management": whoever publishes to an encrypted topic.
        ("kms:Decrypt", "sns"),
        ("kms:GenerateDataKey", "sns"),
    ] {
        needs.push(platform::key(place, action, via));
    }
    needs
}

/// What the sweep needs.
pub(crate) fn sweep(place: &Place<'_>) -> Vec<Need> {
    let mut needs = calls(place, By::Sweep);
    needs.extend(of_platform(place, "sweep", "Remainder"));
    // Lambda Developer Guide, "Dead-letter queues": Lambda sends with the function's role.
    needs.push(need("sqs:SendMessage", place.arn("DeadLetters")));
    needs
}

/// What the function that audits on change needs.
pub(crate) fn on_change(place: &Place<'_>) -> Vec<Need> {
    let mut needs = calls(place, By::Change);
    needs.extend(of_platform(place, "on-change", "TrailEvents"));
    // SQS Developer Guide, "Key management": whoever sends to an encrypted queue, or receives from it.
    let key = |action| platform::key(place, action, "sqs");
    needs.extend(["kms:Decrypt", "kms:GenerateDataKey"].map(key));
    needs
}
