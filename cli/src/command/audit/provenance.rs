//! Provenance: where is an account read, and which options let `permdrift fix` look at it again by the same rules?
//!
//! In: the command line, the settings and the saved account, if there is one. The external id is left out: reports are passed on.

use std::path::PathBuf;

use audit::Settings;
use catalog::ProductVersion;
use report::words::provenance::{Provenance, ReadFrom};

use crate::arguments::{Account, AuditArguments};
use crate::saved::SavedAccount;

/// What the reports of an audit say of its source.
pub(super) fn of(
    asked: &AuditArguments,
    settings: &Settings,
    saved: Option<&SavedAccount>,
) -> Provenance {
    let named = asked.version.product_version.or(settings.product_version);
    Provenance {
        read_from: match saved {
            None => ReadFrom::Aws,
            Some(saved) if saved.is_snapshot => ReadFrom::SnapshotFile {
                name: saved.name.clone(),
                taken: saved.taken,
            },
            Some(saved) => ReadFrom::ListingFile(saved.name.clone()),
        },
        assumed: named.is_none().then_some(ProductVersion::LATEST),
        options: options(asked),
    }
}

/// The options and their values.
fn options(asked: &AuditArguments) -> Vec<String> {
    let Account {
        auth_details,
        snapshot,
        rules,
        aws,
    } = &asked.account;
    let mut options = Options::default();
    options.files("--auth-details", auth_details.as_slice());
    options.files("--snapshot", snapshot);
    options.texts("--profile", aws.profile.as_slice());
    options.texts("--role-arn", aws.role_arn.as_slice());
    options.files("--scp", &rules.scp);
    if rules.management_account {
        options.0.push("--management-account".to_owned());
    }
    options.files("--organization", rules.organization.as_slice());
    options.files("--settings", rules.settings.as_slice());
    options.files("--action-sets", &asked.action_sets);
    let bindings = asked.bind.bind.iter();
    let bindings = bindings.map(|(principal, sets)| format!("{principal}={}", sets.join(",")));
    options.texts("--bind", &bindings.collect::<Vec<_>>());
    let scopes = asked.bind.scope.iter();
    let scopes = scopes.map(|(name, value)| format!("{name}={value}"));
    options.texts("--scope", &scopes.collect::<Vec<_>>());
    let version = asked.version.product_version.as_ref();
    options.texts(
        "--product-version",
        version.map(ToString::to_string).as_slice(),
    );
    options.0
}

#[derive(Default)]
struct Options(Vec<String>);

impl Options {
    fn texts(&mut self, option: &str, values: &[String]) {
        for value in values {
            self.0.extend([option.to_owned(), value.clone()]);
        }
    }

    fn files(&mut self, option: &str, paths: &[PathBuf]) {
        let paths = paths.iter().map(|path| path.to_string_lossy().into_owned());
        self.texts(option, &paths.collect::<Vec<_>>());
    }
}
