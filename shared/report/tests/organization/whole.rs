//! The report of an organisation: an account that nobody read never looks compliant, in no format, and is counted in each.

use std::collections::BTreeMap;
use std::path::Path;

use iam::AccountId;
use report::organization::screen::{self, AccountDetail, AccountFilter, Screen};
use report::organization::{
    AccountPlace, AccountStanding, AccountSummary, OrganizationReport, OrganizationView,
    UnreadFile, csv, html, json, markdown,
};
use report::{Palette, Pen};
use serde_json::Value;

use crate::accounts::{BUCKET_SET, Roles, SET, summary};
use crate::stored::close;

const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoSnapshots","Effect":"Deny","Action":"ec2:CreateSnapshot*","Resource":"*"}]}"#;
const ACCOUNTS: [&str; 6] = [
    "100000000001",
    "100000000002",
    "100000000003",
    "100000000004",
    "100000000005",
    "100000000006",
];

/// What there is to report.
#[derive(Default)]
struct Given {
    audited: BTreeMap<AccountId, AccountSummary>,
    not_audited: BTreeMap<AccountId, Box<str>>,
    places: BTreeMap<AccountId, AccountPlace>,
    unread: Vec<UnreadFile>,
}

fn id(account: &str) -> AccountId {
    account.parse().unwrap()
}

/// Two accounts below one SCP, one that is well, one in which nobody is bound, one without a summary, and one that could not be audited
/// this time.
fn given() -> Given {
    let mut given = Given::default();
    let [one, two, well, nobody, unknown, refused] = ACCOUNTS;
    for (account, roles, scps) in [
        (
            one,
            Roles::none()
                .with(one, "a", SET, "*")
                .with(one, "b", SET, "*"),
            &[("p-deny", DENY)][..],
        ),
        (
            two,
            Roles::none().with(two, "c", SET, "*"),
            &[("p-deny", DENY)],
        ),
        (well, Roles::none().with(well, "d", BUCKET_SET, "*"), &[]),
        (nobody, Roles::none().with(nobody, "e", "", "*"), &[]),
        (
            refused,
            Roles::none().with(refused, "f", BUCKET_SET, "*"),
            &[],
        ),
    ] {
        let summary = summary(&roles, scps);
        assert_eq!(summary.account, id(account));
        given.audited.insert(summary.account, summary);
    }
    given
        .not_audited
        .insert(id(refused), "the role refused us".into());
    for account in ACCOUNTS {
        let place = AccountPlace {
            name: (account != unknown).then(|| format!("name of {account}").into()),
            path: vec!["r-ab12".into(), "ou-ab12-11111111".into()],
            organization: None,
        };
        given.places.insert(id(account), place);
    }
    given
}

impl Given {
    fn report(&self) -> OrganizationReport<'_> {
        OrganizationReport {
            name: Some("o-exampleorgid"),
            saved: None,
            at: "2026-11-30T04:00:00Z".parse().unwrap(),
            audited: &self.audited,
            not_audited: &self.not_audited,
            unread: &self.unread,
            places: &self.places,
        }
    }

    fn written(&self, write: impl Fn(&mut dyn std::io::Write, &OrganizationView<'_>)) -> String {
        let view = OrganizationView::of(&self.report());
        let mut bytes = Vec::new();
        write(&mut bytes, &view);
        String::from_utf8(bytes).unwrap()
    }

    fn json(&self) -> Value {
        let text = self.written(|out, view| json::write(out, view).unwrap());
        serde_json::from_str(&text).unwrap()
    }

    fn screen(&self, columns: usize) -> String {
        self.written(|out, view| {
            let screen = Screen {
                view,
                filter: AccountFilter::default(),
                detail: AccountDetail::Whole,
                changes: None,
            };
            let mut pen = Pen::new(out, Palette::empty(), Some(columns));
            screen::write(&mut pen, &screen).unwrap();
        })
    }
}

#[test]
fn accounts_come_worst_first_and_all_of_them_are_counted() {
    let given = given();
    let view = OrganizationView::of(&given.report());
    let standings: Vec<AccountStanding> = view.rows.iter().map(|row| row.standing).collect();
    let expected = [
        AccountStanding::Drifted,
        AccountStanding::Drifted,
        AccountStanding::NotAudited,
        AccountStanding::NotAudited,
        AccountStanding::CompliantNotChecked,
        AccountStanding::NobodyBound,
    ];
    assert_eq!(standings, expected);
    assert_eq!(view.accounts.values().sum::<usize>(), ACCOUNTS.len());
    assert_eq!(
        view.rows[0].account.as_str(),
        ACCOUNTS[0],
        "two have drifted there"
    );
}

