//! The template that deploys a release without building.

use crate::{printed, python, refused, root};

/// The template for a processor, as the script prints it.
fn without_build(architecture: &str) -> String {
    printed(&python(&["template.py", architecture]))
}

#[test]
fn only_the_code_and_the_processor_differ_from_the_source() {
    let source = std::fs::read_to_string(root().join("template.yaml")).expect("it can be read");
    for architecture in ["arm64", "x86_64"] {
        let made = without_build(architecture);
        let only_in = |one: &str, other: &str| -> Vec<String> {
            let others: Vec<&str> = other.lines().collect();
            one.lines()
                .filter(|line| !others.contains(line))
                .map(|line| line.trim().to_owned())
                .collect()
        };
        let removed = only_in(&source, &made);
        let expected = [
            "AllowedValues: [arm64, x86_64]",
            "Description: Processor of the function. What `sam build` builds for must be the same.",
            "BuildMethod: rust-cargolambda",
            "CodeUri: functions/sweep",
        ];
        for line in expected {
            assert!(removed.contains(&line.to_owned()), "{line} is still there");
        }
        let default = removed.iter().filter(|line| *line == "Default: arm64");
        assert!(
            // Both functions are built, and both are one program.
            removed.len() - default.count() == expected.len() + 2,
            "{removed:#?}"
        );
        assert!(made.contains(&format!("CodeUri: permdrift-function-{architecture}.zip\n")));
        let parameter = format!("Default: {architecture}\n    AllowedValues: [{architecture}]\n");
        assert!(
            made.contains(&parameter),
            "{architecture} is not the only processor"
        );
    }
}

#[test]
fn a_template_that_changed_where_it_must_be_adapted_is_refused() {
    let script = "import template; template.without_build('arm64', 'Resources: {}')";
    let said = refused(&python(&["-c", script]));
    assert!(
        said.contains("is there 0 times, expected 1: adapt packaging/template.py"),
        "{said}"
    );
}
