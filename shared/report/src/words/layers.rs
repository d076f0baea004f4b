//! Layers as text: which policies, settings and lists does an audit rest on, and which were refused or not read?

use std::collections::BTreeSet;

use audit::assessment::{Coverage, LayerCoverage, LevelsRead, ListRead, Readings};
use audit::resources::{Reading, Resources};

use crate::words::counted::counted;
use crate::words::plain::plain;

/// Which policies an audit decides with and which not: one line for every report.
#[must_use]
pub fn layers(coverage: &Coverage) -> String {
    let reasons = Reasons::of(&coverage.resources);
    format!("Checked: {}", said(&coverage.layers, &reasons))
}

/// The same behind a label, where only the counts are known.
#[must_use]
pub fn checked(layers: &LayerCoverage) -> String {
    said(layers, &Reasons::default())
}

fn said(layers: &LayerCoverage, reasons: &Reasons<'_>) -> String {
    let LayerCoverage {
        keys,
        buckets,
        vaults,
        service_control,
        resource_control,
        endpoints,
        regions,
        enabled_regions,
        own_buckets,
    } = layers;
    let scps = match service_control {
        LevelsRead::NotRead => {
            "none given; where AWS decides, its simulator applies those in force".to_owned()
        }
        other => of_levels(*other),
    };
    let mut besides = String::new();
    if *regions != Readings::default() {
        let said = readings(*regions, &reasons.regions);
        besides.push_str(&format!("; settings of regions: {said}"));
    }
    for (what, list) in [
        ("enabled regions", enabled_regions),
        ("the account's list of buckets", own_buckets),
    ] {
        if let Some(said) = of_list(*list) {
            besides.push_str(&format!("; {what}: {said}"));
        }
    }
    format!(
        "the policies of users, roles and groups, and permissions boundaries. Key policies: {}; bucket policies: {}; vault policies: {}; \
         SCPs: {scps}; RCPs: {}; endpoint policies: {}{besides}.",
        readings(*keys, &reasons.keys),
        readings(*buckets, &reasons.buckets),
        readings(*vaults, &reasons.vaults),
        of_levels(*resource_control),
        match endpoints.read + endpoints.refused + endpoints.not_read {
            0 => "not checked".to_owned(),
            _ => readings(*endpoints, &BTreeSet::new()),
        },
    )
}

fn readings(readings: Readings, reasons: &BTreeSet<&str>) -> String {
    let Readings {
        read,
        refused,
        not_read,
    } = readings;
    let refusals = match reasons.is_empty() {
        true => "refused".to_owned(),
        false => format!("refused ({})", because(reasons)),
    };
    let parts = [(read, "read"), (refused, &refusals), (not_read, "not read")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match read + refused {
        0 => "none read".to_owned(),
        _ => parts.join(", "),
    }
}

fn of_levels(levels: LevelsRead) -> String {
    match levels {
        LevelsRead::NotRead => "not read".to_owned(),
        LevelsRead::Refused => "not readable from this account".to_owned(),
        LevelsRead::NoOrganization => "the account is in no organization".to_owned(),
        LevelsRead::Read(levels) => counted(levels, "level"),
        LevelsRead::Partly { read, refused } => {
            format!(
                "{}, and {} not readable from this account",
                counted(read, "level"),
                refused
            )
        }
    }
}

/// What SCPs are called.
pub(crate) const SCPS: &str = "SCPs";

/// Both kinds of policies above an account.
pub(crate) fn levels(layers: &LayerCoverage) -> [(&'static str, LevelsRead); 2] {
    [
        (SCPS, layers.service_control),
        ("RCPs", layers.resource_control),
    ]
}

/// That a kind of policies above an account was not read, or not whole, such as `SCPs: not read`.
pub(crate) fn not_whole(what: &str, levels: LevelsRead) -> String {
    format!("{what}: {}", of_levels(levels))
}

/// How a list was read; `None` where nothing rests on it.
fn of_list(list: ListRead) -> Option<&'static str> {
    match list {
        ListRead::NotNeeded => None,
        ListRead::NotRead => Some("not read"),
        ListRead::Refused => Some("refused"),
        ListRead::Read => Some("read"),
    }
}

/// Why AWS did not say what was asked: its codes, or a word such as `TimedOut`.
#[derive(Default)]
struct Reasons<'a> {
    keys: BTreeSet<&'a str>,
    buckets: BTreeSet<&'a str>,
    vaults: BTreeSet<&'a str>,
    regions: BTreeSet<&'a str>,
}

impl<'a> Reasons<'a> {
    fn of(resources: &'a Resources) -> Self {
        let mut reasons = Self::default();
        for key in resources.keys.values() {
            let found = [refusal(&key.metadata), refusal(&key.policy)];
            reasons.keys.extend(found.into_iter().flatten());
        }
        for bucket in resources.buckets.values() {
            let found = [
                refusal(&bucket.policy),
                refusal(&bucket.versioning),
                refusal(&bucket.object_lock),
                refusal(&bucket.encryption),
                refusal(&bucket.lifecycle),
            ];
            reasons.buckets.extend(found.into_iter().flatten());
        }
        for vault in resources.vaults.values() {
            let found = [refusal(&vault.policy), refusal(&vault.description)];
            reasons.vaults.extend(found.into_iter().flatten());
        }
        for region in resources.regions.values() {
            let found = [
                refusal(&region.ebs_default_key),
                refusal(&region.ebs_encryption_by_default),
                refusal(&region.backup),
                refusal(&region.vaults),
                refusal(&region.endpoints),
            ];
            reasons.regions.extend(found.into_iter().flatten());
            let sources = region.source_keys.values();
            reasons.regions.extend(sources.filter_map(refusal));
        }
        reasons
    }
}

