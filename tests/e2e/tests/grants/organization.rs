//! The roles of a hub and of the accounts that it audits: does each do what it is for, and nothing else? Who may assume them?

use aws::calls::{By, CALLS};
use e2e::template::{Place, Template};
use iam::evaluate::Caller;
use iam::evaluate::ResourceSide;
use iam::trust::TrustPolicy;
use iam::{AccountId, Context, Decision, Layers, Policy, Request, evaluate};

use crate::judge::{ORGANIZATION, allows, documents, grants_exactly};
use crate::needs::{HubFunction, audited, clock_of_hub, hub, need, run};

const HUB: &str = "999988887777";
const MEMBER: &str = "123456789012";

const PLACES: [(&str, &str); 3] = [
    ("aws", "eu-central-1"),
    ("aws-us-gov", "us-gov-west-1"),
    ("aws-cn", "cn-north-1"),
];

/// The hub, in a partition, with these parameters besides.
fn hub_in<'a>(
    (partition, region): (&'a str, &'a str),
    parameters: &'a [(&'a str, &'a str)],
) -> Place<'a> {
    Place {
        template: Template::Hub,
        partition,
        region,
        account: HUB,
        parameters,
    }
}

/// An account that the hub audits.
fn member_in<'a>(
    (partition, region): (&'a str, &'a str),
    parameters: &'a [(&'a str, &'a str)],
) -> Place<'a> {
    Place {
        template: Template::Member,
        partition,
        region,
        account: MEMBER,
        parameters,
    }
}

const OF_HUB: [(&str, &str); 2] = [("OrganizationId", ORGANIZATION), ("ChatState", "ENABLED")];

const OF_MEMBER: [(&str, &str); 4] = [
    ("HubAccount", HUB),
    ("OrganizationId", ORGANIZATION),
    (
        "TrailBusArn",
        "arn:aws:events:eu-central-1:999988887777:event-bus/permdrift-hub-trail",
    ),
    ("ExternalId", "between-us"),
];

#[test]
fn the_functions_of_a_hub_may_do_what_they_do_and_nothing_else() {
    for (place, parameters) in PLACES
        .into_iter()
        .flat_map(|place| [(place, &OF_HUB[..]), (place, &OF_HUB[..1])])
    {
        let place = hub_in(place, parameters);
        for (function, role, group) in HubFunction::ALL {
            grants_exactly(&place, role, &hub(&place, function, group));
        }
    }
}

#[test]
fn the_state_machine_starts_the_functions_and_itself_and_the_schedule_starts_the_machine() {
    for place in PLACES {
        let place = hub_in(place, &OF_HUB);
        grants_exactly(&place, "RunRole", &run(&place));
        grants_exactly(&place, "ClockRole", &clock_of_hub(&place));
    }
}

#[test]
fn people_find_accounts_and_assume_their_roles_and_nothing_else() {
    for place in PLACES {
        let place = hub_in(place, &OF_HUB);
        let role = format!("arn:{}:iam::*:role/permdrift-audit", place.partition);
        let needs = [
            need("organizations:DescribeOrganization", "*"),
            need("organizations:ListAccounts", "*"),
            need("sts:AssumeRole", role),
        ];
        grants_exactly(&place, "DoctorRole", &needs);
    }
}

/// Whatever a hub assumes, it can do nothing but read, and no account outside of its organisation is its business.
#[test]
fn a_hub_assumes_one_role_in_accounts_of_its_organisation_only() {
    let place = hub_in(PLACES[0], &[("OrganizationId", "o-another000")]);
    for role in ["SweepRole", "OnChangeRole", "DoctorRole"] {
        let documents = documents(&place, role);
        let assume = need(
            "sts:AssumeRole",
            "arn:aws:iam::123456789012:role/permdrift-audit",
        );
        assert!(!allows(&place, &documents, &assume), "{role}");
        for action in ["iam:PutRolePolicy", "iam:TagRole", "s3:PutBucketPolicy"] {
            let anything = need(action, "*");
            assert!(!allows(&place, &documents, &anything), "{role} {action}");
        }
    }
}

#[test]
fn the_role_of_an_account_grants_exactly_the_calls_of_an_audit() {
    for place in PLACES {
        let place = member_in(place, &OF_MEMBER);
        grants_exactly(&place, "AuditRole", &audited(&place));
        let changes = CALLS.iter().filter(|call| {
            call.by == By::Audit
                && !["Describe", "Get", "List", "Lookup", "Simulate"]
                    .iter()
                    .any(|verb| call.action.contains(&format!(":{verb}")))
        });
        assert_eq!(changes.count(), 0);
    }
}

#[test]
fn the_forwarder_of_an_account_puts_events_on_the_hubs_bus_and_nowhere_else() {
    for place in PLACES {
        let place = member_in(place, &OF_MEMBER);
        let (_, bus) = OF_MEMBER[2];
        let needs = [need("events:PutEvents", bus)];
        grants_exactly(&place, "ForwardRole", &needs);
    }
}

/// Who asks to assume an account's role.
struct Asking<'a> {
    caller: &'a str,
    organization: &'a str,
    external_id: Option<&'a str>,
}

