//! The dates that `permdrift --version` tells, against the data they are the dates of.

use catalog::{AWS_REFERENCE, Catalog, NEWEST_PAGE};

#[test]
fn the_catalog_is_as_old_as_its_newest_page() {
    let catalog = Catalog::embedded();
    let dates = catalog
        .sets()
        .flat_map(|set| &set.sources)
        .filter_map(|source| source.date.as_deref());
    assert_eq!(dates.max(), Some(NEWEST_PAGE));
}

#[test]
fn data_and_documentation_have_the_date_of_the_reference() {
    let head = include_str!("../data/actions.tsv").lines().next();
    let expected = format!("# AWS's service authorization reference of {AWS_REFERENCE}");
    assert_eq!(head, Some(expected.as_str()));
    let page = include_str!("../../../docs/catalog.md");
    assert!(
        page.contains(&format!("had them on {AWS_REFERENCE}")),
        "docs/catalog.md does not have {AWS_REFERENCE}"
    );
}
