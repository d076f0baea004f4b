//! Every export read by its own consumer: is it what they take, whatever stands in the account?
//!
//! The real binary writes; `consume.py` reads each file as its consumer would, against the schema that the consumer
//! published, and `browse.py` opens the pages in a real browser. Three accounts: the example compared with a baseline, one
//! with markup in every text that is anybody's to write, and one that is cut off.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

mod accounts;
mod organization;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use e2e::browser;
use e2e::tools::Tools;

/// All suffixes that have a consumer of their own.
const FORMATS: [&str; 6] = ["sarif", "junit.xml", "ocsf.json", "asff.json", "csv", "md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn permdrift(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_permdrift"))
        .args(arguments)
        .arg("--quiet")
        .current_dir(root())
        .output()
        .expect("the binary runs")
}

/// Writes an audit in one format; the exit code is the account's business.
#[track_caller]
fn export(account: &[&str], file: &Path) {
    let name = file.to_str().expect("a name in UTF-8");
    let output = permdrift(&[account, &["--export", name]].concat());
    let code = output.status.code();
    assert!(
        matches!(code, Some(0..=2)) && file.exists(),
        "{code:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn python(script: &str) -> Command {
    let mut command = Tools::Formats.command("python");
    command.arg(root().join("tests/formats").join(script));
    command
}

/// Uses pages in a browser, by a script that fails where something is wrong.
#[track_caller]
fn browse(script: &str, pages: &[&Path]) {
    let mut command = python(script);
    command.arg(browser::chromium()).args(pages);
    let output = command.output().expect("python runs");
    let told = String::from_utf8_lossy(&output.stdout);
    println!("{told}");
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What the consumer of a format says of a file; nothing if it takes it.
fn complaints(format: &str, file: &Path) -> Option<String> {
    let output = python("consume.py").arg(format).arg(file).output();
    let output = output.expect("python runs");
    (!output.status.success()).then(|| {
        let told = String::from_utf8_lossy(&output.stdout);
        format!("{told}{}", String::from_utf8_lossy(&output.stderr))
    })
}

/// All formats of one account pass their consumers.
#[track_caller]
fn check(account: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let file = folder.path().join(format!("audit.{format}"));
        export(account, &file);
        let told = complaints(format, &file);
        assert!(told.is_none(), "{format}: {}", told.unwrap_or_default());
    }
}

#[test]
fn each_consumer_refuses_a_broken_file() {
    let folder = tempfile::tempdir().unwrap();
    for (format, right, wrong) in [
        ("sarif", "\"version\": \"2.1.0\"", "\"version\": \"2.0.0\""),
        ("junit.xml", "<testcase ", "<testcase colour=\"red\" "),
        ("ocsf.json", "\"severity_id\": 5", "\"severity_id\": 77"),
        (
            "ocsf.json",
            "\"class_uid\":",
            "\"klass\": 1, \"class_uid\":",
        ),
        ("asff.json", "\"CRITICAL\"", "\"VERY BAD\""),
        ("csv", "\r\n", "\n"),
        ("md", "\n\n", "\n\n<b>x</b>\n\n"),
    ] {
        let file = folder.path().join(format!("audit.{format}"));
        export(&accounts::example(&[]), &file);
        let text = std::fs::read_to_string(&file).unwrap();
        let broken = text.replacen(right, wrong, 1);
        assert_ne!(text, broken, "{format}: there is no {right}");
        std::fs::write(&file, broken).unwrap();
        let told = complaints(format, &file);
        assert!(told.is_some(), "{format}: {wrong} is taken");
    }
}

#[test]
fn consumers_take_the_example_and_its_drift() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = accounts::baseline(folder.path());
    check(&accounts::example(&["--baseline", &baseline]));
}

#[test]
fn consumers_take_an_account_full_of_markup() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = accounts::hostile(folder.path());
    check(&hostile.arguments());
}

#[test]
fn consumers_take_an_audit_that_is_not_whole() {
    check(&[
        "audit",
        "--auth-details",
        "tests/cli/cases/audit.in/truncated.json",
        "--action-sets",
        "tests/cli/cases/audit.in/sets.toml",
    ]);
}

