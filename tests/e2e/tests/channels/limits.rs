//! Limits: what is too long is cut and counted, on every channel; nothing is refused and nothing lost.

use crate::phases::audit;
use crate::principals::{copier, inventory};
use crate::published::Published;
use crate::rules::{Rules, Why};
use crate::story::Story;

/// What is told of so many roles that lost so many things to one statement.
fn told(roles: usize) -> Published {
    let story = Story::new(
        (0..roles)
            .map(|at| copier(&format!("role-{at:04}")))
            .collect(),
    );
    let all = ["ec2:CreateSnapshot", "s3:GetObject", "s3:ListBucket"];
    let rules = Rules::default().deny("*", &all, Why::Scp("NoSnapshots"));
    let found = audit(
        &inventory(story.principals.clone()),
        &rules,
        &story.settings,
        "2026-11-05T06:00:00Z",
    );
    // Readers hold what they get against their limits in there.
    Published::of(&found, &story.step(&found), &story.settings)
}

#[test]
fn however_many_a_cause_hits_it_is_one_message_within_every_limit() {
    for roles in [1, 2, 14, 19, 20, 21, 50, 51, 400] {
        let told = told(roles);
        assert_eq!((told.mails.len(), told.chats.len()), (1, 1), "{roles}");
        let alerts = told
            .calls
            .iter()
            .filter(|(rule, _)| *rule == "OpsgenieRule");
        assert_eq!(alerts.count(), 1, "one alert");
        assert_eq!(
            told.filed.len(),
            roles,
            "every finding stands in Security Hub"
        );
        let description = told.chats[0]["content"]["description"].as_str().unwrap();
        let lines = description.lines();
        let shown = lines.filter(|line| line.starts_with("- role")).count();
        if shown < roles {
            let more = description
                .lines()
                .find(|line| line.starts_with("and "))
                .unwrap();
            assert!(more.ends_with(" more"), "{more}");
        }
        let alert = &told
            .events
            .iter()
            .find(|event| event["detail-type"] == "Alert Triggered")
            .unwrap()["detail"]["alert"];
        assert_eq!(alert["count"], roles);
        assert_eq!(alert["findings"].as_array().unwrap().len(), roles.min(50));
    }
}
