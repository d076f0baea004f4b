//! Lines in, lines out: the corpus of `iam` through the command, and what becomes of lines that are no cases.

use std::path::Path;

use serde_json::{Value, json};

use super::*;

fn answers(input: &[u8], threads: usize) -> (Vec<Value>, Counts) {
    let mut output = Vec::new();
    let counts = run(input, &mut output, NonZero::new(threads).unwrap()).unwrap();
    let lines = String::from_utf8(output).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    (lines.collect(), counts)
}

fn line(id: &str, request: &str) -> String {
    format!(
        r#"{{{id}"policies":{{"identity":[{{"Statement":{{"Sid":"All","Effect":"Allow","Action":"s3:*","Resource":"*"}}}}]}},"request":{request}}}"#
    )
}

const REQUEST: &str = r#"{"principal":"arn:aws:iam::123456789012:role/Veeam","action":"s3:GetObject","resource":"*","context":{}}"#;

#[track_caller]
fn check(line: &str, expected: Value) {
    let (found, counts) = answers(line.as_bytes(), 1);
    assert_eq!(found, [expected]);
    assert_eq!(counts.decided + counts.malformed, 1);
}

/// The message of a line that is no case.
#[track_caller]
fn refused(line: &str) -> String {
    let (found, counts) = answers(line.as_bytes(), 1);
    assert_eq!(counts.malformed, 1, "{found:?}");
    found[0]["error"].as_str().unwrap().to_owned()
}

