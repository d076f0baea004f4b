//! Fixes as they are used: printed by the binary for the example account, applied to it, and looked at again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use serde_json::{Value, json};

use crate::binary::{EXAMPLE, file, permdrift, printed};

/// The command line of the example with another command, and another listing.
fn on_example(command: &[&str], listing: &str) -> Output {
    let mut arguments = command.to_vec();
    arguments.extend(&EXAMPLE[1..]);
    let at = arguments
        .iter()
        .position(|one| *one == "examples/account.json");
    arguments[at.unwrap()] = listing;
    permdrift(&arguments).output().unwrap()
}

const LISTING: &str = "examples/account.json";

fn fix(principal: &str, format: &str) -> Output {
    on_example(&["fix", principal, "--format", format], LISTING)
}

/// The names of all principals that drifted, and what each lacks by action set.
fn drifted(listing: &str) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let audit = on_example(&["audit", "--output", "json"], listing);
    let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
    let mut drifted: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for verdict in audit["verdicts"].as_array().unwrap() {
        if verdict["verdict"] != "drifted" {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let arn = text(&verdict["principal"]);
        let (_, name) = arn.rsplit_once('/').unwrap();
        let missing = verdict["missingActions"].as_array().unwrap();
        let sets = drifted.entry(name.to_owned()).or_default();
        sets.insert(
            text(&verdict["actionSet"]),
            missing.iter().map(text).collect(),
        );
    }
    drifted
}

/// The documents that a fix printed.
fn documents(output: &Output) -> Vec<Value> {
    match serde_json::from_str(printed(output)) {
        Ok(Value::Array(several)) => several,
        Ok(one) => vec![one],
        Err(_) => {
            assert_eq!(printed(output), "", "neither policies nor nothing");
            Vec::new()
        }
    }
}

