//! Calls: what does each action set take, about `*` alone and with the resources on which the answers rest?
//!
//! The table in `docs/operations.md` is written by this test, with `UPDATE_DOCS` set.

use std::path::Path;

use audit::simulate::inquiries;
use audit::simulate::proof::Proof;
use audit::{Asked, Selection, Settings, bind};
use catalog::Catalog;
use iam::PrincipalArn;

use super::super::{Splits, ask};
use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");
const BEGIN: &str = "<!-- calls -->\n";
const END: &str = "<!-- end of calls -->";

/// Calls about `*`, and calls about concrete resources, unit by unit.
fn calls(catalog: &Catalog, set: &str, kind: &str) -> Option<(usize, Vec<usize>)> {
    let mut inventory = inventory(None);
    let principal = &mut inventory.principals[0];
    principal.arn = format!("arn:aws:iam::123456789012:{kind}/veeam")
        .parse::<PrincipalArn>()
        .unwrap();
    principal.tags = vec![("veeam:action-sets".into(), set.into())];
    let all =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    principal.inline.push(InlinePolicy {
        name: "all".into(),
        document: Arc::new(Document::parse(all)),
    });
    let settings = Settings::parse("regions = [\"eu-central-1\"]").unwrap();
    let now = "2026-11-22T03:15:00Z".parse().unwrap();
    let asked = Asked::new(catalog, &settings, now);
    let bound = bind(&asked, &inventory, &Selection::default());
    let [inquiry] = inquiries(&bound).try_into().ok()?;
    let splits = Splits::default();
    let of = |units: Vec<ask::Unit>| -> Vec<usize> {
        units.iter().map(|unit| unit.calls(&splits)).collect()
    };
    let lists = inquiry.lists.iter().map(|_| Vec::new()).collect::<Vec<_>>();
    let proof = Proof::of(&inventory, &inquiry, &lists);
    let about_all = of(ask::units(&inquiry.lists[..inquiry.requirements]));
    Some((about_all.iter().sum(), of(ask::merged(&proof.questions))))
}

#[test]
fn the_documentation_has_the_calls_of_each_set() {
    let catalog = Catalog::embedded();
    let mut table = String::from(
        "| action set | about `*` | with resources, ceiling 2 | without a ceiling |\n|---|---|---|---|\n",
    );
    let mut above = 0;
    for set in catalog.sets() {
        let kind = match set.principal {
            catalog::Holder::User => "user",
            catalog::Holder::Role | catalog::Holder::Either => "role",
        };
        let Some((before, more)) = calls(&catalog, set.id.as_str(), kind) else {
            continue;
        };
        let without: usize = before + more.iter().sum::<usize>();
        let mut with = before;
        let mut left = before;
        for one in more {
            if one <= left {
                left -= one;
                with += one;
            } else {
                left = 0;
            }
        }
        above += usize::from(with < without);
        assert!(with <= 2 * before, "{}", set.id.as_str());
        table.push_str(&format!(
            "| `{}` | {before} | {with} | {without} |\n",
            set.id.as_str()
        ));
    }
    table.push_str(&format!(
        "\nOf these sets, {above} take more than the ceiling, so that some of their actions are told as not confirmed.\n"
    ));
    let text = std::fs::read_to_string(Path::new(PAGE)).unwrap();
    let (front, rest) = text.split_once(BEGIN).unwrap();
    let (found, back) = rest.split_once(END).unwrap();
    let expected = format!("\n{table}\n");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, format!("{front}{BEGIN}{expected}{END}{back}")).unwrap();
        return;
    }
    assert_eq!(
        found, expected,
        "run with UPDATE_DOCS=1 and review the difference"
    );
}