#[test]
fn an_account_that_was_not_audited_is_not_compliant_in_any_format() {
    let given = given();
    let [.., unknown, refused] = ACCOUNTS;
    let json = given.json();
    for (account, reason) in [
        (unknown, "nobody audited it"),
        (refused, "the role refused us"),
    ] {
        let all = json["accounts"].as_array().unwrap();
        let found = all.iter().find(|one| one["account"] == account).unwrap();
        assert_eq!(found["verdict"], "not-audited");
        assert_eq!(found["reason"], reason);
        assert!(
            found.get("found").is_none(),
            "an older summary says nothing of now"
        );
        let texts = [
            given.written(|out, view| csv::write(out, view).unwrap()),
            given.written(|out, view| markdown::write(out, view).unwrap()),
            given.screen(100),
        ];
        for text in texts {
            let lines: Vec<&str> = text.lines().filter(|line| line.contains(account)).collect();
            assert!(!lines.is_empty(), "{text}");
            assert!(
                lines.iter().all(|line| !line.contains("compliant")),
                "{lines:?}"
            );
            assert!(
                lines.iter().any(|line| line.contains(reason)),
                "{lines:?}\n{text}"
            );
        }
    }
    assert_eq!(json["summary"]["accounts"]["total"], 6);
    assert_eq!(json["summary"]["accounts"]["notAudited"], 2);
    assert_eq!(
        json["summary"]["principals"]["total"], 4,
        "nobody knows of those"
    );
}

#[test]
fn one_statement_of_an_scp_in_several_accounts_is_one_cause() {
    let json = given().json();
    let causes = json["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    let cause = &causes[0];
    let text = cause["text"].as_str().unwrap();
    assert!(
        text.starts_with("SCP p-deny, statement NoSnapshots denies ec2:CreateSnapshot"),
        "{text}"
    );
    assert!(text.ends_with("to 3 principals in 2 accounts"), "{text}");
    assert_eq!(cause["accounts"][0]["account"], ACCOUNTS[0]);
    assert_eq!(
        cause["accounts"][0]["principals"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn what_is_muted_in_an_account_is_no_cause_there() {
    let mut given = given();
    let one = given.audited.get_mut(&id(ACCOUNTS[0])).unwrap();
    for finding in one.findings.values_mut() {
        finding.muted = Some("Muted by team, until 2027-01-01: known".into());
    }
    let json = given.json();
    assert_eq!(json["causes"].as_array().unwrap().len(), 0);
    assert_eq!(json["accounts"][0]["account"], ACCOUNTS[1]);
    let muted = &json["accounts"][1];
    assert_eq!(
        (&muted["account"], &muted["verdict"]),
        (&ACCOUNTS[0].into(), &"drifted".into())
    );
}

#[test]
fn a_file_that_nobody_could_read_is_in_every_format() {
    let mut given = given();
    given.unread.push(UnreadFile {
        name: "snapshots/x.json".into(),
        reason: "it was cut off".into(),
    });
    for text in [
        given.json().to_string(),
        given.written(|out, view| csv::write(out, view).unwrap()),
        given.written(|out, view| markdown::write(out, view).unwrap()),
        given.written(|out, view| html::write(out, view).unwrap()),
        given.screen(80),
    ] {
        assert!(
            text.contains("snapshots/x.json") && text.contains("it was cut off"),
            "{text}"
        );
    }
}

#[test]
fn the_json_keeps_to_its_published_schemas() {
    let json = given().json();
    let check = |name: &str, document: &Value| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
        let text = std::fs::read_to_string(file.join(name)).unwrap();
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        close(&mut schema);
        let schema = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = schema
            .iter_errors(document)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
    };
    check("organization-audit-1.json", &json);
    let found = json["accounts"].as_array().unwrap().iter();
    let found: Vec<&Value> = found.filter_map(|one| one.get("found")).collect();
    assert_eq!(found.len(), 4);
    for one in found {
        check("account-1.json", one);
    }
}

#[test]
fn the_screen_fits_eighty_columns() {
    let text = given().screen(80);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let end = "6 accounts: 2 drifted, 2 not audited, 1 compliant (not all checked), 1 with nobody bound. May deny, and not looked at: RCPs: not read (all 4 accounts).";
    assert!(words.join(" ").ends_with(end), "{text}");
}

#[test]
fn the_same_accounts_give_the_same_bytes() {
    let page = |given: &Given| given.written(|out, view| html::write(out, view).unwrap());
    assert_eq!(page(&given()), page(&given()));
}

#[test]
fn text_from_outside_ends_no_element_of_the_page() {
    let mut given = given();
    let place = given.places.get_mut(&id(ACCOUNTS[2])).unwrap();
    place.name = Some("</script><script>alert(1)</script>@permdrift-data@".into());
    let one = given.audited.get_mut(&id(ACCOUNTS[0])).unwrap();
    one.unseen
        .insert("</script><img src=x onerror=alert(1)>".into());
    let mut report = given.report();
    report.name = Some("@permdrift-data@</title><script>alert(1)</script>");
    let mut bytes = Vec::new();
    html::write(&mut bytes, &OrganizationView::of(&report)).unwrap();
    let page = String::from_utf8(bytes).unwrap();
    assert!(
        !page.contains("alert(1)<") && !page.contains("<img"),
        "markup"
    );
    let data = page.matches("type=\"application/json\"").count();
    assert_eq!(
        data, 6,
        "an index, texts and four accounts with something found"
    );
    assert_eq!(page.matches("</script>").count(), data + 1);
}
