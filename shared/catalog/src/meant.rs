//! Meant resources: which resources does a request of Veeam's have?
//!
//! AWS's reference lists every type that an action can take, and leaves open which of them a request has: an instance can be
//! tagged, and a VPC. `meant.tsv` says for such actions what Veeam works on; for all others the reference holds.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use iam::{ActionName, Arn};

use crate::known::{known_action, lines, resource_types};

/// A resource type of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeantResource {
    /// Every request has one. Where no type of an action is required, a request has one of them.
    pub required: bool,
    /// The ARNs it can have, with variables in `${…}`; of several nobody knows which. None where AWS's reference gives none.
    pub arns: Vec<&'static str>,
    /// Resources of other accounts count as well.
    pub foreign: bool,
}

#[derive(Default)]
struct Meant {
    actions: HashMap<&'static str, &'static str>,
    arns: HashMap<&'static str, Vec<&'static str>>,
    action_arns: HashMap<&'static str, &'static str>,
    folders: HashMap<&'static str, &'static str>,
    foreign: HashSet<&'static str>,
    ids: HashMap<&'static str, &'static str>,
    points: HashMap<&'static str, &'static str>,
}

pub(crate) const MEANT_DATA: &str = include_str!("../data/meant.tsv");

static MEANT: LazyLock<Meant> = LazyLock::new(|| {
    let mut meant = Meant::default();
    for line in lines(MEANT_DATA) {
        let mut columns = line.split('\t');
        let about = columns.next();
        let name = columns.next().unwrap_or_default();
        let value = columns.next().unwrap_or_default();
        match about {
            Some("action") => {
                meant.actions.insert(name, value);
            }
            Some("arn") => meant.arns.entry(name).or_default().push(value),
            Some("action-arn") => {
                meant.action_arns.insert(name, value);
            }
            Some("folder") => {
                meant.folders.insert(name, value);
            }
            Some("foreign") => {
                meant.foreign.insert(name);
            }
            Some("set-point") => {
                meant.points.insert(name, value);
            }
            Some("id") => {
                meant.ids.insert(name, value);
            }
            Some(_) | None => {}
        }
    }
    meant
});

/// The resource types that Veeam's requests for an action have; empty where the action is checked against `*` only. `None` where
/// AWS's reference does not know the action.
#[must_use]
pub fn meant_resources(action: &ActionName) -> Option<Vec<MeantResource>> {
    let known = known_action(action)?;
    let service = known.service();
    let types: Vec<_> = match MEANT.actions.get(known.name) {
        Some(list) => resource_types(service, list).collect(),
        None => known.resource_types().collect(),
    };
    let resources = types.into_iter().map(|one| {
        let name = format!("{service}:{}", one.name);
        MeantResource {
            required: one.required,
            arns: match (MEANT.action_arns.get(known.name), MEANT.arns.get(&*name)) {
                (Some(arn), _) => vec![*arn],
                (None, Some(arns)) => arns.clone(),
                (None, None) => one.arn.into_iter().collect(),
            },
            foreign: MEANT.foreign.contains(&*name),
        }
    });
    Some(resources.collect())
}

/// The ARN that the recovery points of an action set have, with variables in `${…}`; `None` where nobody knows.
#[must_use]
pub fn recovery_point(set: &str) -> Option<&'static str> {
    let points = MEANT.points.iter();
    let of_set = points.filter(|(front, _)| set.starts_with(**front));
    let closest = of_set.max_by_key(|(front, _)| front.len());
    closest.map(|(_, arn)| *arn)
}

/// What the values of an ARN's variable begin with, such as `snap-` for `SnapshotId` in an ARN of EC2; empty where nothing is
/// known.
#[must_use]
pub fn id_prefix(arn: &str, variable: &str) -> &'static str {
    let name = format!("{}:{variable}", service(arn));
    MEANT.ids.get(&*name).copied().unwrap_or_default()
}