#[test]
fn a_decision_has_its_cause() {
    check(
        &line(r#""id":7,"#, REQUEST),
        json!({
            "id": 7,
            "decision": "allowed",
            "cause": {
                "kind": "allowedBy",
                "layers": [],
                "statements": [{"layer": "identity", "policy": "identity[0]", "index": 0, "sid": "All"}],
            },
            "missing": [],
        }),
    );
}

#[test]
fn an_id_is_any_json_value_or_none() {
    for (id, echoed) in [
        ("", json!(null)),
        (r#""id":null,"#, json!(null)),
        (r#""id":{"a":[1,"b"]},"#, json!({"a": [1, "b"]})),
        (r#""id":1.50,"#, json!(1.50)),
        (r#""id":"é\n","#, json!("é\n")),
    ] {
        let (found, _) = answers(line(id, REQUEST).as_bytes(), 1);
        assert_eq!(found[0]["id"], echoed);
    }
}

#[test]
fn the_context_is_exactly_what_the_line_gives() {
    let case = r#"{"policies":{"identity":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"Null":{"aws:PrincipalArn":"true","aws:username":"true","k":"true"}}}}]},"request":{
        "principal":"arn:aws:iam::123456789012:user/veeam","action":"s3:GetObject","resource":"*","context":{"k":null}}}"#
        .replace('\n', " ");
    let (found, _) = answers(case.as_bytes(), 1);
    assert_eq!(found[0]["decision"], "allowed");
    assert_eq!(
        found[0]["missing"],
        json!(["aws:PrincipalArn", "aws:username", "k"])
    );
}

#[test]
fn a_malformed_line_is_answered_and_the_run_goes_on() {
    let input = [
        line(r#""id":"a","#, REQUEST),
        "{".to_owned(),
        String::new(),
        r#"{"id":[4],"policies":{}}"#.to_owned(),
        line(r#""id":"b","#, REQUEST),
    ]
    .join("\r\n");
    let (found, counts) = answers(input.as_bytes(), 3);
    assert_eq!(
        counts,
        Counts {
            decided: 2,
            malformed: 2
        }
    );
    assert_eq!(counts.exit(), Exit::Failed);
    assert_eq!(
        (&found[0]["id"], &found[3]["id"]),
        (&json!("a"), &json!("b"))
    );
    assert_eq!((&found[1]["line"], found[1].get("id")), (&json!(2), None));
    assert_eq!(
        (&found[2]["line"], &found[2]["id"]),
        (&json!(4), &json!([4]))
    );
}

#[test]
fn a_malformed_line_is_told_where_and_what_would_be_right() {
    assert!(
        refused("{}").starts_with(r#"column 2: missing field `policies`; expected {"policies":"#)
    );
    assert!(refused("[").starts_with("column 1:"));
    assert_eq!(refused(&line("", "\"\u{1}\"")).find("column"), Some(0));
    assert_eq!(
        refused(&line("", &REQUEST.replace("s3:GetObject", "s3:Get*"))),
        "`request.action`: `s3:Get*` is a pattern: name each action, without `*` and `?`"
    );
    assert_eq!(
        refused(&line("", &REQUEST.replace("\"*\"", "\"bucket\""))),
        "`request.resource`: `bucket` is no ARN: expected `arn:partition:service:region:account:resource`, or `*`"
    );
    assert!(
        refused(&line("", &REQUEST.replace("arn:aws:iam", "aws:iam")))
            .starts_with("`request.principal`: ")
    );
    assert!(
        refused(&line("", &REQUEST.replace("context", "contxt")))
            .contains("unknown field `contxt`")
    );
    assert!(
        refused(&line("", &REQUEST.replace("{}", r#"{"k":"a","K":"b"}"#)))
            .contains("names the key `K` twice")
    );
    assert!(
        refused(&line("", &REQUEST.replace("{}", r#"{"k":{"a":1}}"#)))
            .contains("`context`, key `k`")
    );
    assert!(
        refused(&line("", &format!("{REQUEST},\"request\":1")))
            .contains("duplicate field `request`")
    );
}

#[test]
fn a_malformed_resource_side_is_told_where_and_what_would_be_right() {
    assert_eq!(
        refused(&line(
            "",
            &REQUEST.replace("\"context", "\"resourceAccount\":\"12\",\"context")
        )),
        "`request.resourceAccount`: `12` is no account id: expected twelve digits"
    );
    let case = line("", REQUEST).replace("\"policies\":{", "\"policies\":{\"grants\":{},");
    assert!(refused(&case).contains("invalid type: map, expected a sequence"));
    let case = line("", REQUEST).replace("\"policies\":{", "\"policies\":{\"resources\":{},");
    assert!(refused(&case).contains("unknown field `resources`"));
}

#[test]
fn a_malformed_line_is_told_in_the_words_of_json() {
    for line in [
        r#""text""#,
        r#"{"policies":"text","request":{}}"#,
        r#"{"policies":{"identity":[]},"request":"text"}"#,
    ] {
        let told = refused(line);
        assert!(
            told.contains(r#"invalid type: string "text", expected an object"#),
            "{told}"
        );
    }
}

#[test]
fn what_is_no_utf8_or_too_long_is_a_malformed_line() {
    let (found, _) = answers(b"ab\xffc\n", 1);
    assert_eq!(
        found,
        [json!({"line": 1, "error": "column 3: not UTF-8: write the line as UTF-8"})]
    );
    let mut input = vec![b'['; LONGEST_LINE * 2 + 10];
    input.push(b'\n');
    input.extend(line("", REQUEST).bytes());
    let (found, counts) = answers(&input, 2);
    assert_eq!(
        counts,
        Counts {
            decided: 1,
            malformed: 1
        }
    );
    assert_eq!(
        found[0],
        json!({"line": 1, "error": "the line is longer than 16 MiB"})
    );
}

#[test]
fn nesting_without_end_is_a_malformed_line() {
    refused(&line("", &"[".repeat(1_000_000)));
    refused(&format!(
        r#"{{"policies":{}"#,
        r#"{"identity":["#.repeat(100_000)
    ));
}

#[test]
fn a_malformed_document_is_no_malformed_line() {
    let (found, counts) = answers(line("", REQUEST).replace("Allow", "allow").as_bytes(), 1);
    assert_eq!(counts.malformed, 0);
    assert_eq!(found[0]["decision"], "undetermined");
    assert_eq!(
        found[0]["cause"],
        json!({
            "kind": "unreadable",
            "layers": ["identity"],
            "policy": "identity[0]",
            "reason": "statement 1: `Effect` is `allow`: expected exactly `Allow` or `Deny`",
        })
    );
}

#[test]
fn answers_keep_the_order_whatever_the_threads() {
    let input: String = (0..9000)
        .map(|id| line(&format!("\"id\":{id},"), REQUEST) + "\n")
        .collect();
    for threads in [1, 3] {
        let (found, counts) = answers(input.as_bytes(), threads);
        assert_eq!(counts.decided, 9000);
        assert!(
            found
                .iter()
                .enumerate()
                .all(|(at, line)| line["id"] == json!(at))
        );
    }
}

#[test]
fn the_corpus_decides_here_as_in_the_library() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/iam/tests/corpus");
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: Value = serde_json::from_str(&text)
            .map(|case: Value| case["expect"].clone())
            .unwrap();
        let (found, _) = answers(text.replace('\n', " ").as_bytes(), 1);
        let answer = &found[0];
        let found = json!({
            "decision": answer["decision"],
            "because": because(&answer["cause"]),
            "missing": answer["missing"],
        });
        if found != expected {
            wrong.push(format!(
                "{}\n  expected {expected}\n  found    {found}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A cause in the short form of the corpus.
fn because(cause: &Value) -> String {
    let texts = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap();
        list.iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    };
    let statements = || -> String {
        let list = cause["statements"].as_array().unwrap().iter();
        let list = list.map(|at| {
            let policy = at["policy"].as_str().unwrap();
            at.get("index")
                .map_or_else(|| policy.to_owned(), |index| format!("{policy}#{index}"))
        });
        list.collect::<Vec<_>>().join(", ")
    };
    let kind = cause["kind"].as_str().unwrap();
    let rest = match kind {
        "notAllowedIn" => texts(&cause["layers"]).join(", "),
        "unreadable" => cause["policy"].as_str().unwrap().to_owned(),
        "allowedOnlyOn" => format!(
            "{}: {}",
            statements(),
            texts(&cause["resources"]).join(", ")
        ),
        _ => statements(),
    };
    format!("{kind} {rest}").trim_end().to_owned()
}
