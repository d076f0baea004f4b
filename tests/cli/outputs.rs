//! Outputs: is a file that was named by mistake left alone?

use std::path::Path;

use crate::binary::{file, permdrift};

/// Runs in a folder with a listing and a policy, and expects to be told that the usage is wrong; both are as they were.
#[track_caller]
fn refused(arguments: &[&str], expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let kept = [
        ("account.json", "tests/cli/cases/audit.in/drifted.json"),
        ("policy.json", "examples/deployment/repository-policy.json"),
    ];
    for (name, from) in kept {
        std::fs::copy(file(from), folder.path().join(name)).unwrap();
    }
    let output = permdrift(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!(shown, format!("error: {expected}\n"));
    assert_eq!(output.status.code(), Some(64));
    let read = |path: &Path| std::fs::read(path).unwrap();
    for (name, from) in kept {
        assert!(
            read(&folder.path().join(name)) == read(&file(from)),
            "{name}"
        );
    }
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, kept.len(), "nothing is written");
}

#[test]
fn a_listing_is_not_overwritten() {
    let read = "the file is read by --auth-details and would be overwritten; name another file";
    let audit = ["audit", "--auth-details", "account.json"];
    refused(
        &[&audit[..], &["--export", "./account.json"]].concat(),
        &format!("--export ./account.json: {read}"),
    );
    refused(
        &[&audit[..], &["--write-baseline", "account.json"]].concat(),
        &format!("--write-baseline account.json: {read}"),
    );
    refused(
        &[
            "check",
            "policy.json",
            "--report",
            "policy.json.md",
            "--report",
            "./policy.json.md",
        ],
        "--report ./policy.json.md: --report writes the same file; name another one",
    );
}

#[test]
fn a_file_is_written_once() {
    let audit = [
        "audit",
        "--auth-details",
        "account.json",
        "--export",
        "a.json",
    ];
    refused(
        &[&audit[..], &["--export", "./a.json"]].concat(),
        "--export ./a.json: --export writes the same file; name another one",
    );
    refused(
        &[&audit[..], &["--write-baseline", "a.json"]].concat(),
        "--write-baseline a.json: --export writes the same file; name another one",
    );
    refused(
        &[&audit[..], &["--baseline", "a.json"]].concat(),
        "--export a.json: the file is read by --baseline and would be overwritten; name another file",
    );
}

#[cfg(unix)]
mod special {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
    use std::path::Path;
    use std::process::{Command, Output, Stdio};

    use crate::binary::{file, permdrift};

    fn audit(folder: &Path, options: &[&str]) -> Output {
        let mut command = permdrift(&["audit", "--auth-details"]);
        command.arg(file("tests/cli/cases/events.in/account.json"));
        command.args(options).current_dir(folder).output().unwrap()
    }

    #[test]
    fn a_pipe_stays_one_and_gets_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.json");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let reader = Command::new("cat")
            .arg(&pipe)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        audit(folder.path(), &["--export", "pipe.json"]);
        let read = reader.wait_with_output().unwrap().stdout;
        let read: serde_json::Value = serde_json::from_slice(&read).unwrap();
        assert_eq!(read["account"], "111122223333");
        let kind = fs::symlink_metadata(&pipe).unwrap().file_type();
        assert!(kind.is_fifo());
    }

    #[test]
    fn what_a_link_points_to_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        fs::create_dir(path("kept")).unwrap();
        fs::write(path("kept/old.json"), "{}").unwrap();
        let secret = fs::Permissions::from_mode(0o600);
        fs::set_permissions(path("kept/old.json"), secret).unwrap();
        symlink("kept/old.json", path("link.json")).unwrap();
        symlink("kept/new.json", path("dangling.json")).unwrap();
        let exports = ["--export", "link.json", "--export", "dangling.json"];
        let output = audit(folder.path(), &exports);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        for name in ["link.json", "dangling.json"] {
            let link = fs::symlink_metadata(path(name)).unwrap();
            assert!(link.file_type().is_symlink(), "{name}");
            let text = fs::read_to_string(path(name)).unwrap();
            assert!(text.contains("schemaVersion"), "{name}");
        }
        let mode = fs::metadata(path("kept/old.json")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_read_only_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.json");
        fs::write(&path, "kept").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        let output = audit(folder.path(), &["--export", "kept.json"]);
        assert_eq!(output.status.code(), Some(2));
        let shown = String::from_utf8(output.stderr).unwrap();
        assert!(shown.contains("cannot write `kept.json`"), "{shown}");
        assert!(shown.contains("the file is read-only"), "{shown}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_input_without_an_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let listing = file("tests/cli/cases/audit.in/drifted.json");
        let listing = listing.to_str().unwrap();
        for arguments in [
            &["simulate", "/dev/zero"][..],
            &["check", "/dev/zero"],
            &[
                "audit",
                "--auth-details",
                listing,
                "--settings",
                "/dev/zero",
            ],
            &[
                "audit",
                "--auth-details",
                listing,
                "--baseline",
                "/dev/zero",
            ],
            &[
                "audit",
                "--auth-details",
                listing,
                "--write-baseline",
                "/dev/zero",
            ],
            &[
                "audit",
                "--auth-details",
                listing,
                "--credential-report",
                "/dev/zero",
            ],
            &["audit", "--auth-details", listing, "--scp", "/dev/zero"],
        ] {
            let output = permdrift(arguments)
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            let shown = String::from_utf8(output.stderr).unwrap();
            assert!(
                shown.contains("is it the right file?"),
                "{arguments:?}: {shown}"
            );
        }
    }
}
