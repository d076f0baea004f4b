//! Endpoints: N1.

use audit::resource_faults::fault::{ResourceFaultKind as Kind, Weight};
use audit::resources::VpcEndpoint;

use super::regions::set_region;
use super::{Account, REGION, read};

const SERVICES: [&str; 5] = ["ebs", "ec2messages", "s3", "sqs", "ssm"];
const LABEL: &str = "endpoint vpce-ssm in eu-central-1";

fn endpoint(service: &str) -> VpcEndpoint {
    VpcEndpoint {
        id: format!("vpce-{service}").into(),
        vpc: "vpc-1".into(),
        service: format!("com.amazonaws.{REGION}.{service}").into(),
        kind: "Interface".into(),
        state: "available".into(),
        private_dns: true,
        policy: None,
    }
}

/// Workers of EC2 backups with these endpoints, one of which is changed or taken away.
fn with(change: impl Fn(&mut VpcEndpoint) -> bool) -> Account {
    let mut endpoints: Vec<VpcEndpoint> = SERVICES.iter().map(|one| endpoint(one)).collect();
    endpoints.retain_mut(change);
    let mut account = Account::of("vbaws-role-ec2-backup");
    set_region(&mut account, |region| region.endpoints = read(endpoints));
    account
}

fn private(account: &Account) -> Account {
    account.with(|one| one.private = true)
}

#[test]
fn n1_workers_in_a_private_network_need_endpoints_that_can_be_used() {
    let whole = with(|_| true);
    whole.is_quiet();
    private(&whole).is_quiet();

    let lacking = with(|one| &*one.id != "vpce-ssm");
    let kind = Kind::EndpointMissing("ssm".into());
    private(&lacking).has("region eu-central-1", Weight::Breaks, kind);
    lacking.is_quiet();

    let pending = with(|one| {
        if &*one.id == "vpce-ssm" {
            one.state = "pendingacceptance".into();
        }
        true
    });
    let kind = || Kind::EndpointState {
        state: "pendingacceptance".into(),
        service: "ssm".into(),
    };
    private(&pending).has(LABEL, Weight::Breaks, kind());
    pending.has(LABEL, Weight::Notice, kind());

    let nameless = with(|one| {
        one.private_dns = &*one.id != "vpce-ssm";
        true
    });
    private(&nameless).has(LABEL, Weight::Breaks, Kind::EndpointDns("ssm".into()));
}

#[test]
fn n1_a_gateway_is_no_endpoint_for_workers() {
    let gateway = with(|one| {
        if &*one.id == "vpce-s3" {
            one.kind = "Gateway".into();
        }
        true
    });
    let kind = || Kind::EndpointGateway("s3".into());
    let label = "region eu-central-1";
    // Nobody said in which region the repository is.
    private(&gateway).has(label, Weight::Unknown, kind());
    gateway.has(label, Weight::Notice, kind());
    // A VPC like any other.
    let alone = with(|one| {
        one.kind = "Gateway".into();
        &*one.id == "vpce-s3"
    });
    alone.is_quiet();
}

#[test]
fn a_tag_says_that_workers_run_in_a_private_network() {
    use crate::phases::{asked, listed};
    use crate::principals::{inventory, principal, role};
    let settings = audit::Settings::default();
    for (answer, expected) in [
        (Some("yes"), Some(true)),
        (Some("no"), Some(false)),
        (None, None),
    ] {
        let mut tags = vec![("action-sets", "vbaws-role-ec2-backup")];
        tags.extend(answer.map(|answer| ("private-network", answer)));
        let asked = asked(&settings, super::NOW, &audit::Selection::default());
        let listed = listed(&inventory(vec![principal(role("a"), &tags)]), &asked);
        assert_eq!(listed.bound.faults, []);
        let requirement = &listed.bound.subjects[0].requirements[0];
        assert_eq!(requirement.private_network, expected);
    }
}

#[test]
fn n1_endpoints_are_nothing_to_sets_without_workers() {
    let none = with(|_| false);
    let other = private(&none).with(|one| one.set = "vbaws-role-redshift-backup");
    other.is_quiet();
    private(&Account::of("vbaws-role-ec2-backup")).is_quiet();
}

#[test]
fn n1_the_endpoints_that_workers_need_are_in_one_vpc() {
    let moved = with(|one| {
        if &*one.id == "vpce-ssm" {
            one.vpc = "vpc-2".into();
        }
        true
    });
    moved.is_quiet();
    let kind = Kind::EndpointApart("ssm".into());
    private(&moved).has("region eu-central-1", Weight::Unknown, kind);
    // A VPC that has all is enough, whatever another one lacks.
    let mut whole = moved;
    set_region(&mut whole, |region| {
        let more = SERVICES.iter().map(|one| endpoint(one));
        let all = region.endpoints.read().into_iter().flatten().cloned();
        region.endpoints = read(all.chain(more).collect());
    });
    private(&whole).is_quiet();
}
