//! Regions of vaults: does a declared vault lie where its principal works?
//!
//! A vault is asked about in its own region. One that lies in no declared region would be asked about nowhere, and nobody would see that.

use std::collections::BTreeSet;

use iam::Arn;

/// What would be right in place of a vault's name or ARN; `None` where it is.
pub(super) fn right(vault: &str, regions: &BTreeSet<Box<str>>) -> Option<String> {
    const ANYWHERE: &str = "the vault's ARN, or a name and the regions that it is in (`regions` in a tag, a binding or the settings)";
    let Ok(arn) = Arn::parse(vault) else {
        return regions.is_empty().then(|| ANYWHERE.to_owned());
    };
    let is_declared = regions.is_empty() || regions.contains(arn.region) || arn.region == "*";
    let named = || {
        let regions = regions.iter().map(AsRef::as_ref);
        regions.collect::<Vec<&str>>().join(", ")
    };
    (!is_declared).then(|| {
        format!(
            "the ARN of a vault in a declared region ({}), or `{}` among the declared regions",
            named(),
            arn.region
        )
    })
}
