//! The sets that come with permdrift: the files of `data/`, as text in the binary, read at first use.
//!
//! A new file needs its name in [`FILES`]; a test fails where it is missing. That every file passes the linter is tested too,
//! so problems are not reported at run time.

use std::sync::LazyLock;

use crate::catalog::Catalog;
use crate::file::convert::Converter;
use crate::file::declared::{self, Declared};
use crate::file::keys::read_keys;
use crate::file::read::{SetFile, read_sets};
use crate::file::settings::read_settings;
use crate::known::{ACTIONS_DATA, RESOURCES_DATA};
use crate::meant::MEANT_DATA;
use crate::needs::key::KeyNeed;
use crate::needs::setting::SettingNeed;
use crate::problem::Problem;
use crate::set::ActionSet;

/// The names of the files, and their texts.
macro_rules! files {
    ($($id:literal,)+) => {
        &[$(SetFile {
            file: concat!($id, ".toml"),
            text: include_str!(concat!("../data/", $id, ".toml")),
        }),+]
    };
}

static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| read(&mut Vec::new()));

static NEEDS: LazyLock<Vec<KeyNeed>> = LazyLock::new(|| read_keys(KEYS, &mut Vec::new()));

/// What the operations of the embedded sets need of KMS keys, in the order of their names.
#[must_use]
pub fn key_needs() -> &'static [KeyNeed] {
    &NEEDS
}

static SETTINGS: LazyLock<Vec<SettingNeed>> =
    LazyLock::new(|| read_settings(SETTINGS_FILE, &mut Vec::new()));

/// What the operations of the embedded sets need of buckets, regions and VPC endpoints, in the order of their names.
#[must_use]
pub fn setting_needs() -> &'static [SettingNeed] {
    &SETTINGS
}

impl Catalog {
    /// The sets that come with permdrift.
    #[must_use]
    pub fn embedded() -> Self {
        EMBEDDED.clone()
    }
}

/// A digest of everything that comes with permdrift: the action sets, what they may name, and AWS's reference. It differs where any of
/// it does, and is the same on every machine. It is no protection against anybody.
#[must_use]
pub fn embedded_digest() -> u64 {
    static DIGEST: LazyLock<u64> = LazyLock::new(|| {
        let files = FILES
            .iter()
            .chain([&VARIABLES, &CONDITIONS, &KEYS, &SETTINGS_FILE]);
        let texts = files.flat_map(|file| [file.file, file.text]);
        digest(texts.chain([ACTIONS_DATA, MEANT_DATA, RESOURCES_DATA]))
    });
    *DIGEST
}

/// FNV-1a, 64 bits, with the length of each text behind it.
fn digest<'t>(texts: impl Iterator<Item = &'t str>) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    texts.fold(OFFSET, |hash, text| {
        let length = (text.len() as u64).to_le_bytes();
        text.bytes().chain(length).fold(hash, step)
    })
}

fn read(problems: &mut Vec<Problem>) -> Catalog {
    let declared = Declared {
        variables: declared::read_variables(VARIABLES, problems),
        conditions: declared::read_conditions(CONDITIONS, problems),
    };
    let mut sets: Vec<ActionSet> = Vec::new();
    for file in FILES {
        let forms = read_sets(*file, problems);
        let mut converter = Converter {
            file: file.file,
            declared: &declared,
            problems,
        };
        sets.extend(forms.iter().filter_map(|form| converter.set(form)));
    }
    Catalog::new(sets, declared)
}

/// The scope variables that sets may name.
const VARIABLES: SetFile<'_> = SetFile {
    file: "scope.toml",
    text: include_str!("../data/scope.toml"),
};

/// The conditions that sets may name.
const CONDITIONS: SetFile<'_> = SetFile {
    file: "conditions.toml",
    text: include_str!("../data/conditions.toml"),
};

/// What operations need of KMS keys.
const KEYS: SetFile<'_> = SetFile {
    file: "keys.toml",
    text: include_str!("../data/resource-side/keys.toml"),
};

/// What operations need of settings.
const SETTINGS_FILE: SetFile<'_> = SetFile {
    file: "settings.toml",
    text: include_str!("../data/resource-side/settings.toml"),
};

