//! PowerShell: what of a JSON text did `ConvertTo-Json` leave out?
//!
//! It writes two levels unless `-Depth` says more; for what lies deeper it writes the name of the type, or `@{…}`.

/// What to do about it.
pub const ADVICE: &str = "PowerShell's ConvertTo-Json left out what lies deeper than its -Depth: write the file again with `ConvertTo-Json -Depth 100`";

/// What it writes for lists, hash tables and objects; those of AWS's module go on with the name of their type.
const TYPES: [&str; 6] = [
    "System.Object[]",
    "System.Collections.",
    "System.Management.Automation.PSCustomObject",
    "System.Management.Automation.PSObject",
    "Amazon.",
    "@{",
];

/// The first value that stands for something left out, as it is written in the text without its quotes; `None` where nothing
/// was left out. The value is a part of the text, which tells its place.
#[must_use]
pub fn cut_off(json: &str) -> Option<&str> {
    let quotes = json.match_indices('"');
    let texts = quotes.filter_map(|(at, _)| {
        let before = json.get(..at)?.trim_ascii_end();
        let is_value = before.ends_with([':', '[', ',']);
        let rest = json.get(at + 1..)?;
        (is_value && TYPES.iter().any(|kind| rest.starts_with(kind))).then_some(rest)
    });
    let mut values = texts.filter_map(|rest| rest.split('"').next());
    values.find(|value| is_left_out(value))
}

/// Whether a text is one that PowerShell writes in place of a value.
fn is_left_out(text: &str) -> bool {
    let is_type = |word: &str| {
        let mut letters = word.bytes();
        word.contains('.')
            && letters.all(|letter| letter.is_ascii_alphanumeric() || b".[]`+,".contains(&letter))
    };
    if let Some(object) = text.strip_prefix("@{") {
        return object.ends_with('}') && object.contains('=');
    }
    text.split(' ').all(is_type) && (!text.starts_with("Amazon.") || text.contains(".Model."))
}

#[cfg(test)]
mod tests {
    use super::cut_off;

    #[test]
    fn what_stands_for_something_left_out_is_found() {
        for (json, expected) in [
            (
                r#"{"a": {"b": "System.Collections.Hashtable"}}"#,
                Some("System.Collections.Hashtable"),
            ),
            (r#"{"a": ["System.Object[]"]}"#, Some("System.Object[]")),
            (
                r#"{"a" : "@{Effect=Allow; Action=s3:*}"}"#,
                Some("@{Effect=Allow; Action=s3:*}"),
            ),
            (
                r#"{"Tags": "Amazon.IdentityManagement.Model.Tag Amazon.IdentityManagement.Model.Tag"}"#,
                Some("Amazon.IdentityManagement.Model.Tag Amazon.IdentityManagement.Model.Tag"),
            ),
            (r#"{"System.Object[]": 1}"#, None),
            (
                r#"{"a": "@{}", "b": "Amazon.com", "c": "a System.Object[]"}"#,
                None,
            ),
            (r#"{"a": "System.Collections.Hashtable is written"}"#, None),
            ("", None),
        ] {
            assert_eq!(cut_off(json), expected, "{json}");
        }
    }
}