#[test]
fn an_audit_of_a_part_says_so_at_the_top_of_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let top = |name: &str, filter: &[&str]| {
        let file = folder.path().join(name);
        export(&accounts::example(filter), &file);
        let text = std::fs::read_to_string(&file).unwrap();
        let (head, rest) = text.split_once("<style>").unwrap_or((&text, ""));
        let (_, body) = rest.split_once("</style>").unwrap_or_default();
        let text = format!("{head}{body}");
        text.chars().take(2500).collect::<String>()
    };
    let filters: [(&[&str], &str); 3] = [
        (
            &["--events", "examples/events.json"],
            "principals that the trail events touched: VeeamRdsBackup-Prod, VeeamVpcBackup, order-import.",
        ),
        (
            &[
                "--principal",
                "hamburg",
                "--principal",
                "VeeamEc2Backup-Ireland",
            ],
            "principals: VeeamEc2Backup-Ireland, hamburg.",
        ),
        (
            &["--action-set", "vbaws-role-repository"],
            "action sets: vbaws-role-repository.",
        ),
    ];
    for (filter, expected) in filters {
        let expected = format!("Only these were looked at: {expected}");
        for name in ["a.html", "a.junit.xml", "a.md", "a.json"] {
            let whole = top(name, &[]);
            assert!(!whole.contains("Only these"), "{name}: {whole}");
            let part = top(name, filter);
            assert!(part.contains(&expected), "{name}: {part}");
        }
        let file = folder.path().join("a.sarif");
        export(&accounts::example(filter), &file);
        let sarif: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let run = &sarif["runs"][0];
        let first = &run["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!(first["message"]["text"], expected.as_str());
        let category = run["automationDetails"]["id"].as_str().unwrap();
        assert!(category.ends_with("/selected/"), "{category}");
    }
}

#[test]
fn code_scanning_is_told_how_bad_a_rule_is_and_where_it_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.sarif");
    export(&accounts::example(&[]), &file);
    let sarif: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let pages = std::fs::read_to_string(root().join("docs/findings.md")).unwrap();
    for rule in rules {
        let (page, section) = rule["helpUri"].as_str().unwrap().split_once('#').unwrap();
        assert!(page.ends_with("/docs/findings.md"), "{page}");
        assert!(pages.contains(&format!("\n## {section}\n")), "{section}");
    }
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        let score = |of: &serde_json::Value| -> f64 {
            let score = of["properties"]["security-severity"].as_str().unwrap();
            score.parse().unwrap()
        };
        assert!(score(rule) >= score(result) && score(result) > 0.0);
    }
    let scores: std::collections::BTreeSet<&str> = rules
        .iter()
        .filter_map(|rule| rule["properties"]["security-severity"].as_str())
        .collect();
    assert!(scores.contains("9.5"), "{scores:?}");
}

#[test]
fn an_audit_that_is_not_whole_passes_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let sarif = folder.path().join("audit.sarif");
    let junit = folder.path().join("audit.junit.xml");
    let account = [
        "audit",
        "--auth-details",
        "tests/cli/cases/audit.in/truncated.json",
        "--action-sets",
        "tests/cli/cases/audit.in/sets.toml",
    ];
    export(&account, &sarif);
    export(&account, &junit);
    let sarif: serde_json::Value = serde_json::from_slice(&std::fs::read(sarif).unwrap()).unwrap();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("<error type=\"incomplete\""), "{junit}");
}

#[test]
fn the_drift_since_the_baseline_is_the_baseline_state() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = accounts::baseline(folder.path());
    let file = folder.path().join("audit.sarif");
    export(&accounts::example(&["--baseline", &baseline]), &file);
    let sarif: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let states: std::collections::BTreeSet<&str> = results
        .iter()
        .map(|result| result["baselineState"].as_str().unwrap_or("none"))
        .collect();
    assert!(
        states.contains("new") && states.contains("unchanged") && !states.contains("none"),
        "{states:?}"
    );
    let muted = results
        .iter()
        .filter(|result| !result["suppressions"].as_array().unwrap().is_empty());
    assert!(muted.count() > 0, "the example mutes a finding");
}

#[test]
fn a_file_that_cannot_be_written_is_named_with_its_cause_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there.csv");
    std::fs::create_dir(&there).unwrap();
    for name in ["no/such/folder.csv", "there.csv"] {
        let file = folder.path().join(name);
        let file = file.to_str().unwrap();
        let output = permdrift(&accounts::example(&["--export", file]));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2));
        assert!(told.contains(file) && told.contains("because:"), "{told}");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "what was half written is gone");
}

#[test]
fn the_page_works_in_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = accounts::baseline(folder.path());
    let example = folder.path().join("example.html");
    export(&accounts::example(&["--baseline", &baseline]), &example);
    let hostile = folder.path().join("hostile.html");
    export(&accounts::hostile(folder.path()).arguments(), &hostile);
    let many = folder.path().join("many.html");
    export(&accounts::many(folder.path(), 5000).arguments(), &many);
    browse("browse.py", &[&example, &hostile, &many]);
}

#[test]
fn the_picture_of_the_report_is_there_and_small() {
    let picture = root().join("docs/pictures/report.png");
    if std::env::var_os("SNAPSHOTS").is_some_and(|wish| wish == "overwrite") {
        let folder = tempfile::tempdir().unwrap();
        let baseline = accounts::baseline(folder.path());
        let page = folder.path().join("example.html");
        export(&accounts::example(&["--baseline", &baseline]), &page);
        let output = python("picture.py")
            .arg(browser::chromium())
            .args([&page, &picture])
            .output()
            .expect("python runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let bytes = std::fs::read(&picture).expect("docs/pictures/make.sh makes it");
    assert!(bytes.starts_with(b"\x89PNG"), "it is no picture");
    assert!(bytes.len() < 300_000, "{} bytes", bytes.len());
}