/// What the values of an ARN's variable begin with as a rule, such as `Veeam/` for `ObjectName`; empty where nothing is known.
#[must_use]
pub fn usual_folder(arn: &str, variable: &str) -> &'static str {
    let name = format!("{}:{variable}", service(arn));
    MEANT.folders.get(&*name).copied().unwrap_or_default()
}

fn service(arn: &str) -> &str {
    Arn::parse(arn).map_or("", |arn| arn.service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known_actions;

    #[track_caller]
    fn check(action: &str, expected: &[(bool, &str)]) {
        let found = meant_resources(&action.parse().unwrap()).unwrap();
        let found: Vec<(bool, &str)> = found
            .iter()
            .map(|one| (one.required, one.arns.first().copied().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_veeam_means_goes_before_what_aws_allows() {
        let object = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";
        check("s3:GetObject", &[(true, object)]);
        let points =
            "arn:${Partition}:backup:${Region}:${Account}:recovery-point:${RecoveryPointId}";
        check("backup:DeleteRecoveryPoint", &[(true, points)]);
        check("ec2:DescribeRegions", &[]);
        let snapshot = "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}";
        check("ec2:DeleteSnapshot", &[(true, snapshot)]);
        assert_eq!(meant_resources(&"ec2:NoSuch".parse().unwrap()), None);
    }

    #[test]
    fn the_set_says_which_recovery_points_it_has() {
        let service = |set| recovery_point(set).map(service);
        assert_eq!(service("vbaws-role-fsx-backup"), Some("fsx"));
        assert_eq!(service("vbaws-role-redshift-restore"), Some("redshift"));
        let serverless = "vbaws-role-redshift-serverless-backup";
        assert_eq!(service(serverless), Some("redshift-serverless"));
        assert_eq!(service("vbaws-role-repository"), None);
        let known = &MEANT.arns["backup:recoveryPoint"];
        assert!(MEANT.points.values().all(|arn| known.contains(arn)));
    }

    #[test]
    fn every_line_of_the_table_is_about_something_that_aws_lists() {
        let types: HashSet<String> = known_actions()
            .flat_map(|known| {
                let service = known.service();
                known
                    .resource_types()
                    .map(move |one| format!("{service}:{}", one.name))
            })
            .collect();
        for (action, list) in &MEANT.actions {
            let known = known_action(&action.parse().unwrap()).unwrap();
            assert_eq!(known.name, *action);
            let meant: Vec<_> = resource_types(known.service(), list).collect();
            assert!(!meant.is_empty(), "{action}");
            for one in meant {
                let mut listed = known.resource_types();
                assert!(
                    listed.any(|other| other.name == one.name),
                    "{action}: {}",
                    one.name
                );
                assert!(one.arn.is_some(), "{action}: {}", one.name);
            }
        }
        for name in MEANT.arns.keys().chain(&MEANT.foreign) {
            assert!(types.contains(*name), "{name}");
        }
        for action in MEANT.action_arns.keys() {
            let known = known_action(&action.parse().unwrap()).unwrap();
            assert_eq!(known.resource_types().count(), 1, "{action}");
        }
        for arn in MEANT
            .arns
            .values()
            .flatten()
            .chain(MEANT.action_arns.values())
        {
            assert!(Arn::parse(arn).is_ok(), "{arn}");
        }
        let all: Vec<&str> = known_actions()
            .flat_map(|known| meant_resources(&known.name.parse().unwrap()).unwrap())
            .flat_map(|one| one.arns)
            .collect();
        for id in MEANT.ids.keys().chain(MEANT.folders.keys()) {
            let (_, variable) = id.split_once(':').unwrap();
            let written = format!("${{{variable}}}");
            let mut used = all.iter().filter(|arn| arn.contains(&written));
            let is_known = |arn: &&str| {
                !id_prefix(arn, variable).is_empty() || !usual_folder(arn, variable).is_empty()
            };
            assert!(used.any(is_known), "{id}");
        }
    }
}
