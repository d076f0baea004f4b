//! Who is named in messages about many accounts, and messages about many threads.

use super::*;

/// What the mail and the chat say of who changed it.
fn callers(before: &[Baseline], now: &[Baseline]) -> (String, String) {
    let told = told(before, now);
    let words = &told[0].1;
    let text = &words.texts[0].body;
    let section = text.split("Who changed it\n").nth(1).unwrap_or_default();
    let mail = section.split("\n\n").next().unwrap_or_default();
    let chat: serde_json::Value = serde_json::from_str(&words.chats[0].json()).unwrap();
    let chat = chat["content"]["description"].as_str().unwrap();
    let chat = chat.lines().filter(|line| line.contains("UpdatePolicy"));
    let chat: Vec<&str> = chat.collect();
    (mail.to_owned(), chat.join("\n"))
}

#[test]
fn who_changed_it_is_said_once_where_it_is_the_same_for_all() {
    let (mail, chat) = callers(&[], &explained(fourteen()));
    assert_eq!(
        mail,
        "  Changed by: user alice with UpdatePolicy (p-abcd1234) in account\n  999988887777 at 2026-11-30 03:10 UTC, by Terraform."
    );
    assert!(
        chat.starts_with("*Changed by*: user alice with UpdatePolicy"),
        "{chat}"
    );
    assert_eq!(
        callers(&[], &fourteen()),
        (String::new(), String::new()),
        "nobody is guessed"
    );
}

#[test]
fn where_it_differs_each_says_for_which_accounts_it_is() {
    let mut now = explained(fourteen());
    explain(&mut now[3], "bob", "2026-11-30T03:11:00Z");
    let records = now[4].principals.values_mut();
    for tracked in records.flat_map(|record| record.findings.values_mut()) {
        tracked.explanation = None;
    }
    let (mail, _) = callers(&[], &now);
    let mail = mail.replace("\n    ", " ");
    let lines: Vec<&str> = mail.lines().collect();
    assert!(
        lines[0].starts_with("  In 7 accounts: Changed by: user alice"),
        "{mail}"
    );
    assert!(
        lines[1].starts_with("  In account 111111111114: Changed by: user bob"),
        "{mail}"
    );
    assert_eq!(lines[2], "  In account 111111111115: not known.");
}

#[test]
fn what_led_to_what_was_told_before_is_not_what_is_worse_now() {
    let before = explained(fourteen());
    let mut now = before.clone();
    let more = [
        "ec2:CreateSnapshot",
        "ec2:CreateSnapshots",
        "ec2:CopySnapshot",
    ];
    // More is denied in one account, and nobody knows why; in another one somebody did it after the last message.
    for (at, by) in [(5, "alice"), (6, "bob")] {
        now[at] = baseline(at, vec![tracked(at, "VeeamNightly", scp(), &more)]);
        let time = if by == "bob" {
            "2026-11-30T03:20:00Z"
        } else {
            "2026-11-30T03:10:00Z"
        };
        explain(&mut now[at], by, time);
    }
    let (mail, _) = callers(&before, &now);
    let mail = mail.replace("\n    ", " ");
    assert!(
        mail.starts_with("  In account 111111111117: Changed by: user bob"),
        "{mail}"
    );
    assert!(
        mail.ends_with("\n  In account 111111111116: not known."),
        "{mail}"
    );
    let mut better = before.clone();
    better[8] = baseline(8, Vec::new());
    let better = callers(&before, &better);
    assert_eq!(
        better,
        (String::new(), String::new()),
        "what is better has no culprit"
    );
}

#[test]
fn many_alerts_of_single_accounts_are_one_message() {
    let lost = Cause::NotAllowedIn(vec![Layer::Identity]);
    let of = |number: usize| {
        let mut one = tracked(number, "VeeamNightly", lost.clone(), &ACTIONS);
        if number.is_multiple_of(3) {
            one.finding.level = Level::High;
        }
        if number % 100 == 7 {
            one.finding.title = "Restore to EC2".into();
        }
        baseline(number, vec![one])
    };
    let now: Vec<Baseline> = (0..1_000).map(of).collect();
    let why = say(&[], &explained(now.clone()), |messages, around| {
        together(&messages, around)
    });
    let who = "Who changed it\n  Changed by: user alice with UpdatePolicy (p-abcd1234)";
    assert!(why.texts[0].body.contains(who), "{}", why.texts[0].body);
    let words = say(&[], &now, |messages, around| together(&messages, around));
    let text = &words.texts[0];
    assert!(text.body.len() < 20_000, "{} bytes", text.body.len());
    let shown: Vec<&str> = text.body.lines().take(34).collect();
    let end: Vec<&str> = text.body.lines().rev().take(6).collect();
    let chat: serde_json::Value = serde_json::from_str(&words.chats[0].json()).unwrap();
    let description = chat["content"]["description"].as_str().unwrap();
    assert!(description.chars().count() <= crate::chat::DESCRIPTION);
    assert!(
        description.contains("\n*Report of all accounts*: https://"),
        "{description}"
    );
    insta::assert_snapshot!(format!(
        "Subject: {}\n\n{}\n[...]\n{}\n{:?}\n\n-- chat\n{}\n{}",
        text.subject,
        shown.join("\n"),
        end.into_iter().rev().collect::<Vec<_>>().join("\n"),
        text.attributes,
        chat["content"]["title"].as_str().unwrap(),
        description.lines().take(12).collect::<Vec<_>>().join("\n"),
    ));
    let (_, accounts) = text
        .lists
        .iter()
        .find(|(name, _)| *name == "account")
        .unwrap();
    assert_eq!(
        accounts.len(),
        1_000,
        "a subscription selects by each of them"
    );
    let (_, levels) = text
        .lists
        .iter()
        .find(|(name, _)| *name == "level")
        .unwrap();
    assert_eq!(levels, &["critical", "high"]);
}

#[test]
fn what_was_not_looked_at_is_named_with_its_place() {
    let mut one = tracked(0, "nobody", scp(), &[]);
    let id = FindingId::new(account(0), None, Code::Coverage, "");
    let unknown = Item {
        name: Item::UNKNOWN_ACCOUNT.into(),
        place: "999999999999: binding, line 8".into(),
    };
    one.finding = Finding {
        id,
        principal: None,
        code: Code::Coverage,
        set: "".into(),
        level: Level::Low,
        title: "Less was looked at than should be".into(),
        impact: "Drift in what was not looked at stays unseen.".into(),
        items: Arc::new([unknown].into()),
        lacks: Arc::default(),
        ..one.finding
    };
    one.thread = id;
    let told = told(&[], &[baseline(0, vec![one])]);
    let mail = told[0].1.texts[0].body.replace("\n  ", " ");
    assert!(
        mail.contains("in the organization (999999999999: binding, line 8)"),
        "{mail}"
    );
    assert!(mail.contains("Correct what the settings name"), "{mail}");
    assert!(!mail.contains("Tag or bind"), "{mail}");
}