/// Whether the account's trust policy lets somebody whose own policies allow everything assume its role.
fn is_trusted(member: &Place<'_>, asking: &Asking<'_>) -> bool {
    let trust = member.part(&[
        "Resources",
        "AuditRole",
        "Properties",
        "AssumeRolePolicyDocument",
    ]);
    let trust = TrustPolicy::parse(&trust.to_string()).expect("a trust policy of ours");
    let trust = trust.document().expect("its principals are AWS's");
    let all = iam::Document::parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    )
    .expect("a policy that allows all");
    let policy = |name: &str, document| Policy {
        name: name.into(),
        document: Ok(document),
    };
    let account: AccountId = member.account.parse().expect("an account");
    let caller = Caller::parse(asking.caller).expect("a caller");
    let principal = asking.caller.parse().expect("a role");
    let layers = Layers {
        identity: vec![policy("all", &all)],
        resource_side: Some(ResourceSide {
            account: Some(account),
            policy: Some(policy("trust", &trust)),
            ..ResourceSide::of(caller)
        }),
        ..Layers::default()
    };
    let mut context = Context::complete();
    context.set_one("aws:PrincipalArn", asking.caller);
    context.set_one("aws:PrincipalOrgID", asking.organization);
    if let Some(id) = asking.external_id {
        context.set_one("sts:ExternalId", id);
    }
    let action = "sts:AssumeRole".parse().expect("an action name");
    let request = Request {
        principal: Some(&principal),
        action: &action,
        resource: &member.arn("AuditRole"),
        context: &context,
    };
    evaluate(&layers, &request).decision == Decision::Allowed
}

#[test]
fn an_account_trusts_three_roles_of_its_hub_and_nobody_else() {
    for (partition, region) in PLACES {
        let hub = hub_in((partition, region), &OF_HUB);
        for (parameters, external_id) in [
            (&OF_MEMBER[..], Some("between-us")),
            (&OF_MEMBER[..3], None),
        ] {
            let member = member_in((partition, region), parameters);
            let asks = |caller: &str, organization: &str, external_id| {
                let asking = Asking {
                    caller,
                    organization,
                    external_id,
                };
                is_trusted(&member, &asking)
            };
            for role in ["SweepRole", "OnChangeRole", "DoctorRole"] {
                let caller = hub.arn(role);
                assert!(asks(&caller, ORGANIZATION, external_id), "{caller}");
                assert!(!asks(&caller, "o-another000", external_id), "{caller}");
                let refused = external_id.map(|_| "of-somebody-else");
                assert_eq!(asks(&caller, ORGANIZATION, refused), refused.is_none());
            }
            let of =
                |account: &str, name: &str| format!("arn:{partition}:iam::{account}:role/{name}");
            for caller in [
                hub.arn("GatherRole"),
                hub.arn("RosterRole"),
                of(HUB, "admin"),
                of(HUB, "another-hub-sweep"),
                of(HUB, "permdrift-hub-sweep-2"),
                of(MEMBER, "permdrift-hub-sweep"),
                of("444455556666", "permdrift-hub-sweep"),
            ] {
                assert!(!asks(&caller, ORGANIZATION, external_id), "{caller}");
            }
        }
    }
}

/// Two hubs of one organisation: each has its role in the accounts, and is refused the other's.
#[test]
fn two_hubs_have_two_roles_in_an_account() {
    let second = [
        ("HubAccount", HUB),
        ("HubStack", "permdrift-second"),
        ("OrganizationId", ORGANIZATION),
        ("AuditRoleName", "permdrift-audit-second"),
    ];
    let member = member_in(PLACES[0], &second);
    assert_eq!(
        member.arn("AuditRole"),
        "arn:aws:iam::123456789012:role/permdrift-audit-second"
    );
    let first = hub_in(PLACES[0], &OF_HUB);
    let asks = |caller: &str| {
        let asking = Asking {
            caller,
            organization: ORGANIZATION,
            external_id: None,
        };
        is_trusted(&member, &asking)
    };
    assert!(!asks(&first.arn("SweepRole")));
    assert!(asks(
        "arn:aws:iam::999988887777:role/permdrift-second-sweep"
    ));
    let assume = |name: &str| {
        let role = format!("arn:aws:iam::123456789012:role/{name}");
        need("sts:AssumeRole", role)
    };
    let documents = documents(&first, "SweepRole");
    assert!(allows(&first, &documents, &assume("permdrift-audit")));
    assert!(!allows(
        &first,
        &documents,
        &assume("permdrift-audit-second")
    ));
}

/// Two hubs of one account: whatever has a name of ours has the stack's in it.
#[test]
fn two_hubs_of_one_account_share_no_name() {
    let place = hub_in(PLACES[0], &OF_HUB);
    let resources = place.part(&["Resources"]);
    let names = [
        "RoleName",
        "Name",
        "StateMachineName",
        "LogGroupName",
        "StackSetName",
        "DashboardName",
        "BucketName",
        "TableName",
        "TopicName",
        "QueueName",
        "FunctionName",
        "AlarmName",
    ];
    let mut found = 0;
    for (id, resource) in resources.as_object().into_iter().flatten() {
        let properties = &resource["Properties"];
        for given in names.iter().filter_map(|name| properties[name].as_str()) {
            assert!(given.contains("permdrift-hub"), "{id}: {given}");
            found += 1;
        }
    }
    assert!(found >= 16, "{found} names were looked at");
}

/// The list of accounts is the roster's to read; audits take from the bucket what it found.
#[test]
fn only_the_roster_lists_the_accounts_of_the_organisation() {
    let place = hub_in(PLACES[0], &OF_HUB);
    let list = need("organizations:ListAccounts", "*");
    for (role, may) in [
        ("RosterRole", true),
        ("SweepRole", false),
        ("GatherRole", false),
        ("OnChangeRole", false),
    ] {
        let documents = documents(&place, role);
        assert_eq!(allows(&place, &documents, &list), may, "{role}");
    }
}
