//! Checks before deployment: does the JSON keep to its published schema, and say what the table says?

use serde_json::Value;

use crate::binary::{permdrift, printed};
use crate::machines::keeps_to;

const TEMPLATE: &str = "examples/deployment/backup-roles.yaml";

#[track_caller]
fn check(arguments: &[&str], code: i32) -> Value {
    let output = permdrift(&["check", "--output", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let document = keeps_to("check-1", printed(&output));
    assert_eq!(output.status.code(), Some(code));
    document
}

#[test]
fn the_examples_in_json_keep_to_the_schema() {
    let policy = check(
        &[
            "examples/deployment/repository-policy.json",
            "--action-set",
            "vbaws-role-repository",
        ],
        0,
    );
    assert_eq!(policy["files"][0]["verdicts"][0]["verdict"], "compliant");
    assert_eq!(policy["files"][0]["accountSource"], "madeUp");
    let parameter = "BackupAccount=444455556666";
    let template = check(&[TEMPLATE, "--parameter", parameter], 1);
    let file = &template["files"][0];
    assert_eq!(
        file["verdicts"][0]["missingActions"],
        serde_json::json!(["s3:DeleteObjectVersion"])
    );
    assert_eq!(file["principals"][0]["id"], "RepositoryRole");
    assert_eq!(file["complete"], true);
    let open = check(&[TEMPLATE], 2);
    assert_eq!(open["files"][0]["complete"], false);
    assert_eq!(open["files"][0]["gaps"][0]["kind"], "item");
}

#[test]
fn a_retirement_in_json_keeps_to_the_schema() {
    let asked = [
        TEMPLATE,
        "--action-set",
        "vbaws-role-repository",
        "--expect-denied",
        "--parameter",
        "BackupAccount=444455556666",
    ];
    let found = check(&asked, 1);
    assert_eq!(found["expected"], "denied");
    let retirements = found["files"][0]["retirements"].as_array().unwrap();
    let verdicts: Vec<&Value> = retirements.iter().map(|one| &one["verdict"]).collect();
    assert_eq!(verdicts, ["allowed", "allowed"]);
    assert_eq!(found["files"][0].get("verdicts"), None);
}

#[test]
fn a_plan_in_json_keeps_to_the_schema() {
    let plan = "examples/deployment/plan.json";
    let open = check(&[plan], 2);
    let file = &open["files"][0];
    assert_eq!(file["form"], "Terraform plan");
    assert_eq!(file["principals"][0]["id"], "aws_iam_role.repository");
    assert_eq!(file["deleted"], serde_json::json!(["aws_iam_role.old"]));
    let asked = ["--expect-denied", "--principal", "aws_iam_role.old"];
    let gone = check(&[&[plan][..], &asked].concat(), 0);
    assert_eq!(gone["files"][0]["retirements"], serde_json::json!([]));
}

#[test]
fn what_was_found_of_one_file_is_written_for_the_pipeline() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (sarif, junit, markdown) = (path("c.sarif"), path("c.junit.xml"), path("c.md"));
    let exports = [
        "--report", &sarif, "--report", &junit, "--report", &markdown,
    ];
    let parameter = ["--parameter", "BackupAccount=444455556666"];
    check(&[&[TEMPLATE][..], &parameter, &exports].concat(), 1);
    let sarif: Value = serde_json::from_str(&std::fs::read_to_string(sarif).unwrap()).unwrap();
    let found = &sarif["runs"][0]["results"][0];
    assert_eq!(
        found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        TEMPLATE
    );
    let line = &found["locations"][0]["physicalLocation"]["region"]["startLine"];
    assert_eq!(line, 24);
    let message = found["message"]["text"].as_str().unwrap();
    assert!(
        message.contains("`permdrift catalog policy vbaws-role-repository --scope bucket=backups-eu --product-version v11` prints it"),
        "{message}"
    );
    assert!(!message.contains("permdrift fix"), "{message}");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("s3:DeleteObjectVersion"), "{junit}");
    let markdown = std::fs::read_to_string(markdown).unwrap();
    assert!(markdown.contains("s3:DeleteObjectVersion"), "{markdown}");
}

#[test]
fn a_broken_template_is_a_result_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("roles.yaml"), "Resources:\n  A: {Type\n").unwrap();
    let template = folder.path().join("roles.yaml");
    let reports = ["c.sarif", "c.junit.xml", "c.md"];
    let mut check = permdrift(&["check", template.to_str().unwrap()]);
    for report in reports {
        check.args(["--report", report]);
    }
    let output = check.current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let [sarif, junit, markdown] =
        reports.map(|name| std::fs::read_to_string(folder.path().join(name)).unwrap());
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let found = &run["results"][0];
    assert_eq!(found["ruleId"], "audit-failed");
    let place = &found["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "roles.yaml");
    assert_eq!(place["region"]["startLine"], 3);
    for text in [junit, markdown] {
        assert!(text.contains("this is not YAML"), "{text}");
    }
}

