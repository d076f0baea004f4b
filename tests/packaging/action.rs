//! The GitHub action's script: which arguments does permdrift get for the input `arguments`?

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::root;

/// The arguments that the lines become, without those that the script adds.
fn arguments(lines: &str) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!("permdrift-action-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the run");
    let program = folder.join("permdrift");
    std::fs::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n").expect("a stand-in");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, executable).expect("it can be run");
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .arg(root().join("packaging/action.sh"))
        .arg("run")
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("COMMAND", "audit")
        .env("ARGUMENTS", lines)
        .env("RUNNER_TEMP", &folder)
        .env("GITHUB_STEP_SUMMARY", folder.join("summary"))
        .env("GITHUB_OUTPUT", folder.join("output"))
        .output()
        .expect("bash starts");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let said: Vec<String> = said.lines().map(str::to_owned).collect();
    let ours = said.iter().position(|one| one == "--export").unwrap_or(0);
    said.get(1..ours).unwrap_or_default().to_vec()
}

#[test]
fn a_line_is_one_argument_whatever_blanks_surround_it() {
    assert_eq!(
        arguments(
            "  --settings my settings.toml \r\n\t--fail-on   high\n   \n--quiet\nroles of a.yaml"
        ),
        [
            "--settings",
            "my settings.toml",
            "--fail-on",
            "high",
            "--quiet",
            "roles of a.yaml"
        ]
    );
    // The shell expands nothing, and takes no quotes away.
    assert_eq!(
        arguments("--principal \"$HOME\"*"),
        ["--principal", "\"$HOME\"*"]
    );
}
