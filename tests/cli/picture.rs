//! The picture in the README: a real screen, which this test keeps true.

use snapbox::cmd::Command;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

use crate::binary::{EXAMPLE, file};

#[test]
fn the_picture_of_the_audit_is_what_the_terminal_shows() {
    let output = Command::new(env!("CARGO_BIN_EXE_permdrift"))
        .args(EXAMPLE)
        .args([
            "--action-set",
            "vbr-restore-to-ec2",
            "--action-set",
            "vbaws-role-ec2-backup",
        ])
        .args(["--color", "always"])
        .current_dir(file("."))
        .env("COLUMNS", "100")
        .output()
        .expect("the binary runs");
    let expected = Data::read_from(
        &file("docs/pictures/audit.term.svg"),
        Some(DataFormat::TermSvg),
    );
    let shown = String::from_utf8(output.stdout).expect("output is UTF-8");
    Assert::new().action_env("SNAPSHOTS").eq(shown, expected);
}