fn refusal<T>(reading: &Reading<T>) -> Option<&str> {
    match reading {
        Reading::Refused(reason) => Some(reason),
        Reading::Read(_) | Reading::NotRead => None,
    }
}

fn because(reasons: &BTreeSet<&str>) -> String {
    let reasons: Vec<_> = reasons.iter().map(|reason| plain(reason)).collect();
    reasons.join(", ")
}

/// The layers that were refused, or a part of which was, and those that nobody read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayersNotRead {
    /// AWS refused them: one sentence fragment each.
    pub refused: Vec<String>,
    /// Nobody gave them: one sentence fragment each.
    pub not_read: Vec<String>,
}

/// The SCPs, the RCPs, the policies of declared resources, the regions and the lists that an audit does not rest on.
#[must_use]
pub fn layers_not_read(coverage: &Coverage) -> LayersNotRead {
    let layers = &coverage.layers;
    let mut found = LayersNotRead::default();
    for (what, levels) in levels(layers) {
        match levels {
            LevelsRead::NotRead => found.not_read.push(not_whole(what, levels)),
            LevelsRead::Refused | LevelsRead::Partly { .. } => {
                found.refused.push(not_whole(what, levels));
            }
            LevelsRead::NoOrganization | LevelsRead::Read(_) => {}
        }
    }
    let why = Reasons::of(&coverage.resources);
    for (what, counts, reasons) in [
        (
            "key policies, with state and settings",
            layers.keys,
            &why.keys,
        ),
        (
            "bucket policies, with state and settings",
            layers.buckets,
            &why.buckets,
        ),
        (
            "vault policies, with state and settings",
            layers.vaults,
            &why.vaults,
        ),
        ("endpoint policies", layers.endpoints, &BTreeSet::new()),
        ("settings of regions", layers.regions, &why.regions),
    ] {
        let Readings {
            refused, not_read, ..
        } = counts;
        if refused > 0 {
            let mut said = format!("{what}: {refused} refused");
            if !reasons.is_empty() {
                said.push_str(&format!(" ({})", because(reasons)));
            }
            found.refused.push(said);
        }
        if not_read > 0 {
            found.not_read.push(format!("{what}: {not_read} not read"));
        }
    }
    for (what, list) in [
        ("enabled regions", layers.enabled_regions),
        ("the account's list of buckets", layers.own_buckets),
    ] {
        let said = || format!("{what}: {}", of_list(list).unwrap_or_default());
        match list {
            ListRead::NotRead => found.not_read.push(said()),
            ListRead::Refused => found.refused.push(said()),
            ListRead::NotNeeded | ListRead::Read => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit::resources::Key;

    #[test]
    fn a_refusal_is_told_with_its_reason() {
        let mut resources = Resources::default();
        for (name, reason) in [("a", "AccessDenied"), ("b", "TimedOut")] {
            let key = Key {
                policy: Reading::Refused(reason.into()),
                ..Key::default()
            };
            resources.keys.insert(name.into(), key);
        }
        let mut coverage = Coverage {
            resources: resources.into(),
            ..Coverage::default()
        };
        coverage.layers.keys.refused = 2;
        let line = super::layers(&coverage);
        let expected = "Key policies: 2 refused (AccessDenied, TimedOut);";
        assert!(line.contains(expected), "{line}");
        let refused = layers_not_read(&coverage).refused;
        let expected = "key policies, with state and settings: 2 refused (AccessDenied, TimedOut)";
        assert_eq!(refused, [expected]);
    }

    #[test]
    fn what_was_refused_is_kept_apart_from_what_nobody_gave() {
        let mut coverage = Coverage::default();
        let layers = &mut coverage.layers;
        layers.service_control = LevelsRead::Partly {
            read: 2,
            refused: 1,
        };
        layers.resource_control = LevelsRead::NotRead;
        layers.keys.not_read = 1;
        layers.buckets.read = 1;
        layers.vaults.refused = 2;
        layers.endpoints.refused = 1;
        layers.regions.refused = 1;
        layers.enabled_regions = ListRead::Refused;
        layers.own_buckets = ListRead::NotRead;
        let found = layers_not_read(&coverage);
        assert_eq!(
            found.refused,
            [
                "SCPs: 2 levels, and 1 not readable from this account",
                "vault policies, with state and settings: 2 refused",
                "endpoint policies: 1 refused",
                "settings of regions: 1 refused",
                "enabled regions: refused"
            ]
        );
        assert_eq!(
            found.not_read,
            [
                "RCPs: not read",
                "key policies, with state and settings: 1 not read",
                "the account's list of buckets: not read"
            ]
        );
        let line = super::layers(&coverage);
        let end = "; settings of regions: 1 refused; enabled regions: refused; the account's list of buckets: not read.";
        assert!(line.ends_with(end), "{line}");
        let layers = &mut coverage.layers;
        *layers = LayerCoverage::default();
        layers.service_control = LevelsRead::Read(3);
        layers.resource_control = LevelsRead::NoOrganization;
        assert_eq!(layers_not_read(&coverage), LayersNotRead::default());
        let line = super::layers(&coverage);
        assert!(!line.contains("region"), "nothing rests on them: {line}");
    }
}
