//! Context: what do requests bear, and what can they not bear, whatever the settings say?

use audit::Judgement;

use super::{ALL, REGIONS, missing, unknown, verdict, verdict_with};

const NO_TAGS: &str = "vbr-s3-immutability";

/// Everything, under a condition.
fn only_with(condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#)
}

#[test]
fn an_action_without_tags_bears_none_whatever_the_settings_say() {
    let with_tags = [
        "[context]\n\"aws:TagKeys\" = [\"team\"]\n\"aws:RequestTag/team\" = \"backup\"",
        "[[request]]\ncontext = { \"AWS:TagKeys\" = [\"team\"], \"aws:requesttag/team\" = \"backup\" }",
    ];
    for settings in with_tags {
        for condition in [
            r#""ForAnyValue:StringEquals":{"aws:TagKeys":"team"}"#,
            r#""StringEquals":{"aws:RequestTag/team":"backup"}"#,
        ] {
            for tags in [&[][..], &[("bucket", "b"), ("regions", "eu-west-1")]] {
                let found = verdict_with(settings, NO_TAGS, tags, &only_with(condition), None);
                assert_eq!(found.judgement(), Judgement::Drifted, "{condition}");
                let deny = format!("{ALL},{}", only_with(condition).replace("Allow", "Deny"));
                let found = verdict_with(settings, NO_TAGS, tags, &deny, None);
                assert_eq!(found.judgement(), Judgement::Compliant, "{condition}");
            }
            let set = "vbaws-role-ec2-backup";
            let found = verdict_with(settings, set, &REGIONS, &only_with(condition), None);
            let missing = missing(&found);
            assert!(
                !missing.contains(&"ec2:CreateTags".to_owned()),
                "{condition}"
            );
            assert!(
                missing.contains(&"ec2:DeleteSnapshot".to_owned()),
                "{condition}"
            );
        }
    }
}

#[test]
fn a_deny_for_whoever_bears_a_key_that_all_bear_denies() {
    for condition in [
        r#""ArnLike":{"aws:PrincipalArn":"*"}"#,
        r#""ArnEquals":{"aws:PrincipalArn":"*"}"#,
        r#""StringLike":{"aws:PrincipalArn":"*"}"#,
        r#""StringLike":{"aws:userid":"*"}"#,
        r#""StringLike":{"aws:userid":"*:*"}"#,
    ] {
        let deny = format!("{ALL},{}", only_with(condition).replace("Allow", "Deny"));
        let found = verdict("vbaws-role-ec2-backup", &REGIONS, &deny, None);
        assert_eq!(found.judgement(), Judgement::Drifted, "{condition}");
        assert_eq!(unknown(&found).len(), 0, "{condition}");
    }
}
