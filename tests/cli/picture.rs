//! The picture in the README: a real screen, which this test keeps true.

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

use crate::binary::{EXAMPLE, file, permdrift, printed};

const PICTURE: &str = "docs/pictures/audit.svg";

/// Part of the example, so that the picture fits on a page.
const SHOWN: [&str; 10] = [
    "--principal",
    "VeeamEc2Backup-Prod",
    "--principal",
    "VeeamEc2Backup-Ireland",
    "--principal",
    "VeeamOrgRescan",
    "--principal",
    "veeam-restore-ec2",
    "--principal",
    "veeam-restore-ec2-lab",
];

#[test]
fn the_picture_of_the_audit_is_what_the_terminal_shows() {
    let output = permdrift(&EXAMPLE)
        .args(SHOWN)
        .args(["--color", "always"])
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let picture = draw(printed(&output));
    if std::env::var_os("SNAPSHOTS").is_some_and(|wish| wish == "overwrite") {
        std::fs::write(file(PICTURE), &picture).unwrap();
    }
    let kept = std::fs::read_to_string(file(PICTURE)).unwrap_or_default();
    assert!(
        kept == picture,
        "{PICTURE} is not what the terminal shows: SNAPSHOTS=overwrite draws it again"
    );
}

fn draw(screen: &str) -> String {
    let command =
        "\u{1b}[1m$ permdrift audit --auth-details examples/account.json ...\u{1b}[0m\n\n";
    // Soft colours that keep their contrast on the dark ground, in the order of the terminal's eight.
    let text = RgbColor(0xd5, 0xdb, 0xe3);
    let red = RgbColor(0xff, 0x7b, 0x72);
    let green = RgbColor(0x7e, 0xd3, 0x8c);
    let yellow = RgbColor(0xf2, 0xc5, 0x5c);
    let cyan = RgbColor(0x76, 0xd1, 0xe0);
    let [a, b, c, d, e, f, g, h] = [text, red, green, yellow, text, text, cyan, text];
    let palette = [a, b, c, d, e, f, g, h, a, b, c, d, e, f, g, h];
    Term::new()
        .palette(Palette::from(palette))
        .fg_color(Color::Rgb(text))
        .bg_color(Color::Rgb(RgbColor(0x12, 0x18, 0x21)))
        .render_svg(&format!("{command}{screen}"))
        .replace(".dimmed { opacity: 0.4; }", ".dimmed { opacity: 0.65; }")
}
