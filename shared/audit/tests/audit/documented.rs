//! Every finding code has its section in the documentation, and no other code has.

use audit::Code;

#[test]
fn every_code_has_its_section() {
    let text = include_str!("../../../../docs/findings.md");
    let mut sections: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    sections.sort_unstable();
    codes.sort_unstable();
    assert_eq!(sections, codes);
}
