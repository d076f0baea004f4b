//! Provenance as text: where did the data of an audit come from, how old are they, who decided, for which product version?
//!
//! In: what the caller knows of its source. Out: one sentence, the same on the screen and on the page.

use std::collections::BTreeSet;

use audit::Assessment;
use catalog::ProductVersion;
use jiff::Timestamp;

use crate::words::command::quoted;
use crate::words::plain::plain;

/// Where an audited account was read, and what was assumed of it.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// Where the account was read.
    pub read_from: ReadFrom,
    /// The product version that is assumed where no tag names one; `None` where an option or the settings name it.
    pub assumed: Option<ProductVersion>,
    /// The options with which another command looks at the same account by the same rules, such as `--profile` and
    /// `backup-prod`, not quoted.
    pub options: Vec<String>,
}

/// The options that say what is to be held, besides tags and settings.
const BINDING: [&str; 3] = ["--bind", "--scope", "--product-version"];

impl Provenance {
    /// The options without which another command does not know what principals were checked for, each behind a blank; empty where tags
    /// and settings say all.
    #[must_use]
    pub fn binding(&self) -> String {
        let pairs = self.options.windows(2).filter_map(|pair| match pair {
            [option, value] if BINDING.contains(&&**option) => {
                Some(format!(" {option} {}", quoted(&plain(value))))
            }
            _ => None,
        });
        pairs.collect()
    }
}

/// Where an account was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// AWS, which decided as well.
    Aws,
    /// A listing: it does not say when it was taken.
    ListingFile(String),
    /// A snapshot.
    SnapshotFile {
        /// The file.
        name: String,
        /// When it was taken, if it says so.
        taken: Option<Timestamp>,
    },
}

/// The sentence.
#[must_use]
pub fn provenance(provenance: &Provenance, assessment: &Assessment) -> String {
    let (source, decided) = match &provenance.read_from {
        ReadFrom::Aws => (
            format!("AWS at {}", minute(assessment.at)),
            "AWS's policy simulator",
        ),
        ReadFrom::ListingFile(name) => (
            format!("{}, a listing of unknown age", plain(name)),
            "permdrift's own simulator",
        ),
        ReadFrom::SnapshotFile { name, taken } => (
            match taken {
                Some(taken) => format!("{}, a snapshot of {}", plain(name), minute(*taken)),
                None => format!("{}, a snapshot of unknown age", plain(name)),
            },
            "permdrift's own simulator",
        ),
    };
    let verdicts = assessment.verdicts.iter();
    let versions: BTreeSet<ProductVersion> = verdicts
        .map(|verdict| verdict.requirement.version)
        .collect();
    let names: Vec<String> = versions.iter().map(ToString::to_string).collect();
    let assumed = match (provenance.assumed, names.as_slice()) {
        (None, _) => String::new(),
        (Some(latest), [one]) if *one == latest.to_string() => {
            " (the latest, assumed where none is named)".to_owned()
        }
        (Some(latest), _) => format!(" ({latest}, the latest, is assumed where none is named)"),
    };
    let versions = match names.as_slice() {
        [] => String::new(),
        [one] => format!(" For product version {one}{assumed}."),
        many => format!(" For product versions {}{assumed}.", many.join(" and ")),
    };
    format!("Read from {source}. Decided by {decided}.{versions}")
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
