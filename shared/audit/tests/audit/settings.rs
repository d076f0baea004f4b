//! Settings: every mistake is told with its line and what would be right.

use audit::Settings;
use audit::settings::{Expiry, LoadSettingsError, NamedFile};
use catalog::SetFile;

use crate::principals::{at, catalog};

#[track_caller]
fn refused(document: &str, expected: &[&str]) {
    let error = Settings::parse(document).expect_err("a mistake");
    let found = error.to_string();
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_empty_document_says_nothing() {
    assert_eq!(Settings::parse("").unwrap(), Settings::default());
}

#[test]
fn everything_can_be_set() {
    let settings = Settings::parse(
        r#"
        tag-prefix = "backup:"
        product-version = "v10"
        regions = ["eu-central-1", "us-gov-west-1"]
        assumed-by = ["111122223333"]
        action-set-files = ["sets/acme.toml"]
        looks-like-veeam = "*backup*"
        access-key-max-age-days = 90
        fail-on = "high"
        confirm-pause-seconds = 0
        change-confirm-pause-seconds = 5
        forget-after-days = 5
        notice-days = 14
        [context]
        "aws:SourceIp" = "203.0.113.7"
        "sts:ExternalId" = ["a", "b"]
        [answers]
        ebs-encryption-by-default = true
        [owners]
        scp = "cloud platform"
        [reminders]
        days = [2, 4]
        undetermined-days = [30]
        [flapping]
        openings = 4
        within-days = 3
        calm-hours = 12
        [canary]
        principal = "arn:aws:iam::111122223333:role/canary"
        action = "s3:GetObject"
        [[bind]]
        principal = "arn:aws:iam::*:role/vendor-*"
        action-sets = ["vbaws-role-repository"]
        scope = { bucket = "backups", kms-key = ["arn:aws:kms:eu-central-1:111122223333:key/k"] }
        regions = "eu-central-1"
        answers = { kms-encrypted-repository = true }
        [[mute]]
        principal = "arn:aws:iam::*:role/legacy-*"
        codes = ["missing-actions"]
        actions = ["s3:DeleteObject"]
        owner = "storage"
        reason = "retired in spring"
        expires = 2027-03-31
        "#,
    )
    .unwrap();
    assert_eq!(settings.check(catalog()), Ok(()));
    assert_eq!(settings.access_key_max_age_days, Some(90));
    assert_eq!(settings.bindings[0].line, 31);
    assert_eq!(
        settings.mutes[0].expires,
        Expiry::At(at("2027-04-01T00:00:00Z"))
    );
}

#[test]
fn a_slip_in_a_key_is_told_with_the_key_that_was_meant() {
    refused(
        "\ntag-prefx = \"x\"\n[owner]\nscp = \"a\"\n[reminders]\ndasy = [1]",
        &[
            "line 2: unknown key `tag-prefx`: did you mean `tag-prefix`?",
            "line 3: unknown key `owner`: did you mean `owners`?",
            "line 6: unknown key `dasy` in [reminders]: did you mean `days`?",
        ],
    );
    refused(
        "[owners]\ncolour = \"red\"",
        &[
            "line 2: unknown key `colour` in [owners]: expected one of `identity`, `boundary`, `scp`, `trust`, `resource`",
        ],
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_told_with_what_was_found() {
    refused(
        "tag-prefix = 3\nregions = [\"eu-central\", \"Frankfurt\"]\nfail-on = \"severe\"\nproduct-version = \"v9\"",
        &[
            "line 1: `tag-prefix` is 3: expected a text in quotes",
            "line 2: `Frankfurt` is no region: expected something like \"eu-central-1\"",
            "line 2: `eu-central` is no region: expected something like \"eu-central-1\"",
            "line 3: `severe` is no level: expected notice, low, medium, high or critical",
            "line 4: unknown product version `v9`: expected v10 or v11, the version of the AWS backup appliance",
        ],
    );
    refused(
        "access-key-max-age-days = -1\n[reminders]\ndays = [3, 1]\n[answers]\nx = \"yes\"\n[bind]\na = 1",
        &[
            "line 1: `access-key-max-age-days` is -1: expected 0 or more",
            "line 3: `days` is a list: expected a list of days that rise, such as [1, 3, 7]",
            "line 5: `x` is \"yes\": expected true or false",
            "line 6: `bind` is a table: expected a list of tables, each under [[bind]]",
        ],
    );
}

#[test]
fn the_keys_that_can_stand_somewhere_are_each_named_once() {
    refused(
        "[[bind]]\nprincipal = \"*\"\naction-sets = [\"copy\"]\nzzzzzzzzzzzz = 1",
        &[
            "line 4: unknown key `zzzzzzzzzzzz` in [[bind]]: expected one of `principal`, `action-sets`, `scope`, `regions`, `product-version`, `assumed-by`, `worker-account`, `external-id`, `answers`",
        ],
    );
    let error = Settings::parse("zzzzzzzzzzzz = 1").unwrap_err().to_string();
    assert_eq!(error.matches("`action-set`").count(), 1, "{error}");
}

#[test]
fn two_owners_of_one_layer_are_one_too_many() {
    refused(
        "[owners]\nscp = \"a\"\nscp = \"b\"",
        &["line 3: no TOML: duplicate key: each key, and so each layer's owner, is set once"],
    );
    refused(
        "[owners]\nscp = [\"a\", \"b\"]",
        &["line 2: `scp` is a list: expected a text in quotes"],
    );
}

#[test]
fn a_mute_needs_all_of_its_fields() {
    refused(
        "\n[[mute]]\nprincipal = \"*\"\ncodes = [\"missing-actions\"]\nowner = \"me\"\n",
        &[
            "line 2: [[mute]] has no `actions`: the missing actions it is for, so that worse drift breaks through; [] for other codes",
            "line 2: [[mute]] has no `expires`: a mute ends; write a date such as \"2027-03-31\"",
            "line 2: [[mute]] has no `reason`: why it may be silent",
        ],
    );
    refused(
        "[[mute]]\nowner = \" \"\nreason = \"r\"\nexpires = \"2027-01-01\"",
        &[
            "line 1: [[mute]] has no `finding`: the id of a finding, or `principal` with a pattern of ARNs, or `ou` with the id of an OU",
            "line 1: [[mute]] has no `owner`: who answers for the silence",
        ],
    );
    refused(
        "[[mute]]\nfinding = \"1\"\nprincipal = \"*\"\ncodes = [\"missing-action\"]\nactions = [\"s3:*\"]\nowner = \"me\"\nreason = \"r\"\nexpires = 12",
        &[
            "line 3: a mute has either `finding`, or `principal` and `ou`, not both",
            "line 4: unknown code `missing-action`: did you mean `missing-actions`?",
            "line 5: `s3:*` is a pattern: name each action, without `*` and `?`",
            "line 8: `expires` is 12: expected a date, such as \"2027-03-31\"",
        ],
    );
}

#[test]
fn a_pattern_that_can_match_nobody_is_a_mistake() {
    let wrong = "matches no user and no role: expected ARNs such as \"arn:aws:iam::*:role/legacy-*\", with `*` for any run of characters and `?` for one";
    refused(
        "[[bind]]\nprincipal = \"role/vendor-*\"\naction-sets = [\"copy\"]\n[[mute]]\nprincipal = \"legacy\"\ncodes = [\"coverage\"]\nowner = \"me\"\nreason = \"r\"\nexpires = \"2027-01-01\"",
        &[
            &format!("line 2: `role/vendor-*` {wrong}"),
            &format!("line 5: `legacy` {wrong}"),
        ],
    );
}

#[test]
fn a_malformed_date_is_kept_to_count_as_ended() {
    let settings = Settings::parse(
        "[[mute]]\nfinding = \"0123456789abcdef\"\nactions = []\nowner = \"me\"\nreason = \"r\"\nexpires = \"next spring\"",
    )
    .unwrap();
    assert_eq!(
        settings.mutes[0].expires,
        Expiry::Malformed("next spring".into())
    );
}

#[test]
fn names_that_the_catalog_does_not_know_are_mistakes() {
    let settings = Settings::parse(
        "[answers]\nebs-encryption-by-defualt = true\n[[bind]]\nprincipal = \"*\"\naction-sets = [\"vbaws-role-repositry\"]\nscope = { buket = \"x\" }",
    )
    .unwrap();
    assert_eq!(
        settings.check(catalog()).unwrap_err().to_string(),
        "line 2: unknown condition `ebs-encryption-by-defualt`: did you mean `ebs-encryption-by-default`?\n\
         line 3: unknown action set `vbaws-role-repositry`: did you mean `vbaws-role-repository`?\n\
         line 3: unknown scope variable `buket`: did you mean `bucket`?"
    );
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    let error = Settings::parse("a = 1\nb = [").unwrap_err();
    assert!(
        error.to_string().starts_with("line 2: no TOML: "),
        "{error}"
    );
}

const OWN_SET: &str = r#"id = "acme-copy"
title = "Copy"
operation = "Copy."
impact = "None."
severity = "low"
principal = "role"
actions = ["ec2:CopySnapshot"]
source = [{ page = "https://wiki.example" }]
"#;

/// Loads a settings document that may name `acme.toml`, with these texts for both.
fn load(settings: &str, acme: &str) -> Result<(Settings, catalog::Catalog), String> {
    let file = SetFile {
        file: "settings.toml",
        text: settings,
    };
    let read = |name: &str| match name {
        "acme.toml" => Ok(NamedFile {
            name: "sets/acme.toml".to_owned(),
            text: acme.to_owned(),
        }),
        other => Err(other.to_owned()),
    };
    audit::settings::load(Some(file), &[], read).map_err(|error| match error {
        LoadSettingsError::Read(name) => format!("read {name}"),
        LoadSettingsError::Mistakes(mistakes) => mistakes.to_string(),
    })
}

#[test]
fn settings_are_loaded_with_the_sets_in_them_and_in_the_files_they_name() {
    let inline = OWN_SET.replace("acme-copy", "acme-inline");
    let settings = format!(
        "action-set-files = \"acme.toml\"\n[[bind]]\nprincipal = \"*\"\naction-sets = [\"acme-copy\", \"acme-inline\"]\n[[action-set]]\n{inline}"
    );
    let (settings, catalog) = load(&settings, OWN_SET).unwrap();
    assert_eq!(settings.bindings.len(), 1);
    assert!(catalog.find("acme-copy").is_ok() && catalog.find("acme-inline").is_ok());

    let own = SetFile {
        file: "own.toml",
        text: OWN_SET,
    };
    let nothing = |_: &str| -> Result<NamedFile, ()> { panic!("no file is named") };
    let (settings, catalog) = audit::settings::load(None, &[own], nothing).unwrap();
    assert_eq!(settings, Settings::default());
    assert!(catalog.find("acme-copy").is_ok());
}

#[test]
fn a_mistake_is_told_with_its_file_wherever_it_stands() {
    let check = |settings: &str, acme: &str, expected: &str| {
        assert_eq!(load(settings, acme).unwrap_err(), expected);
    };
    check(
        "\nfail-no = \"low\"\nregions = [\"x\"]",
        OWN_SET,
        "settings.toml:2: unknown key `fail-no`: did you mean `fail-on`?\n\
         settings.toml:3: `x` is no region: expected something like \"eu-central-1\"",
    );
    check(
        "action-set-files = [\"acme.toml\"]",
        &OWN_SET.replace("low", "tiny"),
        "sets/acme.toml:5: `tiny` is no severity: expected low, medium, high or critical",
    );
    check(
        &format!(
            "[[action-set]]\n{}",
            OWN_SET.replace("CopySnapshot", "CopySnapsht")
        ),
        "",
        "settings.toml:8: unknown action `ec2:CopySnapsht`: did you mean `ec2:CopySnapshot`?",
    );
    check(
        "action-set-files = [\"acme.toml\"]\n[[bind]]\nprincipal = \"*\"\naction-sets = [\"acme-cpy\"]",
        OWN_SET,
        "settings.toml:2: unknown action set `acme-cpy`: did you mean `acme-copy`?",
    );
    check("action-set-files = [\"gone.toml\"]", "", "read gone.toml");
}

#[test]
fn a_request_context_names_its_keys_and_real_actions() {
    refused(
        "[[request]]\nactions = [\"PassRole\"]\n",
        &[
            "line 1: [[request]] has no `context`: the keys that these requests carry, such as { \"aws:SourceVpc\" = \"vpc-1\" }",
            "line 2: `PassRole` is no action: write \"iam:PassRole\" or a pattern such as \"s3:Get*\"",
        ],
    );
    let read = Settings::parse(
        "[[request]]\nprincipal = \"arn:aws:iam::*:role/v*\"\nactions = [\"iam:Pass*\"]\ncontext = { \"iam:PassedToService\" = \"ec2.amazonaws.com\" }",
    );
    let read = read.unwrap();
    let one = &read.requests[0];
    assert!(one.is_of(&"arn:aws:iam::111122223333:role/veeam".parse().unwrap()));
    assert!(!one.is_of(&"arn:aws:iam::111122223333:role/other".parse().unwrap()));
    assert!(one.is_for(&"iam:passrole".parse().unwrap()));
    assert!(!one.is_for(&"iam:GetRole".parse().unwrap()));
}

#[test]
fn a_context_key_counts_once_whatever_its_case() {
    let again =
        "is the same key as `aws:SourceIp` on line 2: context keys have no case, keep one of them";
    refused(
        "[context]\n\"aws:SourceIp\" = \"203.0.113.7\"\n\"aws:SourceVpc\" = \"v\"\n\"AWS:SourceIP\" = \"203.0.113.8\"",
        &[&format!("line 4: `AWS:SourceIP` {again}")],
    );
    refused(
        "[[request]]\ncontext.\"aws:SourceIp\" = \"203.0.113.7\"\ncontext.\"aws:sourceip\" = []",
        &[&format!("line 3: `aws:sourceip` {again}")],
    );
    // Two tables are not one.
    let both = "[context]\n\"aws:SourceVpc\" = \"v\"\n[[request]]\ncontext = { \"AWS:SourceVPC\" = \"w\" }";
    let settings = Settings::parse(both).unwrap();
    let keys = settings
        .context
        .keys()
        .chain(settings.requests[0].context.keys());
    assert_eq!(keys.collect::<Vec<_>>(), [&Box::from("aws:sourcevpc"); 2]);
}

#[test]
fn a_request_comes_from_one_address() {
    let expected = "expected the address that a request comes from, such as \"203.0.113.7\"";
    refused(
        "[context]\n\"aws:SourceIp\" = [\"203.0.113.7\",\n\"203.0.113.0/24\"]\n[[request]]\ncontext = { \"aws:vpcsourceip\" = \"office\" }",
        &[
            &format!("line 3: `203.0.113.0/24` is no value for `aws:SourceIp`: {expected}"),
            &format!("line 5: `office` is no value for `aws:vpcsourceip`: {expected}"),
        ],
    );
    let right = "[context]\n\"aws:SourceIp\" = [\"203.0.113.7\", \"2001:db8::1\"]\n\"aws:VpcSourceIp\" = []";
    assert!(Settings::parse(right).is_ok());
}

#[test]
fn a_mute_by_ou_names_one() {
    let of = |what: &str| {
        format!(
            "[[mute]]\n{what}\ncodes = [\"coverage\"]\nowner = \"o\"\nreason = \"r\"\nexpires = \"2027-01-01\""
        )
    };
    for fine in [
        "ou = \"ou-ab12-11111111\"",
        "ou = \"r-ab12\"",
        "ou = \"r-ab12\"\nprincipal = \"*\"",
    ] {
        assert!(Settings::parse(&of(fine)).is_ok(), "{fine}");
    }
    refused(
        &of("ou = \"Production\""),
        &[
            "line 2: `Production` is no id of an OU: expected one such as \"ou-ab12-11111111\", or that of the root such as \"r-ab12\"",
        ],
    );
    refused(
        &of("ou = \"r-ab12\"\nfinding = \"0123456789abcdef\"\nactions = []"),
        &["line 2: a mute has either `finding`, or `principal` and `ou`, not both"],
    );
}
