//! Layers: what is asked again with one left out, and which is named.

use super::*;

#[tokio::test]
async fn the_layer_without_which_it_is_allowed_is_named() {
    // Denied by the SCP, by the boundary, by both together, by none of them.
    let replay = by_action(|action, sent| {
        let out = excluded(sent);
        let scp_out = out.iter().any(|kind| kind == "scp");
        let boundary_out = out.iter().any(|kind| kind == "permission-boundary");
        let allowed = match action {
            "a:Scp" => scp_out,
            "b:Boundary" => boundary_out,
            "c:Both" => scp_out && boundary_out,
            _ => false,
        };
        let flags = scp(scp_out || !matches!(action, "a:Scp" | "c:Both"));
        match allowed {
            true => ("allowed", flags),
            false => ("implicitDeny", format!("{flags}{}", boundary(false))),
        }
    });
    let asked = question(
        "*",
        &["a:Scp", "b:Boundary", "c:Both", "d:None"],
        Some("eu-west-1"),
    );
    let inventory = inventory(Some("arn:aws:iam::123456789012:policy/edge"));
    let embedded = vec![
        lacking(&[Layer::Boundary], &[1, 2]),
        lacking(&[Layer::Identity], &[3]),
    ];
    let (answers, counts) =
        simulate_with(&replay, &inventory, vec![vec![asked]], embedded, 1).await;
    let mut found = only(&answers[0]);
    found.sort_by(|left, right| left.actions.cmp(&right.actions));
    assert_eq!(
        found,
        [
            lacking(&[SERVICE_CONTROL], &[0]),
            lacking(&[Layer::Boundary], &[1]),
            lacking(&[Layer::Boundary, SERVICE_CONTROL], &[2]),
            lacking(&[Layer::Identity, Layer::Boundary], &[3]),
        ]
    );
    assert_eq!(counts.disagreements, 0);
    let asked: Vec<_> = replay
        .sent()
        .iter()
        .map(|sent| (excluded(sent).join("+"), actions(sent).join(" ")))
        .collect();
    let asked: Vec<_> = asked
        .iter()
        .map(|(out, names)| (out.as_str(), names.as_str()))
        .collect();
    assert_eq!(
        asked,
        [
            ("", "a:Scp b:Boundary c:Both d:None"),
            ("scp", "a:Scp c:Both"),
            ("permission-boundary", "b:Boundary c:Both d:None"),
            ("scp+permission-boundary", "c:Both"),
        ]
    );
}

#[tokio::test]
async fn where_leaving_out_is_refused_the_flags_speak_and_it_is_not_tried_again() {
    let replay = Replay::new(|sent| {
        if !excluded(sent).is_empty() {
            return Ok(refusal(
                400,
                "InvalidInput",
                "Unknown parameter PolicyExclusionList",
            ));
        }
        Ok(page(&result("a:Scp", "implicitDeny", &scp(false)), None))
    });
    let asked = vec![question("*", &["a:Scp"], Some("eu-west-1"))];
    let (answers, counts) =
        simulate_with(&replay, &inventory(None), vec![asked], Vec::new(), 2).await;
    for answer in &answers {
        assert_eq!(only(answer), [lacking(&[SERVICE_CONTROL], &[0])]);
    }
    assert_eq!(counts.calls, 3);
}

#[tokio::test]
async fn an_explicit_denial_by_an_scp_names_no_statement() {
    let replay = by_action(|_, sent| match excluded(sent).is_empty() {
        true => ("explicitDeny", scp(false)),
        false => ("allowed", String::new()),
    });
    let asked = question("*", &["a:Scp"], Some("eu-west-1"));
    let cause = Cause::DeniedInLayer(SERVICE_CONTROL);
    let expected = group(Decision::ExplicitDeny, cause, &[], &[0]);
    assert_eq!(simulate(&replay, asked, Vec::new()).await, [expected]);
}

#[tokio::test]
async fn an_scp_denial_without_a_region_is_undetermined() {
    let replay = by_action(|_, sent| match excluded(sent).is_empty() {
        true => ("explicitDeny", scp(false)),
        false => ("allowed", String::new()),
    });
    let asked = question("*", &["a:Scp"], None);
    let by = vec![iam::StatementRef::in_force(SERVICE_CONTROL)];
    let cause = Cause::MissingContext { by };
    let expected = group(
        Decision::Undetermined,
        cause,
        &["aws:RequestedRegion"],
        &[0],
    );
    assert_eq!(simulate(&replay, asked, Vec::new()).await, [expected]);
}
