//! The task pages: does a newcomer who types what stands there see what stands there?
//!
//! A block marked `console` on a page of `docs/tasks` is a session beside the examples. A line that begins with `$ ` is a
//! command, with the lines that its backslashes continue; what follows is what it prints, where `...` stands for any lines
//! left out. All blocks of a page are one session, in one folder. AWS's stand-in answers for the profile `backup-prod`, whose
//! account is the example's. What needs more of AWS or somebody else's program is in blocks of another kind.

use std::path::Path;
use std::process::Command;

use e2e::standin::{Conduct, StandIn};

use crate::binary::file;

/// A command of a page, and the lines that must follow.
struct Step {
    line: usize,
    command: String,
    expected: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_session = false;
    let mut continues = false;
    for (number, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            is_session = line == "```console";
            continue;
        }
        if !is_session {
            continue;
        }
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                line: number + 1,
                command: command.to_owned(),
                expected: Vec::new(),
            });
        } else if let Some(step) = steps.last_mut() {
            if continues {
                step.command = format!("{}\n{line}", step.command);
            } else {
                step.expected.push(line.trim_end().to_owned());
            }
        }
        continues = line.ends_with('\\') && (line.starts_with("$ ") || continues);
    }
    steps
}

/// Whether the lines stand in the output in this order, those not parted by `...` one after the other.
fn follows(output: &str, expected: &[String]) -> bool {
    let lines: Vec<&str> = output.lines().map(str::trim_end).collect();
    let mut from = 0;
    let mut anywhere = false;
    for part in expected.split(|line| line == "...") {
        let found = if anywhere {
            (from..=lines.len().saturating_sub(part.len()))
                .find(|at| lines[*at..].starts_with(&strs(part)))
        } else {
            lines[from..].starts_with(&strs(part)).then_some(from)
        };
        let Some(at) = found else { return false };
        from = at + part.len();
        anywhere = true;
    }
    // The end may be left out only where the page says so.
    expected.last().is_some_and(|line| line == "...") || from == lines.len()
}

fn strs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

fn check(page: &Path, aws: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(
        file("examples").canonicalize().unwrap(),
        folder.path().join("examples"),
    )
    .unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_permdrift"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let profiles = folder.path().join(".aws-config");
    std::fs::write(
        &profiles,
        "[profile backup-prod]\naws_access_key_id = AKIATEST\naws_secret_access_key = of-nobody\nregion = eu-central-1\n",
    )
    .unwrap();
    let text = std::fs::read_to_string(page).unwrap();
    for step in steps(&text) {
        let output = Command::new("bash")
            .args(["-c", &format!("exec 2>&1; {}", step.command)])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .env("AWS_CONFIG_FILE", &profiles)
            .env("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", aws)
            .output()
            .unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        let place = format!("{}:{}", page.display(), step.line);
        assert!(
            matches!(output.status.code(), Some(0..=2)),
            "{place}: {:?}\n{shown}",
            output.status
        );
        assert!(
            follows(&shown, &step.expected),
            "{place}: the page shows\n{}\nand the command prints\n{shown}",
            step.expected.join("\n")
        );
    }
}

#[test]
fn the_commands_of_the_task_pages_print_what_the_pages_show() {
    let account = std::fs::read_to_string(file("examples/account.json")).unwrap();
    let stand_in = StandIn::start(&serde_json::from_str(&account).unwrap(), Conduct::default());
    let folder = file("docs/tasks");
    let mut pages = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|suffix| suffix == "md") {
            check(&path, &stand_in.url());
            pages += 1;
        }
    }
    assert!(pages > 4, "only {pages} pages");
}

#[test]
fn the_pages_say_how_to_get_what_an_audit_takes() {
    let page = |name: &str| std::fs::read_to_string(file(name)).unwrap();
    let offline = page("docs/tasks/audit-offline.md");
    for command in [
        "aws iam generate-credential-report",
        "aws iam get-credential-report",
        "aws organizations list-policies-for-target",
        "aws organizations describe-policy",
    ] {
        for shell in ["```bash\n", "```powershell\n"] {
            let mut blocks = offline.split(shell).skip(1);
            let shown = blocks.any(|block| block.split("```").next().unwrap().contains(command));
            assert!(shown, "no `{command}` in {shell}");
        }
    }
    // `permdrift.toml` holds options, and settings are refused in it.
    assert!(!page("docs/operations.md").contains("file://permdrift.toml"));
}
