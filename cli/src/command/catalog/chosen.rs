//! Chosen sets: which action sets does the command line name?

use std::collections::BTreeSet;

use catalog::{ActionSet, Catalog, ProductVersion, SetDiff};

use crate::exit::UsageError;

/// The set of an id on the command line.
///
/// # Errors
/// [`UsageError`] with the closest id.
pub(crate) fn find<'c>(catalog: &'c Catalog, id: &str) -> Result<&'c ActionSet, UsageError> {
    catalog.find(id).map_err(|unknown| {
        UsageError(format!(
            "{unknown}\n`permdrift catalog list` shows them all"
        ))
    })
}

/// What changes for whoever is bound to a set: in the set itself and in those that it extends.
pub(super) fn changes<'c>(
    catalog: &'c Catalog,
    id: Option<&str>,
    from: ProductVersion,
    to: ProductVersion,
) -> anyhow::Result<Vec<(&'c ActionSet, SetDiff<'c>)>> {
    let sets: Vec<&ActionSet> = match id {
        Some(id) => catalog.resolve(&find(catalog, id)?.id)?,
        None => catalog.sets().collect(),
    };
    Ok(sets
        .into_iter()
        .map(|set| (set, catalog::diff(set, from, to)))
        .collect())
}

/// The sets of these ids; `None`, which stands for all, where there are none.
///
/// # Errors
/// [`UsageError`] with the closest id.
pub(crate) fn ids(
    catalog: &Catalog,
    ids: &[String],
) -> Result<Option<BTreeSet<Box<str>>>, UsageError> {
    let found = ids
        .iter()
        .map(|id| Ok(find(catalog, id)?.id.as_str().into()));
    let found: BTreeSet<Box<str>> = found.collect::<Result<_, UsageError>>()?;
    Ok((!ids.is_empty()).then_some(found))
}
