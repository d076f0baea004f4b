//! What the documentation lists is what there is: finding codes, tags, settings.

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

#[test]
fn every_section_tells_causes_and_what_to_do() {
    let text = include_str!("../../../../docs/findings.md");
    for section in text.split("\n## ").skip(1) {
        let code = section.lines().next().unwrap_or_default();
        let mut paragraphs = section.split("\n\n").skip(1);
        let meaning = paragraphs.next().unwrap_or_default();
        let rest: Vec<&str> = paragraphs.collect();
        let has = |start: &str| rest.iter().any(|paragraph| paragraph.starts_with(start));
        assert!(
            !meaning.is_empty() && has("Likely causes: ") && has("What to do: "),
            "{code} lacks what it means, `Likely causes: ` or `What to do: `"
        );
    }
}

/// The keys that can stand in a section of the settings: one that is far from every other is answered with all that there are.
fn keys_of(section: &str) -> Vec<String> {
    let refused = audit::Settings::parse(&format!("{section}\nzzzzzzzzzzzz = 1"))
        .unwrap_err()
        .to_string();
    let mut lines = refused.lines();
    let line = lines.find(|line| line.contains("zzzzzzzzzzzz")).unwrap();
    line.split('`')
        .skip(3)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_tag_and_setting_stands_on_its_page() {
    let text = include_str!("../../../../docs/settings.md");
    let tags = crate::principals::catalog()
        .scope_variables()
        .filter_map(|variable| variable.input.as_deref())
        .map(|input| format!("`veeam:{}`", input.replace('_', "-")));
    let others = [
        "action-sets",
        "regions",
        "product-version",
        "assumed-by",
        "worker-account",
        "external-id",
    ];
    for tag in tags.chain(others.map(|tag| format!("`veeam:{tag}`"))) {
        assert!(text.contains(&tag), "{tag} is not in docs/settings.md");
    }
    let mut keys = keys_of("");
    assert!(keys.len() > 10, "{keys:?}");
    for section in [
        "[owners]",
        "[reminders]",
        "[flapping]",
        "[canary]",
        "[[bind]]",
        "[[mute]]",
    ] {
        let of_section = keys_of(section);
        assert!(of_section.len() > 1, "{section}: {of_section:?}");
        keys.extend(of_section);
    }
    for key in keys {
        let forms = [
            format!("`{key}`"),
            format!("`[{key}]`"),
            format!("`[[{key}]]`"),
        ];
        let told = forms.iter().any(|form| text.contains(form));
        assert!(told, "{key} is not in docs/settings.md");
    }
}
