//! Proof: what is asked about concrete resources, within which ceiling, and what follows from the answers?

use audit::simulate::embedded::Embedded;

use super::*;

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const SNAPSHOT: &str = "arn:aws:ec2:eu-west-1::snapshot/snap-permdrift";

/// The resources of a request, in the order sent.
fn resources(sent: &Sent) -> Vec<String> {
    (1..)
        .map_while(|at| sent.form.get(&format!("ResourceArns.member.{at}")).cloned())
        .collect()
}

/// AWS, where an SCP denies some actions on resources that begin so.
fn behind_scp(denied: &'static [(&'static str, &'static str)]) -> Replay {
    Replay::new(move |sent| {
        let asked = resources(sent);
        let is_denied = |action: &str, resource: &str| {
            let by = |(name, start): &(&str, &str)| *name == action && resource.starts_with(start);
            excluded(sent).is_empty() && denied.iter().any(by)
        };
        let decision = |is_denied| if is_denied { "explicitDeny" } else { "allowed" };
        let results: String = actions(sent)
            .iter()
            .map(|action| {
                let specific: String = asked
                    .iter()
                    .map(|resource| {
                        format!(
                            "<member><EvalResourceName>{resource}</EvalResourceName><EvalResourceDecision>{}\
                             </EvalResourceDecision><MatchedStatements/><MissingContextValues/></member>",
                            decision(is_denied(action, resource))
                        )
                    })
                    .collect();
                let any = asked.iter().any(|resource| is_denied(action, resource));
                let more = format!(
                    "{}<ResourceSpecificResults>{specific}</ResourceSpecificResults>",
                    scp(!any)
                );
                result(action, decision(any), &more)
            })
            .collect();
        Ok(page(&results, None))
    })
}

/// What is found of a role with these statements, and the calls: whether each is about `*`, its resources, its actions.
async fn found(
    statements: &str,
    questions: Vec<Question>,
    ceiling: usize,
    replay: &Replay,
) -> (Vec<Group>, Vec<(Vec<String>, Vec<String>)>) {
    let mut inventory = inventory(None);
    inventory.principals[0].inline.push(InlinePolicy {
        name: "own".into(),
        document: Arc::new(Document::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
        ))),
    });
    let limits = Limits {
        in_flight: 1,
        ceiling,
        first: Window::default(),
        again: Window::default(),
    };
    let now = "2026-11-22T03:15:00Z".parse().unwrap();
    let live = AwsSimulator::new(replay.iam(), Embedded::default(), limits, now);
    let inquiries = [Inquiry {
        requirements: 1,
        ..inquiry(vec![questions])
    }];
    let replies = live.simulate(&inventory, &inquiries, &[]).await;
    let calls = replay.sent();
    let calls = calls.iter().map(|sent| (resources(sent), actions(sent)));
    (only(&replies[0]), calls.collect())
}

fn in_region(actions: &[&str]) -> Vec<Question> {
    vec![question("*", actions, Some("eu-west-1"))]
}

#[tokio::test]
async fn an_scp_that_denies_on_narrower_resources_shows() {
    let replay = behind_scp(&[("ec2:DeleteSnapshot", "arn:aws:ec2:eu-west-1::snapshot/")]);
    let asked = in_region(&["ec2:DeleteSnapshot", "ec2:DescribeSnapshots"]);
    let (groups, calls) = found(ALL, asked, 2, &replay).await;
    let cause = Cause::DeniedInLayer(SERVICE_CONTROL);
    assert_eq!(groups, [group(Decision::ExplicitDeny, cause, &[], &[0])]);
    let concrete: Vec<&str> = calls[1].0.iter().map(String::as_str).collect();
    assert_eq!(concrete, [SNAPSHOT]);
    assert_eq!(calls[1].1, ["ec2:DeleteSnapshot"]);
}

#[tokio::test]
async fn what_aws_allows_on_the_resources_stays_allowed_with_one_call_more() {
    let replay = behind_scp(&[]);
    let asked = in_region(&[
        "ec2:CreateSnapshot",
        "ec2:DeleteSnapshot",
        "s3:GetObject",
        "s3:ListBucket",
    ]);
    let (groups, calls) = found(ALL, asked, 2, &replay).await;
    assert_eq!(groups, []);
    assert_eq!(calls.len(), 2, "{calls:?}");
    let mut concrete = calls[1].0.clone();
    concrete.sort();
    assert_eq!(
        concrete,
        [
            "arn:aws:ec2:eu-west-1:123456789012:volume/vol-permdrift",
            SNAPSHOT,
            "arn:aws:s3:::permdrift",
            "arn:aws:s3:::permdrift/Veeam/permdrift",
        ]
    );
}

#[tokio::test]
async fn where_policies_name_resources_these_are_asked_about() {
    let own = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::backups-*/*"}"#;
    let replay = behind_scp(&[("s3:GetObject", "arn:aws:s3:::backups-")]);
    let (groups, calls) = found(own, in_region(&["s3:GetObject"]), 2, &replay).await;
    let cause = Cause::DeniedInLayer(SERVICE_CONTROL);
    assert_eq!(groups, [group(Decision::ExplicitDeny, cause, &[], &[0])]);
    assert!(
        calls[1].0[0].starts_with("arn:aws:s3:::backups-"),
        "{calls:?}"
    );
}

#[tokio::test]
async fn above_the_ceiling_nothing_is_asked_and_that_is_named() {
    let replay = behind_scp(&[("ec2:DeleteSnapshot", "arn:aws:ec2:")]);
    let (groups, calls) = found(ALL, in_region(&["ec2:DeleteSnapshot"]), 1, &replay).await;
    assert_eq!(calls.len(), 1);
    assert_eq!(groups[0].outcome.decision, Decision::Allowed);
    assert!(
        matches!(&groups[0].outcome.cause, Cause::NoAnswer { reason } if reason.contains("simulation-ceiling")),
        "{groups:?}"
    );
}

#[tokio::test]
async fn what_no_resource_can_deny_is_not_asked_again() {
    let replay = behind_scp(&[]);
    let (groups, calls) = found(ALL, in_region(&["ec2:DescribeSnapshots"]), 2, &replay).await;
    assert_eq!(groups, []);
    assert_eq!(calls.len(), 1);
}

#[tokio::test]
async fn the_account_of_the_resource_is_sent() {
    let replay = behind_scp(&[]);
    found(ALL, in_region(&["ec2:DeleteSnapshot"]), 2, &replay).await;
    let sent = replay.sent();
    let names: Vec<&String> = (1..)
        .map_while(|at| {
            let key = format!("ContextEntries.member.{at}.ContextKeyName");
            sent[1].form.get(&key)
        })
        .collect();
    assert!(
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case("aws:ResourceAccount")),
        "{names:?}"
    );
}
