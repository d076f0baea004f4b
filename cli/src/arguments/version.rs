//! What `--version` tells: the release, the commit it was built from, and how old the facts in it are.
//!
//! `-V` prints the first line only.

use std::sync::LazyLock;

/// The release, such as `0.1.0`.
pub(super) const SHORT: &str = env!("CARGO_PKG_VERSION");

/// One line each for the release, the commit, the catalog and the AWS reference; a test of `catalog` holds the dates to the data.
pub(super) fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{SHORT}\ncommit: {}\ncatalog: Veeam's pages as of {}\nAWS reference: as of {}",
            env!("PERMDRIFT_COMMIT"),
            catalog::NEWEST_PAGE,
            catalog::AWS_REFERENCE,
        )
    });
    &LONG
}
