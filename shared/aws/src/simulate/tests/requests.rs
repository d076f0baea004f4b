//! Requests: what is sent to AWS for an inquiry, and in which batches.

use super::*;

#[tokio::test]
async fn what_is_known_of_the_request_is_sent() {
    let replay = by_action(|_, _| ("allowed", scp(true)));
    let asked = question("*", &["s3:ListAllMyBuckets"], Some("eu-west-1"));
    assert_eq!(simulate(&replay, asked, Vec::new()).await, []);
    let sent = &replay.sent()[0].form;
    assert_eq!(sent["Action"], "SimulatePrincipalPolicy");
    assert_eq!(sent["PolicySourceArn"], ROLE);
    assert_eq!(sent["MaxItems"], "1000");
    assert!(!sent.contains_key("ResourceArns.member.1"));
    let context: Vec<(String, String, String)> = (1..)
        .map_while(|at| {
            let field = |name: &str| {
                sent.get(&format!("ContextEntries.member.{at}.{name}"))
                    .cloned()
            };
            Some((
                field("ContextKeyName")?,
                field("ContextKeyValues.member.1")?,
                field("ContextKeyType")?,
            ))
        })
        .collect();
    let expected = [
        ("aws:currenttime", "2026-11-22T03:15:00Z", "date"),
        ("aws:epochtime", "1795317300", "numeric"),
        ("aws:principalaccount", "123456789012", "string"),
        ("aws:principalarn", ROLE, "string"),
        ("aws:principaltag/team", "backup", "string"),
        ("aws:principaltype", "AssumedRole", "string"),
        ("aws:requestedregion", "eu-west-1", "string"),
        ("aws:securetransport", "true", "boolean"),
    ];
    let expected = expected.map(|(key, value, kind)| (key.into(), value.into(), kind.into()));
    assert_eq!(context, expected);
}

#[tokio::test]
async fn batches_hold_a_hundred_actions_and_plans_share_them() {
    let replay = by_action(|_, _| ("allowed", scp(true)));
    let names: Vec<String> = (0..150).map(|at| format!("a:N{at:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plans = vec![
        vec![question("*", &names[..120], Some("eu-west-1"))],
        vec![question("*", &names[50..], Some("eu-west-1"))],
    ];
    let (answers, counts) = simulate_with(&replay, &inventory(None), plans, Vec::new(), 3).await;
    assert_eq!(
        answers,
        vec![Reply::Decided(vec![Vec::new(), Vec::new()]); 3]
    );
    assert_eq!(counts.calls, 6, "three subjects, two batches each");
    let sizes: Vec<usize> = replay
        .sent()
        .iter()
        .map(|sent| actions(sent).len())
        .collect();
    assert_eq!(sizes, [100, 50, 100, 50, 100, 50]);
}
