//! What an audit sees without the resource side: S14, N7.

use audit::{Judgement, Selection, Settings};
use iam::{Document, Policy, ServiceControl};

use super::Account;
use crate::phases::{asked, looked};
use crate::principals::{inventory, principal, user};
use crate::rules::{Rules, Why};

#[test]
fn s14_temporary_buckets_and_roles_that_may_not_be_made() {
    let deploy = Account::of("vbaws-appliance-deploy");
    assert_ne!(deploy.audit().verdicts[0].judgement(), Judgement::Drifted);
    for action in ["s3:CreateBucket", "iam:CreateRole"] {
        let rules = Rules::default().deny("a", &[action], Why::Scp("NoNewOnes"));
        let found = deploy.with(|one| one.rules = rules).audit();
        let missing = found.verdicts[0].missing_actions();
        assert!(missing.iter().any(|name| name.as_str() == action));
    }
}

#[test]
fn n7_an_scp_with_conditions_is_decided_where_its_keys_are_known() {
    let mut bound = principal(user("a"), &[("action-sets", "upload")]);
    bound.inline.push(iam::inventory::InlinePolicy {
        name: "all".into(),
        document: std::sync::Arc::new(Document::parse(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        )),
    });
    let inventory = inventory(vec![bound]);
    let settings = Settings::default();
    let asked = asked(&settings, super::NOW, &Selection::default());
    let judged = |condition: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        let document = Document::parse(&text).unwrap();
        let above = ServiceControl {
            levels: vec![vec![Policy {
                name: "guardrails".into(),
                document: Ok(&document),
            }]],
            management_account: false,
        };
        looked(&inventory, &asked, above).assessment.verdicts[0].judgement()
    };
    let known = r#""Bool":{"aws:SecureTransport":"false"}"#;
    assert_eq!(judged(known), Judgement::Compliant);
    let open = r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;
    assert_eq!(judged(open), Judgement::Undetermined);
}
