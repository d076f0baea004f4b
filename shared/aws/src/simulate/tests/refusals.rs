//! Refusals: what AWS does not answer, or not wholly.

use super::*;

#[tokio::test]
async fn mixed_actions_are_split_as_the_message_says_and_the_split_is_kept() {
    let replay = Replay::new(|sent| {
        let names = actions(sent);
        let mixed = names.iter().any(|name| name.starts_with("iam:"))
            && names.iter().any(|name| name.starts_with("sts:"));
        if mixed {
            return Ok(refusal(
                400,
                "InvalidInput",
                "Invalid Input Actions: [iam:PassRole] and [sts:AssumeRole] require different authorization information.",
            ));
        }
        let results: String = names
            .iter()
            .map(|name| result(name, "allowed", &scp(true)))
            .collect();
        Ok(page(&results, None))
    });
    let asked = vec![question("*", &["iam:PassRole", "sts:AssumeRole"], None)];
    let (answers, counts) =
        simulate_with(&replay, &inventory(None), vec![asked], Vec::new(), 2).await;
    assert_eq!(answers, vec![Reply::Decided(vec![Vec::new()]); 2]);
    assert_eq!(counts.calls, 5, "one refused, then two for each subject");
}

#[tokio::test]
async fn one_action_that_aws_refuses_costs_only_itself() {
    let replay = Replay::new(|sent| {
        let names = actions(sent);
        if names.iter().any(|name| name == "c:Odd") {
            return Ok(refusal(400, "InvalidInput", "Invalid Input Actions: c:Odd"));
        }
        let results: String = names
            .iter()
            .map(|name| result(name, "allowed", ""))
            .collect();
        Ok(page(&results, None))
    });
    let asked = question("*", &["a:A", "b:B", "c:Odd", "d:D"], None);
    let found = simulate(&replay, asked, Vec::new()).await;
    let reason = "AWS refused the question: InvalidInput: Invalid Input Actions: c:Odd";
    assert_eq!(found, [unanswered(reason, &[2])]);
}

#[tokio::test]
async fn a_refusal_that_is_not_about_actions_costs_few_calls_and_teaches_nothing() {
    let refused = Mutex::new(0);
    let replay = Replay::new(move |sent| {
        let mut refused = refused.lock().unwrap();
        // The first subject's calls, however they are cut.
        if *refused < 17 {
            *refused += 1;
            let message = "Invalid ContextEntries: value is no string";
            return Ok(refusal(400, "InvalidInput", message));
        }
        let names = actions(sent);
        let allowed = names.iter().map(|name| result(name, "allowed", ""));
        Ok(page(&allowed.collect::<String>(), None))
    });
    let names: Vec<String> = (0..100).map(|at| format!("a:N{at:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let asked = vec![question("*", &names, None)];
    let (answers, counts) =
        simulate_with(&replay, &inventory(None), vec![asked], Vec::new(), 2).await;
    let first = only(&answers[0]);
    assert_eq!(
        (
            first.len(),
            first[0].outcome.decision,
            first[0].actions.len()
        ),
        (1, Decision::Undetermined, 100)
    );
    assert_eq!(only(&answers[1]), []);
    assert_eq!(counts.calls, 18, "the second subject is asked about whole");
}

#[tokio::test]
async fn throttling_with_status_400_is_waited_out() {
    let throttled = refusal(400, "Throttling", "Rate exceeded");
    let mut answers = vec![throttled; 12];
    answers.push(page(&result("a:A", "allowed", ""), None));
    let replay = Replay::of(answers);
    let asked = vec![question("*", &["a:A"], None)];
    let (answers, counts) =
        simulate_with(&replay, &inventory(None), vec![asked], Vec::new(), 1).await;
    assert_eq!(only(&answers[0]), []);
    assert_eq!((counts.calls, counts.throttles), (2, 12));
    assert_eq!(counts.retries, 11);
}

#[tokio::test]
async fn what_is_throttled_for_good_is_undetermined() {
    let replay = Replay::of(vec![refusal(400, "Throttling", "Rate exceeded")]);
    let found = simulate(&replay, question("*", &["a:A"], None), Vec::new()).await;
    let reason = "AWS refused as too many calls, in every attempt";
    assert_eq!(found, [unanswered(reason, &[0])]);
}

#[tokio::test]
async fn a_principal_that_is_gone_is_asked_about_once() {
    let replay = Replay::of(vec![refusal(
        404,
        "NoSuchEntity",
        "Entity arn:aws:iam::123456789012:role/backup/Veeam does not exist.",
    )]);
    let questions = vec![
        question("*", &["a:A"], None),
        question("arn:aws:s3:::b", &["s3:A"], None),
    ];
    let (answers, counts) =
        simulate_with(&replay, &inventory(None), vec![questions], Vec::new(), 1).await;
    let reason = "the principal was deleted while the audit ran";
    let second = Group {
        question: 1,
        ..unanswered(reason, &[0])
    };
    assert_eq!(only(&answers[0]), [unanswered(reason, &[0]), second]);
    assert_eq!(counts.calls, 1);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_asked_for_again() {
    let whole = page(
        &(result("a:A", "allowed", "") + &result("b:B", "implicitDeny", &scp(true))),
        None,
    );
    let at = whole.1.find("<EvalActionName>b:B").unwrap();
    let cut = (200, whole.1.get(..at).unwrap().to_owned());
    let asked = || question("*", &["a:A", "b:B"], None);
    let expected = lacking(&[Layer::Identity], &[1]);

    let replay = Replay::of(vec![cut.clone(), whole]);
    let found = simulate(&replay, asked(), vec![expected.clone()]).await;
    assert_eq!(found, [expected]);

    let found = simulate(&Replay::of(vec![cut]), asked(), Vec::new()).await;
    assert_eq!(found[0].outcome.decision, Decision::Undetermined);
    assert_eq!(found[0].actions, [0, 1]);
}

#[tokio::test]
async fn garbage_errors_and_broken_connections_are_undetermined() {
    let scripts: [(Replay, &str); 3] = [
        (
            Replay::of(vec![(200, "<html>proxy</html>".to_owned())]),
            "garbage",
        ),
        (
            Replay::of(vec![(500, "Internal Server Error".to_owned())]),
            "500",
        ),
        (Replay::new(|_| Err("connection reset by peer")), "reset"),
    ];
    for (replay, name) in scripts {
        let found = simulate(&replay, question("*", &["a:A"], None), Vec::new()).await;
        let decisions: BTreeSet<_> = found.iter().map(|group| group.outcome.decision).collect();
        assert_eq!(
            decisions,
            BTreeSet::from([Decision::Undetermined]),
            "{name}"
        );
    }
}
