//! Streams: standard input, colour, and readers that leave early.

use std::io::{Read as _, Write as _};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::binary::{EXAMPLE, file, permdrift, printed, small};

const FINE: &str = "tests/cli/cases/diff.in/fine.json";
const OWN_SETS: &str = "tests/cli/cases/audit.in/sets.toml";
const ESCAPE: char = '\u{1b}';

#[track_caller]
fn from_standard_input(bytes: &[u8], code: i32) -> String {
    let mut child = permdrift(&[
        "audit",
        "--auth-details",
        "-",
        "--action-sets",
        "tests/cli/cases/audit.in/sets.toml",
    ])
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{told}");
    printed(&output).to_owned() + &told
}

#[test]
fn a_listing_comes_from_standard_input_plain_or_packed() {
    let listing = std::fs::read(file("tests/cli/cases/audit.in/compliant.json")).unwrap();
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(&listing[..], flate2::Compression::fast())
        .read_to_end(&mut packed)
        .unwrap();
    let plain = from_standard_input(&listing, 0);
    assert_eq!(from_standard_input(&packed, 0), plain);
    assert!(plain.contains("1 compliant"), "{plain}");
}

/// Runs with something on standard input.
fn fed(arguments: &[&str], bytes: &[u8]) -> Output {
    let mut child = permdrift(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap()
}

const CASE: &str = r#"{"policies":{"identity":[]},"request":{"principal":"arn:aws:iam::111122223333:role/a","action":"s3:GetObject","resource":"*","context":{}}}"#;
const SCP: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn with(option: &str) -> Vec<&str> {
    let listing = "tests/cli/cases/audit.in/compliant.json";
    vec![
        "audit",
        "--auth-details",
        listing,
        "--action-sets",
        OWN_SETS,
        option,
        "-",
    ]
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_text() {
    for (arguments, text) in [(vec!["simulate", "-"], CASE), (with("--scp"), SCP)] {
        let output = fed(&arguments, format!("\u{feff}{text}\r\n").as_bytes());
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{}{told}", printed(&output));
    }
}

#[test]
fn utf_16_is_called_that() {
    let report = "user,arn,access_key_1_active";
    for (arguments, text) in [
        (vec!["simulate", "-"], CASE),
        (with("--scp"), SCP),
        (with("--credential-report"), report),
    ] {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        let output = fed(&arguments, &bytes);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("is UTF-16: save"), "{told}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn what_describes_an_scp_is_told_from_the_scp() {
    let described = r#"{"Policy":{"PolicySummary":{"Name":"p"},"Content":"{}"}}"#;
    let output = fed(&with("--scp"), described.as_bytes());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("add `--query Policy.Content --output text`"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_not_said_to_be_unreadable() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    let child = permdrift(&["simulate", "-"])
        .stdin(Stdio::piped())
        .stdout(full.unwrap())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(CASE.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("cannot write the answers"), "{told}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn nothing_on_standard_input_is_said_to_be_nothing() {
    let told = from_standard_input(b"", 2);
    assert!(
        told.contains("standard input is no account listing"),
        "{told}"
    );
}

#[test]
fn there_is_no_colour_where_the_output_is_no_terminal() {
    let output = small("drifted.json").output().unwrap();
    assert!(!printed(&output).contains(ESCAPE));
}

#[test]
fn colour_comes_when_asked_for_and_goes_when_not_wanted() {
    let coloured = small("drifted.json")
        .args(["--color", "always"])
        .output()
        .unwrap();
    assert!(printed(&coloured).contains(ESCAPE));
    let never = small("drifted.json")
        .args(["--color", "never"])
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(!printed(&never).contains(ESCAPE));
    let unwanted = small("drifted.json")
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(!printed(&unwanted).contains(ESCAPE));
}

#[test]
fn what_is_wrong_with_the_usage_has_the_colour_that_was_asked_for() {
    for (color, wanted) in [("--color=always", true), ("--color=never", false)] {
        let output = permdrift(&["audit", color, "--fail-on", "foo"])
            .env("CLICOLOR_FORCE", "1")
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told.contains(ESCAPE), wanted, "{told}");
        assert_eq!(output.status.code(), Some(64));
    }
}

#[test]
fn quiet_leaves_standard_error_to_errors() {
    let output = small("undetermined.json").arg("--quiet").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    for form in ["table", "json"] {
        let mut child = permdrift(&EXAMPLE)
            .args(["--output", form])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{form}");
        assert_eq!(output.status.code(), Some(1), "{form}");
    }
}

#[test]
fn nobody_needs_to_listen_to_notes() {
    let mut child = small("undetermined.json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("1 undetermined"));
}

#[test]
fn whatever_prints_ends_quietly_when_its_reader_leaves() {
    for arguments in [
        &["completions", "bash"][..],
        &["catalog", "list"],
        &["config", "show"],
        &["print-policy"],
        &["audit", "--help"],
        &["diff", FINE, FINE, "--action-sets", OWN_SETS],
        &["catalog", "diff", "v10..v11"],
    ] {
        let mut child = permdrift(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "",
            "{arguments:?}"
        );
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_as_the_shell_expects() {
    use std::os::unix::process::ExitStatusExt as _;
    // Whoever started the tests may have told them to ignore interrupts.
    let mut child = Command::new("env")
        .args(["--default-signal=INT", env!("CARGO_BIN_EXE_permdrift")])
        .args(["audit", "--auth-details", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // Open, so that it waits for its input.
    let input = child.stdin.take();
    let began = Instant::now();
    // The first may come while `env` still ignores it.
    let ended = loop {
        let sent = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "it heeds no interrupt"
        );
    };
    drop(input);
    // A shell makes 130 of it.
    assert_eq!(ended.signal(), Some(2));
}

#[test]
fn a_file_of_another_size_than_a_person_writes_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    // Takes no room on the disk: it is all hole.
    let large = std::fs::File::create(&path).unwrap();
    large.set_len(1 << 30).unwrap();
    for option in ["--settings", "--action-sets", "--scp"] {
        let mut command = small("compliant.json");
        let output = command.arg(option).arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            told.ends_with("large is larger than 16 MiB: is it the right file?\n"),
            "{option}: {told}"
        );
    }
}