/// The listing with the documents written into a principal.
fn applied(principal: &str, documents: &[Value]) -> tempfile::NamedTempFile {
    let text = std::fs::read(file(LISTING)).unwrap();
    let mut listing: Value = serde_json::from_slice(&text).unwrap();
    for (list, name, policies) in [
        ("RoleDetailList", "RoleName", "RolePolicyList"),
        ("UserDetailList", "UserName", "UserPolicyList"),
    ] {
        let all = listing[list].as_array_mut().unwrap();
        for one in all.iter_mut().filter(|one| one[name] == principal) {
            if one[policies].is_null() {
                one[policies] = json!([]);
            }
            let inline = one[policies].as_array_mut().unwrap();
            inline.extend(documents.iter().enumerate().map(|(at, document)| {
                json!({"PolicyName": format!("fix-{at}"), "PolicyDocument": document})
            }));
        }
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(listing.to_string().as_bytes()).unwrap();
    file
}

/// Who cannot be helped by a policy, and what stands in the way, with its owner.
const REFUSED: [(&str, &str, &str); 10] = [
    ("VeeamBackupRestore-Dr", "no instance profile", ""),
    (
        "VeeamDynamoDbBackup",
        "trust policy",
        "Backup team, #backup-aws",
    ),
    (
        "VeeamEc2Backup-Prod",
        "ProtectSnapshots, statement NobodyDeletesSnapshots",
        "Backup team, #backup-aws",
    ),
    (
        "VeeamEc2Restore-Prod",
        "not allowed by the permissions boundary",
        "Security engineering, #sec-eng",
    ),
    (
        "VeeamRdsBackup-Prod",
        "DataBoundary, statement SnapshotsStay",
        "Security engineering, #sec-eng",
    ),
    (
        "veeam-appliance-deploy",
        "not allowed by the SCPs of level 1",
        "Cloud platform, #cloud-platform",
    ),
    (
        "veeam-restore-ec2",
        "scp-account.json, statement ImagesComeFromThePipeline",
        "Cloud platform, #cloud-platform",
    ),
    (
        "veeam-restore-ec2-dr",
        "scp-account.json, statement ImagesComeFromThePipeline",
        "Cloud platform, #cloud-platform",
    ),
    (
        "veeam-restore-ec2-lab",
        "scp-account.json, statement ImagesComeFromThePipeline",
        "Cloud platform, #cloud-platform",
    ),
    (
        "veeam-restore-ec2-lab",
        "No access key of the user is active",
        "",
    ),
];

#[test]
fn every_gap_of_the_example_is_closed_or_refused_with_its_owner() {
    let before = drifted(LISTING);
    assert!(before.len() >= 12, "{before:?}");
    for (principal, sets) in &before {
        let fix = fix(principal, "json");
        let messages = String::from_utf8(fix.stderr.clone()).unwrap();
        let words = messages.split_whitespace().collect::<Vec<_>>().join(" ");
        let refused: Vec<_> = REFUSED
            .iter()
            .filter(|(name, _, _)| name == principal)
            .collect();
        for (_, why, owner) in &refused {
            assert!(words.contains(why), "{principal}: {messages}");
            assert!(
                owner.is_empty() || words.contains(&format!("Owner: {owner}")),
                "{messages}"
            );
        }
        let exit = if refused.is_empty() { 0 } else { 1 };
        assert_eq!(fix.status.code(), Some(exit), "{principal}: {messages}");

        let documents = documents(&fix);
        let listing = applied(principal, &documents);
        let after = drifted(listing.path().to_str().unwrap());
        assert_eq!(
            after.contains_key(principal),
            !refused.is_empty(),
            "{principal}: {messages}"
        );
        let left = after.get(principal).cloned().unwrap_or_default();
        for (set, missing) in sets {
            let left = left.get(set).cloned().unwrap_or_default();
            let given: BTreeSet<String> = documents
                .iter()
                .flat_map(|document| document["Statement"].as_array().unwrap())
                .flat_map(|statement| statement["Action"].as_array().unwrap())
                .map(|action| action.as_str().unwrap().to_owned())
                .collect();
            assert!(given.is_disjoint(&left), "{principal}: given in vain");
            let gone: BTreeSet<String> = missing.difference(&left).cloned().collect();
            assert!(gone.is_subset(&given), "{principal}: gone by itself");
            for action in &left {
                assert!(
                    words.contains(action.as_str()),
                    "{principal}: {action} is told"
                );
            }
        }
        let others =
            |all: &BTreeMap<String, _>| all.keys().filter(|name| *name != principal).count();
        assert_eq!(others(&before), others(&after));
    }
}

/// With lists where IAM takes a single text as well.
fn listed(mut document: Value) -> Value {
    for statement in document["Statement"].as_array_mut().unwrap() {
        if statement["Resource"].is_string() {
            statement["Resource"] = json!([statement["Resource"]]);
        }
        let keys = statement["Condition"]["StringEquals"].as_object_mut();
        for value in keys.into_iter().flat_map(|keys| keys.values_mut()) {
            if value.is_string() {
                *value = json!([value]);
            }
        }
        if statement["Condition"].is_null() {
            statement.as_object_mut().unwrap().remove("Condition");
        }
    }
    document
}

/// What Terraform's `jsonencode` does.
fn jsonencode(arguments: FuncArgs) -> Result<hcl::Value, String> {
    serde_json::to_string(&arguments[0])
        .map(hcl::Value::from)
        .map_err(|error| error.to_string())
}

/// The policies in a Terraform file, evaluated.
fn terraform_policies(text: &str) -> Vec<Value> {
    let body: hcl::Body = hcl::from_str(text).expect("HCL");
    let mut context = Context::new();
    let encode = FuncDef::builder().param(ParamType::Any).build(jsonencode);
    context.declare_func("jsonencode", encode);
    let policy = |block: &hcl::Block| {
        let kind = block.labels()[0].as_str();
        assert!(kind.starts_with("aws_iam_"), "{kind}");
        let attribute = block
            .body()
            .attributes()
            .find(|one| one.key() == "policy")?;
        let value = attribute.expr().evaluate(&context).expect("a value");
        Some(listed(
            serde_json::from_str(value.as_str().unwrap()).unwrap(),
        ))
    };
    body.blocks().filter_map(policy).collect()
}

/// Holds a file against `terraform fmt`, where there is a Terraform.
fn formatted(text: &str) {
    let asked = Command::new("terraform")
        .args(["fmt", "-check", "-diff", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut terraform) = asked else {
        return;
    };
    let mut input = terraform.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = terraform.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", printed(&output));
}

#[test]
fn terraform_is_valid_and_says_the_same_as_the_json() {
    for principal in drifted(LISTING).keys() {
        let json: Vec<Value> = documents(&fix(principal, "json"))
            .into_iter()
            .map(listed)
            .collect();
        let output = fix(principal, "terraform");
        let text = printed(&output);
        assert_eq!(terraform_policies(text), json, "{principal}");
        formatted(text);
    }
}

/// A stand-in for the AWS CLI that keeps each argument in a line, in a folder for the path.
fn recorder(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let script = "#!/bin/sh\nfor one in \"$@\"; do printf '%s\\0' \"$one\"; done >> \"$RECORD\"\nprintf '\\n\\0' >> \"$RECORD\"\n";
    let aws = folder.join("aws");
    std::fs::write(&aws, script).unwrap();
    std::fs::set_permissions(&aws, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_commands_hand_aws_the_same_policies() {
    let folder = tempfile::tempdir().unwrap();
    recorder(folder.path());
    for principal in drifted(LISTING).keys() {
        let json = documents(&fix(principal, "json"));
        let output = fix(principal, "cli");
        let record = folder.path().join(principal);
        std::fs::write(&record, "").unwrap();
        let mut shell = Command::new("/bin/sh")
            .arg("-eu")
            .env("PATH", folder.path())
            .env("RECORD", &record)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = shell.stdin.take().unwrap();
        input.write_all(&output.stdout).unwrap();
        drop(input);
        assert!(shell.wait().unwrap().success(), "{}", printed(&output));
        let recorded = std::fs::read_to_string(record).unwrap();
        let words: Vec<&str> = recorded.split('\0').collect();
        let given: Vec<Value> = words
            .iter()
            .zip(words.iter().skip(1))
            .filter(|(option, _)| **option == "--policy-document")
            .map(|(_, document)| serde_json::from_str(document).unwrap())
            .collect();
        assert_eq!(given, json, "{principal}");
    }
}
