//! Trust as the table of failure modes has it: ids of the deleted, external ids, second factors, the organisation, sources, RCPs.

mod assumers;

use std::sync::Arc;

use audit::judge::assess;
use audit::requirement::Requirement;
use audit::resources::{NamedPolicy, Organization, Reading, Resources};
use audit::simulate::inquiries;
use audit::{Selection, Settings};
use iam::inventory::Gap;
use iam::{Document, Policy, ServiceControl};

use crate::phases::{asked, listed};
use crate::principals::{ACCOUNT, copier, inventory, principal, role};
use crate::rules::Rules;

const NOW: &str = "2026-11-01T06:00:00Z";
const OTHER: &str = "444455556666";
const SERVICE: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"backup.amazonaws.com"}}"#;
const APPLIANCE_ID: &str = "AROAHEREHEREHEREHERE1";

/// A role that an appliance assumes, and what is known besides.
struct Trusted {
    statements: String,
    by: String,
    external_ids: Vec<&'static str>,
    organization: Reading<Option<Organization>>,
    is_cut_off: bool,
    /// The policy of the appliance.
    may: &'static str,
    /// The statement of an SCP above the account.
    above: Option<&'static str>,
}

impl Trusted {
    fn by(by: &str, statements: &str) -> Self {
        Self {
            statements: statements.to_owned(),
            by: by.to_owned(),
            external_ids: Vec::new(),
            organization: Reading::NotRead,
            is_cut_off: false,
            may: r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/*"}"#,
            above: None,
        }
    }

    /// The trust: what is missing, what is unknown, and why.
    fn judged(&self) -> (Vec<String>, Vec<String>, Option<String>) {
        let mut copier = copier("a");
        copier.tags.retain(|(key, _)| &**key != "veeam:assumed-by");
        copier
            .tags
            .push(("veeam:assumed-by".into(), self.by.as_str().into()));
        let text = format!("{{\"Statement\":[{}]}}", self.statements);
        copier.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(&text)));
        let mut appliance = principal(role("Impersonation"), &[]);
        appliance.id = APPLIANCE_ID.into();
        let own = format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}",
            self.may
        );
        appliance.inline.push(iam::inventory::InlinePolicy {
            name: "assume".into(),
            document: Arc::new(iam::Document::parse(&own)),
        });
        let mut inventory = inventory(vec![copier, appliance]);
        if self.is_cut_off {
            inventory.gaps.push(Gap::Truncated);
        }
        let settings = Settings::default();
        let asked = asked(&settings, NOW, &Selection::default());
        let mut listed = listed(&inventory, &asked);
        for subject in &mut listed.bound.subjects {
            let requirements = subject.requirements.iter().map(|one| {
                let ids = self.external_ids.iter().map(|id| Box::from(*id));
                Arc::new(Requirement {
                    external_ids: ids.collect(),
                    ..Requirement::clone(one)
                })
            });
            subject.requirements = requirements.collect();
        }
        listed.resources = Arc::new(Resources {
            organization: self.organization.clone(),
            ..Resources::default()
        });
        let inquiries = inquiries(&listed.bound);
        let replies = Rules::default().replies(&inventory, &inquiries);
        let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let above = self.above.map(|statement| {
            Document::parse(&format!(
                r#"{{"Version":"2012-10-17","Statement":[{all},{statement}]}}"#
            ))
        });
        let policies = above.iter().map(|document| Policy {
            name: "p-above".into(),
            document: document.as_ref(),
        });
        let above = ServiceControl {
            levels: policies.map(|policy| vec![policy]).collect(),
            ..ServiceControl::default()
        };
        let found = assess(&asked, &listed, &above, &inquiries, replies);
        let trust = &found.verdicts[0].trust;
        let texts = |all: &[Box<str>]| all.iter().map(ToString::to_string).collect();
        (
            texts(&trust.missing),
            texts(&trust.unknown),
            trust.why().map(str::to_owned),
        )
    }

    #[track_caller]
    fn check(&self, missing: &[&str], unknown: &[&str]) {
        let judged = self.judged();
        assert_eq!(
            (judged.0, judged.1),
            (texts(missing), texts(unknown)),
            "{:?}",
            judged.2
        );
    }
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// A service and somebody, under conditions.
fn allow(principal: &str, conditions: &str) -> String {
    format!(
        r#"{SERVICE},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{principal}"}},"Condition":{{{conditions}}}}}"#
    )
}

fn appliance() -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/Impersonation")
}

#[test]
fn t1_an_id_that_nobody_has_lets_nobody_in() {
    let with = |id: &str| Trusted::by(&appliance(), &allow(id, ""));
    with(APPLIANCE_ID).check(&[], &[]);
    let gone = with("AROAGONEGONEGONEGONE1");
    gone.check(&[&appliance()], &[]);
    assert_eq!(
        gone.judged().2.unwrap(),
        "the trust policy names AROAGONEGONEGONEGONE1, the id of somebody who was deleted"
    );
    // Of another account AWS writes an id for the deleted only.
    let foreign = format!("arn:aws:iam::{OTHER}:role/Impersonation");
    Trusted::by(&foreign, &allow("AROAGONEGONEGONEGONE1", "")).check(&[&foreign], &[]);
    Trusted::by(OTHER, &allow("AIDAGONEGONEGONEGONE1", "")).check(&[OTHER], &[]);
    // Where the listing is cut off it may be somebody.
    let mut cut_off = with("AROAGONEGONEGONEGONE1");
    cut_off.is_cut_off = true;
    cut_off.check(&[], &[&appliance()]);
    // One living entry is enough.
    let both = format!(
        r#"{SERVICE},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":["AROAGONEGONEGONEGONE1","{}"]}}}}"#,
        appliance()
    );
    Trusted::by(&appliance(), &both).check(&[], &[]);
}

#[test]
fn t2_an_external_id_fails_in_the_same_account_and_must_be_the_declared_one_in_another() {
    let asks = |principal: &str| allow(principal, r#""StringEquals":{"sts:ExternalId":"x"}"#);
    Trusted::by(&appliance(), &asks(&appliance())).check(&[&appliance()], &[]);
    let mut own = Trusted::by(&appliance(), &asks(&appliance()));
    own.external_ids = vec!["x"];
    own.check(&[&appliance()], &[]);

    let other = |ids: &[&'static str]| {
        let mut trusted = Trusted::by(OTHER, &asks(OTHER));
        trusted.external_ids = ids.to_vec();
        trusted
    };
    other(&[]).check(&[], &[OTHER]);
    other(&["x"]).check(&[], &[]);
    other(&["y"]).check(&[OTHER], &[]);
    other(&["y", "x"]).check(&[], &[]);
    // No condition, no matter.
    let mut plain = Trusted::by(OTHER, &allow(OTHER, ""));
    plain.external_ids = vec!["x"];
    plain.check(&[], &[]);
}

fn organization(rcp: &str) -> Reading<Option<Organization>> {
    let document = Arc::new(iam::Document::parse_resource_control_policy(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{rcp}]}}"#
    )));
    Reading::Read(Some(Organization {
        id: "o-exampleorgid".into(),
        management_account: Some("999988887777".parse().unwrap()),
        service_control: Reading::NotRead,
        resource_control: Reading::Read(vec![vec![NamedPolicy {
            name: "perimeter".into(),
            document,
        }]]),
        ..Organization::default()
    }))
}

const NOTHING: &str = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;

#[test]
fn t3_a_second_factor_fails_and_the_organisation_is_known() {
    let factor = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
    for by in [appliance(), OTHER.to_owned()] {
        Trusted::by(&by, &allow(&by, factor)).check(&[&by], &[]);
    }
    let in_org = |id: &str| format!(r#""StringEquals":{{"aws:PrincipalOrgID":"{id}"}}"#);
    let with = |by: &str, id: &str, organization| {
        let mut trusted = Trusted::by(by, &allow(by, &in_org(id)));
        trusted.organization = organization;
        trusted
    };
    let own = appliance();
    with(&own, "o-exampleorgid", Reading::NotRead).check(&[], &[&own]);
    with(&own, "o-exampleorgid", organization(NOTHING)).check(&[], &[]);
    with(&own, "o-another", organization(NOTHING)).check(&[&own], &[]);
    with(&own, "o-exampleorgid", Reading::Read(None)).check(&[&own], &[]);
    // Of another account it is known of the management account only.
    with(OTHER, "o-exampleorgid", organization(NOTHING)).check(&[], &[OTHER]);
    with("999988887777", "o-exampleorgid", organization(NOTHING)).check(&[], &[]);
    for open in [
        r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
        r#""StringEquals":{"aws:SourceVpc":"vpc-1"}"#,
        r#""StringLike":{"sts:RoleSessionName":"veeam-*"}"#,
        r#""StringEquals":{"aws:PrincipalTag/team":"backup"}"#,
    ] {
        Trusted::by(&own, &allow(&own, open)).check(&[], &[&own]);
    }
}

#[test]
fn t4_a_service_tied_to_something_else() {
    let service = |name: &str, conditions: &str| {
        let statements = format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{OTHER}"}}}},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"Service":"{name}"}},"Condition":{{{conditions}}}}}"#
        );
        Trusted::by(OTHER, &statements)
    };
    let backup = "backup.amazonaws.com";
    service(backup, "").check(&[], &[]);
    // The name in a region is another principal.
    service("backup.eu-central-1.amazonaws.com", "").check(&[backup], &[]);
    let account = |id: &str| format!(r#""StringEquals":{{"aws:SourceAccount":"{id}"}}"#);
    service(backup, &account(ACCOUNT)).check(&[], &[]);
    service(backup, &account("000000000000")).check(&[backup], &[]);
    let arn = |operator: &str, arn: &str| format!(r#""{operator}":{{"aws:SourceArn":"{arn}"}}"#);
    for (operator, pattern, missing, unknown) in [
        ("ArnLike", format!("arn:aws:backup:*:{ACCOUNT}:*"), 0, 0),
        (
            "StringLike",
            "arn:aws:backup:*:000000000000:*".to_owned(),
            1,
            0,
        ),
        (
            "ArnEquals",
            "arn:aws:rds:*:000000000000:db:*".to_owned(),
            1,
            0,
        ),
        (
            "ArnLike",
            format!("arn:aws:backup:eu-west-1:{ACCOUNT}:*"),
            0,
            1,
        ),
        (
            "StringEquals",
            format!("arn:aws:backup:*:{ACCOUNT}:*"),
            0,
            1,
        ),
        (
            "ArnLikeIfExists",
            "arn:aws:backup:*:000000000000:*".to_owned(),
            0,
            1,
        ),
        ("ArnLike", "arn:aws:s3:::bucket".to_owned(), 0, 1),
    ] {
        let names = |count: usize| vec![backup; count];
        service(backup, &arn(operator, &pattern)).check(&names(missing), &names(unknown));
    }
}

#[test]
fn t6_an_rcp_denies_as_the_trust_policy_may() {
    let perimeter = r#"{"Sid":"Perimeter","Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorgid"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}"#;
    let with = |by: &str, rcp: &str| {
        let mut trusted = Trusted::by(by, &allow(by, ""));
        trusted.organization = organization(rcp);
        trusted
    };
    let own = appliance();
    with(&own, perimeter).check(&[], &[]);
    // Nobody knows in which organisation the appliance's account is.
    with(OTHER, perimeter).check(&[], &[OTHER]);
    let accounts = |id: &str| {
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:PrincipalAccount":"{id}"}},"Bool":{{"aws:PrincipalIsAWSService":"false"}}}}}}"#
        )
    };
    with(OTHER, &accounts(OTHER)).check(&[], &[]);
    let denied = with(OTHER, &accounts("000000000000"));
    denied.check(&[OTHER], &[]);
    assert_eq!(
        denied.judged().2.unwrap(),
        "denied by RCP perimeter, which only its owner can change"
    );
    let on = |role: &str| {
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"{role}"}}"#
        )
    };
    with(&own, &on(&format!("arn:aws:iam::{ACCOUNT}:role/other"))).check(&[], &[]);
    let all = ["backup.amazonaws.com", &own];
    with(&own, &on(&format!("arn:aws:iam::{ACCOUNT}:role/a"))).check(&all, &[]);
    with(&own, NOTHING).check(&[], &[]);

    // What cannot be read as a policy may deny; what was not read is told of once, for the account.
    let unreadable = with(&own, "{").judged();
    assert_eq!(unreadable.1, all);
    assert_eq!(
        unreadable.2.unwrap(),
        "it hangs on an RCP that cannot be read"
    );
    let mut refused = with(&own, NOTHING);
    refused.organization = Reading::Refused("AccessDenied".into());
    refused.check(&[], &[]);

    // RCPs do not hold for the management account.
    let mut above = with(&own, &on("*"));
    above.check(&all, &[]);
    if let Reading::Read(Some(organization)) = &mut above.organization {
        organization.management_account = Some(ACCOUNT.parse().unwrap());
    }
    above.check(&[], &[]);
}