#[test]
fn a_listing_of_another_account_than_the_one_that_is_named_is_refused() {
    let asked = [
        "check",
        TEMPLATE,
        "--auth-details",
        "tests/cli/cases/audit.in/other-account.json",
        "--account",
        "111122223333",
    ];
    let output = permdrift(&asked).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: the listing of --auth-details is of account 444455556666, and --account says 111122223333: pass the listing of the account that it is deployed to\n"
    );
}

/// What is said of a file with these bytes, and the exit code.
fn said_of(bytes: &[u8]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.out"), bytes).unwrap();
    let output = permdrift(&["check", "plan.out", "--action-set", "vbaws-role-repository"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

#[test]
fn a_plan_as_terraform_saves_it_is_answered_with_the_command_that_prints_it() {
    let expected = "error: plan.out is a zip archive, as Terraform saves a plan: pass what `terraform show -json plan.out` prints\n";
    assert_eq!(
        said_of(b"PK\x03\x04\x14\x00\xff\xfe"),
        (Some(2), expected.to_owned())
    );
}

#[test]
fn a_compressed_file_is_answered_with_the_command_that_prints_it() {
    let expected =
        "error: plan.out is compressed with gzip: pass what `gunzip -c plan.out` prints\n";
    assert_eq!(
        said_of(b"\x1f\x8b\x08\x00\xff\xfe"),
        (Some(2), expected.to_owned())
    );
}

#[test]
fn what_nothing_would_use_or_aws_would_refuse_is_refused() {
    let policy = "examples/deployment/repository-policy.json";
    let role = ["check", policy, "--action-set", "vbaws-role-repository"];
    for (arguments, words) in [
        (
            [&role[..], &["--parameter", "Stage=prod"]].concat(),
            "--parameter Stage: only CloudFormation and SAM templates have parameters",
        ),
        (
            vec!["print-policy", "--partition", "aws-xx"],
            "expected one of aws, aws-cn, aws-us-gov",
        ),
        (
            vec!["doctor", "--role-arn", "foo"],
            "expected the ARN of a role, such as arn:aws:iam::111122223333:role/audit",
        ),
    ] {
        let output = permdrift(&arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains(words), "{said}");
    }
    let empty = permdrift(&["simulate", "/dev/null"]).output().unwrap();
    assert_eq!(empty.status.code(), Some(2));
}

#[test]
fn no_columns_are_an_unknown_number_of_them() {
    let with = |columns: &str| {
        let mut command = permdrift(&["catalog", "list"]);
        printed(&command.env("COLUMNS", columns).output().unwrap()).to_owned()
    };
    assert_eq!(with("0"), with(""));
}

#[test]
fn a_file_that_powershell_made_utf_16_is_read() {
    let policy = std::fs::read_to_string(crate::binary::file(
        "examples/deployment/repository-policy.json",
    ))
    .unwrap();
    let plain = said_of(policy.as_bytes());
    assert_eq!(plain.0, Some(0), "{}", plain.1);
    for (mark, order) in [
        ([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ([0xfe, 0xff], u16::to_be_bytes),
    ] {
        let mut bytes = mark.to_vec();
        bytes.extend(policy.encode_utf16().flat_map(order));
        assert_eq!(said_of(&bytes), plain);
    }
}

#[test]
fn a_report_of_a_file_that_is_not_there_names_no_account_and_claims_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let reports = ["no.sarif", "no.md"];
    let mut check = permdrift(&["check", "nope.yaml"]);
    for report in reports {
        check.args(["--report", report]);
    }
    let output = check.current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let [sarif, markdown] =
        reports.map(|name| std::fs::read_to_string(folder.path().join(name)).unwrap());
    assert!(
        markdown.starts_with("# Permission check of nope.yaml\n"),
        "{markdown}"
    );
    assert!(markdown.contains("Nothing was checked."), "{markdown}");
    for claimed in ["000000000000", "The audit", "Checked: ", "compliant"] {
        assert!(!markdown.contains(claimed), "{claimed}: {markdown}");
    }
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let message = sarif["runs"][0]["results"][0]["message"]["text"]
        .as_str()
        .unwrap();
    assert!(!message.contains("000000000000"), "{message}");
}

#[test]
fn one_requirement_of_one_principal_is_counted_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("one.md");
    let policy = "examples/deployment/repository-policy.json";
    let set = [
        "--action-set",
        "vbaws-role-repository",
        "--scope",
        "bucket=backups-eu",
    ];
    let mut check = permdrift(&["check", policy]);
    check
        .args(set)
        .arg("--report")
        .arg(&report)
        .output()
        .unwrap();
    let markdown = std::fs::read_to_string(report).unwrap();
    assert!(
        markdown.contains("of 1 requirement; 1 of 1 principal is bound to action sets"),
        "{markdown}"
    );
}
