//! Properties: what holds for any answers of a simulator.

use audit::{Judgement, Settings, advance};
use proptest::prelude::*;

use crate::phases::{audit, compare};
use crate::principals::{account, copier, inventory};
use crate::rules::{Rules, Why};

const ACTIONS: [&str; 5] = [
    "ec2:CreateSnapshot",
    "ec2:DeleteSubnet",
    "kms:CreateGrant",
    "s3:GetObject",
    "s3:ListBucket",
];

fn why() -> impl Strategy<Value = Why> {
    prop_oneof![
        Just(Why::Lost),
        Just(Why::Scp("S")),
        Just(Why::Boundary),
        Just(Why::Throttled),
        Just(Why::Hangs("aws:SourceIp")),
        Just(Why::OnlyOn("arn:aws:s3:::b/*")),
    ]
}

/// What is denied to the two principals.
fn rules() -> impl Strategy<Value = Rules> {
    let rule = (prop_oneof![Just("a"), Just("b")], 0..ACTIONS.len(), why());
    proptest::collection::vec(rule, 0..8).prop_map(|rules| {
        let deny =
            |all: Rules, (name, at, why): (&str, usize, Why)| all.deny(name, &[ACTIONS[at]], why);
        rules.into_iter().fold(Rules::default(), deny)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_assessment_differs_in_nothing_from_the_baseline_made_of_it(days in proptest::collection::vec(rules(), 1..5)) {
        let settings = Settings::default();
        let here = inventory(vec![copier("a"), copier("b")]);
        let mut baseline = audit::Baseline::empty(account());
        for (day, rules) in days.iter().enumerate() {
            let now = format!("2026-11-{:02}T06:00:00Z", day + 1);
            let assessment = audit(&here, rules, &settings, &now);
            let changes = compare(&assessment, &baseline, &settings);
            baseline = advance(baseline, &assessment, changes, &settings).baseline;
            prop_assert_eq!(compare(&assessment, &baseline, &settings), vec![]);
            let again = advance(baseline.clone(), &assessment, vec![], &settings);
            prop_assert_eq!(again.events, vec![]);
        }
    }

    #[test]
    fn one_more_deny_never_makes_a_verdict_better(rules in rules(), at in 0..ACTIONS.len()) {
        let settings = Settings::default();
        let here = inventory(vec![copier("a"), copier("b")]);
        let now = "2026-11-01T06:00:00Z";
        let before = audit(&here, &rules, &settings, now);
        // The first rule that fits counts, so the new one goes first.
        let worse = Rules::default().deny("a", &[ACTIONS[at]], Why::Lost).then(&rules);
        let after = audit(&here, &worse, &settings, now);
        for (one, other) in before.verdicts.iter().zip(&after.verdicts) {
            prop_assert!(other.judgement() >= one.judgement());
        }
    }

    #[test]
    fn what_is_not_known_never_resolves_and_never_is_compliant(rules in rules(), unknown in 0..ACTIONS.len()) {
        let settings = Settings::default();
        let here = inventory(vec![copier("a")]);
        let assessment = audit(&here, &rules, &settings, "2026-11-01T06:00:00Z");
        let empty = audit::Baseline::empty(account());
        let changes = compare(&assessment, &empty, &settings);
        let baseline = advance(empty, &assessment, changes, &settings).baseline;
        let was_missing = !assessment.verdicts[0].missing.is_empty();

        let blind = Rules::default().deny("a", &["*"], Why::Throttled);
        let later = audit(&here, &blind, &settings, "2026-11-02T06:00:00Z");
        prop_assert_eq!(later.verdicts[0].judgement(), Judgement::Undetermined);
        let step = advance(baseline.clone(), &later, compare(&later, &baseline, &settings), &settings);
        let still = step.baseline.principals.values().flat_map(|record| record.findings.values());
        let open = still.filter(|one| one.healthy.is_none() && one.finding.code == audit::Code::MissingActions).count();
        prop_assert_eq!(open > 0, was_missing);

        let required = ["ec2:CreateSnapshot", "s3:GetObject", "s3:ListBucket"].contains(&ACTIONS[unknown]);
        let one = Rules::default().deny("a", &[ACTIONS[unknown]], Why::Throttled);
        let later = audit(&here, &one, &settings, "2026-11-02T06:00:00Z");
        prop_assert_eq!(later.verdicts[0].judgement() == Judgement::Undetermined, required);
    }
}
