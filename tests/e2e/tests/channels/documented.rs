//! Documentation: are the messages and events that it shows those that the code makes?
//!
//! `UPDATE_DOCS=1` writes them.

use std::collections::BTreeMap;
use std::path::Path;

use e2e::tools::root;
use report::machine::event::DETAIL_TYPES;
use serde_json::Value;

use crate::days::{look, story};
use crate::published::{Published, example};

#[track_caller]
fn keep(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, text).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, text, "{}: run with UPDATE_DOCS=1", path.display());
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The document with its blocks made anew; each stands after `<!-- made by the code: NAME -->`.
fn made(document: &str, blocks: &BTreeMap<&str, String>) -> String {
    let mut text = String::new();
    let mut rest = document;
    while let Some((before, after)) = rest.split_once("<!-- made by the code: ") {
        let (name, after) = after.split_once(" -->\n").expect("a mark ends");
        let (fence, after) = after.split_once('\n').expect("a block follows");
        let (_, after) = after.split_once("\n```\n").expect("a block ends");
        let block = blocks
            .get(name)
            .unwrap_or_else(|| panic!("no block {name}"));
        text.push_str(&format!(
            "{before}<!-- made by the code: {name} -->\n{fence}\n{}\n```\n",
            block.trim_end()
        ));
        rest = after;
    }
    text + rest
}

#[test]
fn the_messages_of_the_docs_are_real() {
    let (opened, resolved) = example();
    let mail = |told: &Published| {
        let mail = &told.mails[0];
        format!("Subject: {}\n\n{}", mail.subject, mail.body)
    };
    let call = |told: &Published, rule: &str| {
        let call = told.calls.iter().find(|(name, _)| *name == rule).unwrap();
        format!("POST {}\n\n{}", call.1.url, pretty(&call.1.body))
    };
    let ocsf = |told: &Published| {
        let of = |event: &&Value| event["detail-type"] == "OCSF Compliance Finding";
        pretty(&told.events.iter().find(of).unwrap()["detail"])
    };
    let blocks = BTreeMap::from([
        ("mail", mail(&opened)),
        ("mail when it is over", mail(&resolved)),
        ("chat", pretty(&opened.chats[0])),
        ("PagerDuty", call(&opened, "PagerDutyRule")),
        (
            "PagerDuty when it is over",
            call(&resolved, "PagerDutyRule"),
        ),
        ("Opsgenie", call(&opened, "OpsgenieRule")),
        (
            "Opsgenie when it is over",
            call(&resolved, "OpsgenieCloseRule"),
        ),
        ("Security Hub", pretty(&opened.filed[0])),
        ("OCSF", ocsf(&opened)),
    ]);
    let path = root().join("docs/alerts.md");
    let document = std::fs::read_to_string(&path).unwrap();
    for name in blocks.keys() {
        assert!(
            document.contains(&format!("<!-- made by the code: {name} -->\n")),
            "{name} is not shown"
        );
    }
    keep(&path, &made(&document, &blocks));
}

#[test]
fn each_detail_type_has_an_example() {
    let mut story = story();
    let mut events: BTreeMap<String, Value> = BTreeMap::new();
    let mut take = |told: Published| {
        for event in told.events {
            let kind = event["detail-type"].as_str().unwrap().to_owned();
            events.entry(kind).or_insert(event);
        }
    };
    for number in 1..=14 {
        if let Some(found) = look(&mut story, number) {
            take(Published::of(&found, &story.step(&found), &story.settings));
        }
    }
    let kinds: Vec<&str> = events.keys().map(String::as_str).collect();
    let mut expected = DETAIL_TYPES.to_vec();
    expected.sort_unstable();
    assert_eq!(kinds, expected, "each detail type occurs in the fortnight");
    let folder = root().join("docs/schemas/examples");
    std::fs::create_dir_all(&folder).unwrap();
    let mut names: Vec<String> = Vec::new();
    for (kind, event) in &events {
        let name = format!("{}.json", kind.to_lowercase().replace(' ', "-"));
        keep(&folder.join(&name), &pretty(event));
        names.push(name);
    }
    let mut found: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    names.sort();
    assert_eq!(found, names, "no example without a detail type");
}
