//! Pages: results that stand on several pages, or are for several resources, are read one by one.

use super::*;

#[tokio::test]
async fn every_page_is_read() {
    let replay = Replay::new(|sent| {
        let names = actions(sent);
        let (shown, marker) = match sent.form.get("Marker") {
            None => (&names[..60], Some("page-2")),
            Some(_) => (&names[60..], None),
        };
        let results: String = shown
            .iter()
            .map(|name| {
                result(
                    name,
                    if name == "a:N99" {
                        "implicitDeny"
                    } else {
                        "allowed"
                    },
                    &scp(true),
                )
            })
            .collect();
        Ok(page(&results, marker))
    });
    let names: Vec<String> = (10..110).map(|at| format!("a:N{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let asked = question("*", &names, Some("eu-west-1"));
    let at = asked
        .actions
        .iter()
        .position(|name| name.as_str() == "a:N99");
    let expected = lacking(&[Layer::Identity], &[u16::try_from(at.unwrap()).unwrap()]);
    assert_eq!(
        simulate(&replay, asked, vec![expected.clone()]).await,
        [expected]
    );
    // The second page repeats the whole request.
    let sent = replay.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(actions(&sent[0]), actions(&sent[1]));
}

#[tokio::test]
async fn a_page_that_never_comes_leaves_its_actions_undetermined() {
    let replay = Replay::new(|sent| match sent.form.get("Marker") {
        None => Ok(page(&result("a:Allowed", "allowed", ""), Some("page-2"))),
        Some(_) => Ok(refusal(403, "AccessDenied", "no")),
    });
    let asked = question("*", &["a:Allowed", "b:Unseen"], None);
    let found = simulate(&replay, asked, Vec::new()).await;
    assert_eq!(found, [unanswered("AWS refused: AccessDenied: no", &[1])]);
}

#[tokio::test]
async fn several_resources_are_read_one_by_one() {
    // One result for both ARNs: the name is a template, the decision an aggregate, the union of the keys at the top.
    let specific = |arn: &str, decision: &str| {
        format!(
            "<member><EvalResourceName>{arn}</EvalResourceName><EvalResourceDecision>{decision}</EvalResourceDecision>\
             <MissingContextValues/></member>"
        )
    };
    let results = format!(
        "<member><EvalActionName>s3:GetObject</EvalActionName>\
         <EvalResourceName>arn:aws:s3:::${{BucketName}}/${{KeyName}}</EvalResourceName>\
         <EvalDecision>implicitDeny</EvalDecision>{}<MissingContextValues/><ResourceSpecificResults>{}{}\
         </ResourceSpecificResults></member>",
        scp(true),
        specific("arn:aws:s3:::good/*", "allowed"),
        specific("arn:aws:s3:::bad/*", "implicitDeny"),
    );
    let replay = Replay::of(vec![page(&results, None)]);
    let questions = vec![
        question("arn:aws:s3:::good/*", &["s3:GetObject"], None),
        question("arn:aws:s3:::bad/*", &["s3:GetObject"], None),
    ];
    let embedded = vec![Group {
        question: 1,
        ..lacking(&[Layer::Identity], &[0])
    }];
    let (answers, counts) = simulate_with(
        &replay,
        &inventory(None),
        vec![questions],
        embedded.clone(),
        1,
    )
    .await;
    assert_eq!(only(&answers[0]), embedded);
    assert_eq!((counts.calls, counts.disagreements), (1, 0));
}

#[tokio::test]
async fn a_resource_that_aws_does_not_answer_for_is_undetermined() {
    let results = result("s3:GetObject", "allowed", "");
    let replay = Replay::of(vec![page(&results, None)]);
    let questions = vec![
        question("arn:aws:s3:::one/*", &["s3:GetObject"], None),
        question("arn:aws:s3:::two/*", &["s3:GetObject"], None),
    ];
    let (answers, _) =
        simulate_with(&replay, &inventory(None), vec![questions], Vec::new(), 1).await;
    let decisions: Vec<_> = only(&answers[0])
        .iter()
        .map(|group| (group.question, group.outcome.decision))
        .collect();
    assert_eq!(
        decisions,
        [(0, Decision::Undetermined), (1, Decision::Undetermined)]
    );
}

#[tokio::test]
async fn results_of_one_action_may_stand_on_several_pages() {
    // Pages of AWS's own size, one of them empty; where a page ends is AWS's business.
    let specific = |arn: &str| {
        format!(
            "<member><EvalActionName>s3:GetObject</EvalActionName>\
             <EvalResourceName>arn:aws:s3:::${{BucketName}}/${{KeyName}}</EvalResourceName>\
             <EvalDecision>allowed</EvalDecision><ResourceSpecificResults><member><EvalResourceName>{arn}\
             </EvalResourceName><EvalResourceDecision>allowed</EvalResourceDecision></member></ResourceSpecificResults></member>"
        )
    };
    let (one, two) = ("arn:aws:s3:::one/*", "arn:aws:s3:::two/*");
    let pages = || {
        vec![
            page(&specific(one), Some("page-2")),
            page("", Some("page-3")),
            page(&specific(two), None),
        ]
    };
    let asked = || {
        let questions = [one, two].map(|arn| question(arn, &["s3:GetObject"], None));
        vec![questions.to_vec()]
    };
    let whole = Replay::of(pages());
    let (answers, counts) = simulate_with(&whole, &inventory(None), asked(), vec![], 1).await;
    assert_eq!((only(&answers[0]), counts.calls), (Vec::new(), 3));
    // The same page again and again is no end, and no answer.
    let mut pages = pages();
    pages.truncate(2);
    pages.push(page("", Some("page-3")));
    let endless = Replay::of(pages);
    let (answers, counts) = simulate_with(&endless, &inventory(None), asked(), vec![], 1).await;
    let found = only(&answers[0]);
    assert_eq!(
        (found.len(), found[0].question, found[0].outcome.decision),
        (1, 1, Decision::Undetermined)
    );
    assert_eq!(counts.calls, 3);
}