/// The sets, a file each.
const FILES: &[SetFile<'_>] = files![
    "agent-standalone-s3",
    "vbaws-appliance-connect",
    "vbaws-appliance-deploy",
    "vbaws-appliance-upgrade",
    "vbaws-default-role-upgrade",
    "vbaws-full-user-list",
    "vbaws-instance-role-flr-original-location",
    "vbaws-instance-role-vss-snapshots",
    "vbaws-one-time-access-keys",
    "vbaws-one-time-keys-config-restore",
    "vbaws-one-time-keys-create-role",
    "vbaws-one-time-keys-grant-role-permissions",
    "vbaws-one-time-keys-vpc-policy-grant",
    "vbaws-repository-add",
    "vbaws-repository-kms-encryption",
    "vbaws-role-default-backup-restore",
    "vbaws-role-dynamodb-backup-manual",
    "vbaws-role-dynamodb-backup",
    "vbaws-role-dynamodb-restore",
    "vbaws-role-ec2-backup-workers",
    "vbaws-role-ec2-backup",
    "vbaws-role-ec2-restore-workers",
    "vbaws-role-ec2-restore",
    "vbaws-role-efs-backup-indexing",
    "vbaws-role-efs-backup-manual",
    "vbaws-role-efs-backup",
    "vbaws-role-efs-restore",
    "vbaws-role-flr-worker",
    "vbaws-role-fsx-backup-manual",
    "vbaws-role-fsx-backup",
    "vbaws-role-fsx-restore",
    "vbaws-role-impersonation",
    "vbaws-role-organization-rescan",
    "vbaws-role-production-worker",
    "vbaws-role-rds-backup-image-level",
    "vbaws-role-rds-backup",
    "vbaws-role-rds-database-restore",
    "vbaws-role-rds-instance-restore",
    "vbaws-role-redshift-backup-manual",
    "vbaws-role-redshift-backup",
    "vbaws-role-redshift-restore",
    "vbaws-role-redshift-serverless-backup-manual",
    "vbaws-role-redshift-serverless-backup",
    "vbaws-role-redshift-serverless-restore",
    "vbaws-role-repository",
    "vbaws-role-vpc-backup",
    "vbaws-role-vpc-restore",
    "vbaws-role-worker-configuration",
    "vbaws-role-worker-deployment",
    "vbr-agents-ec2-protection-group",
    "vbr-agents-s3-compatible-direct",
    "vbr-agents-s3-direct",
    "vbr-cloud-connect-s3-compatible-direct",
    "vbr-cloud-connect-s3-direct",
    "vbr-ebs-encryption-key-policy",
    "vbr-ebs-encryption-user",
    "vbr-glacier-batch-retrieval",
    "vbr-glacier-immutability-archiver-existing",
    "vbr-glacier-immutability-archiver-new",
    "vbr-glacier-no-immutability-archiver-existing",
    "vbr-glacier-no-immutability-archiver-new",
    "vbr-restore-to-ec2",
    "vbr-s3-immutability-helper-existing",
    "vbr-s3-immutability-helper-new",
    "vbr-s3-immutability",
    "vbr-s3-no-immutability-helper-existing",
    "vbr-s3-no-immutability-helper-new",
    "vbr-s3-no-immutability",
    "vbr-s3-read-only-immutability",
    "vbr-s3-read-only-no-immutability",
    "vbr-unstructured-s3-bucket-properties",
    "vbr-unstructured-s3-objects",
    "vbr-unstructured-s3-restore",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::known::known_action;
    use crate::set::{Grant, SetId};

    #[test]
    fn every_file_can_be_read() {
        let mut problems = Vec::new();
        read(&mut problems);
        assert_eq!(problems, []);
    }

    #[test]
    fn the_digest_differs_where_a_text_or_its_end_does() {
        let all = [
            &["a", "b"][..],
            &["ab"],
            &["a", "c"],
            &["b", "a"],
            &["a", "b", ""],
        ];
        let digests: std::collections::BTreeSet<u64> = all
            .iter()
            .map(|texts| digest(texts.iter().copied()))
            .collect();
        assert_eq!(digests.len(), all.len());
        assert_ne!(embedded_digest(), digest(std::iter::empty()));
    }

    #[test]
    fn every_file_of_the_folder_is_named() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut found: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml"))
            .collect();
        found.sort();
        let declaring = [VARIABLES.file, CONDITIONS.file];
        let mut named: Vec<&str> = FILES.iter().map(|file| file.file).collect();
        named.extend(declaring);
        named.sort_unstable();
        assert_eq!(found, named);
    }

    #[test]
    fn the_needs_of_keys_can_be_read() {
        let mut problems = Vec::new();
        let needs = read_keys(KEYS, &mut problems);
        assert_eq!(problems, []);
        assert!(needs.len() > 25, "{}", needs.len());
    }

    #[test]
    fn the_needs_of_settings_can_be_read_and_name_sets() {
        let mut problems = Vec::new();
        let needs = read_settings(SETTINGS_FILE, &mut problems);
        assert_eq!(problems, []);
        assert!(needs.len() > 10, "{}", needs.len());
        let catalog = Catalog::embedded();
        for need in needs {
            for set in &need.sets {
                assert!(catalog.set(set).is_some(), "{}: {set}", need.id);
            }
        }
    }

    #[test]
    fn the_needs_of_keys_name_what_is_known() {
        let catalog = Catalog::embedded();
        let conditions: BTreeSet<&str> = catalog.conditions().map(|(name, _)| name).collect();
        for need in key_needs() {
            for set in &need.sets {
                assert!(catalog.set(set).is_some(), "{}: {set}", need.id);
            }
            for action in &need.actions {
                let known = known_action(action).unwrap_or_else(|| panic!("{}: {action}", need.id));
                assert_eq!(known.name, action.as_str(), "{}", need.id);
            }
            let condition = need.condition.as_deref();
            assert!(
                condition.is_none_or(|one| conditions.contains(one)),
                "{}",
                need.id
            );
        }
    }

    /// A key policy has to grant what a set that is granted there names.
    #[test]
    fn every_set_of_key_policies_is_a_need_of_keys() {
        let needed: BTreeSet<&str> = key_needs()
            .iter()
            .flat_map(|need| &need.sets)
            .map(SetId::as_str)
            .collect();
        for set in Catalog::embedded().sets() {
            if set.grant == Grant::KeyPolicy {
                assert!(needed.contains(set.id.as_str()), "{}", set.id);
            }
        }
    }
}
