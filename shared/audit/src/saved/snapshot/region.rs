//! Regions: what is set for the account in one, and what is there?

use std::collections::{BTreeMap, BTreeSet};

use iam::{Arn, Document};
use serde::Deserialize;

use super::json::Value;
use super::output::Output;
use super::policies;
use crate::resources::{BackupSettings, Region, SourceKind, VpcEndpoint};

const DEFAULT_KEY: &str = "get-ebs-default-kms-key-id";
const BY_DEFAULT: &str = "get-ebs-encryption-by-default";
const SETTINGS: &str = "describe-region-settings";
const ENDPOINTS: &str = "describe-vpc-endpoints";
const VAULTS: &str = "list-backup-vaults";

/// A command that lists what may be encrypted.
struct Listed {
    command: &'static str,
    kind: SourceKind,
    /// The list in what it prints.
    list: &'static str,
}

const SOURCES: [Listed; 4] = [
    Listed {
        command: "describe-volumes",
        kind: SourceKind::Volume,
        list: "Volumes",
    },
    Listed {
        command: "describe-snapshots",
        kind: SourceKind::EbsSnapshot,
        list: "Snapshots",
    },
    Listed {
        command: "describe-db-instances",
        kind: SourceKind::DbInstance,
        list: "DBInstances",
    },
    Listed {
        command: "describe-db-clusters",
        kind: SourceKind::DbCluster,
        list: "DBClusters",
    },
];

/// A region under its name; `None` where that is none, which was noted.
pub(super) fn read(name: &str, value: &Value<'_, '_>) -> Option<Region> {
    let mut parts = name.split('-');
    let ends_in_number = parts
        .next_back()
        .is_some_and(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()));
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_lowercase());
    if !ends_in_number || parts.clone().count() < 2 || !parts.all(is_word) {
        value.mistake(format!(
            "`{name}` is no region: expected one such as `eu-central-1`"
        ));
        return None;
    }
    let known: Vec<&str> = [DEFAULT_KEY, BY_DEFAULT, SETTINGS, ENDPOINTS, VAULTS]
        .into_iter()
        .chain(SOURCES.iter().map(|listed| listed.command))
        .collect();
    let commands = value.section(&known, "an object with what commands print for the region")?;
    let part = |command| Output::of(&commands, command, &[]);
    let mut source_keys = BTreeMap::new();
    for listed in &SOURCES {
        if commands.get(listed.command).is_some() {
            let keys = part(listed.command).list(|value| keys(name, listed, value));
            source_keys.insert(listed.kind, keys);
        }
    }
    Some(Region {
        ebs_default_key: part(DEFAULT_KEY).printed(|value| default_key(name, value)),
        ebs_encryption_by_default: part(BY_DEFAULT).printed(by_default),
        backup: part(SETTINGS).printed(settings),
        endpoints: part(ENDPOINTS).list(endpoints),
        vaults: part(VAULTS).list(|value| vaults(name, value)),
        source_keys,
    })
}

/// Notes a key of another region, which nothing in this one can use.
fn is_of(region: &str, key: &str, value: &Value<'_, '_>) -> bool {
    match Arn::parse(key) {
        Ok(arn) if arn.region != region => {
            value.mistake(format!(
                "`{key}` is in {}, and this stands under {region}: run the command with `--region {region}`",
                arn.region
            ));
            false
        }
        Ok(_) | Err(_) => true,
    }
}

fn default_key(region: &str, value: &Value<'_, '_>) -> Option<Box<str>> {
    const EXPECTED: &str = "what `aws ec2 get-ebs-default-kms-key-id` prints";
    let printed = value.printed(&["KmsKeyId"], &[], EXPECTED)?;
    let value = printed.required("KmsKeyId", EXPECTED)?;
    let key = value.text(EXPECTED)?;
    if key.is_empty() {
        value.mistake(format!("there is no key: expected {EXPECTED}"));
        return None;
    }
    is_of(region, &key, value).then_some(key)
}

fn by_default(value: &Value<'_, '_>) -> Option<bool> {
    const EXPECTED: &str = "what `aws ec2 get-ebs-encryption-by-default` prints";
    let printed = value.printed(&["EbsEncryptionByDefault"], &["SseType"], EXPECTED)?;
    printed
        .required("EbsEncryptionByDefault", EXPECTED)?
        .read("true or false")
}

fn settings(value: &Value<'_, '_>) -> Option<BackupSettings> {
    const EXPECTED: &str = "what `aws backup describe-region-settings` prints";
    const OPT_IN: &str = "ResourceTypeOptInPreference";
    const MANAGEMENT: &str = "ResourceTypeManagementPreference";
    let printed = value.printed(&[OPT_IN, MANAGEMENT], &[], EXPECTED)?;
    Some(BackupSettings {
        opt_in: printed.required(OPT_IN, EXPECTED)?.read(EXPECTED)?,
        management: match printed.get(MANAGEMENT) {
            Some(management) => management.read(EXPECTED)?,
            None => BTreeMap::new(),
        },
    })
}

fn endpoints(value: &Value<'_, '_>) -> Option<Vec<VpcEndpoint>> {
    const EXPECTED: &str = "what `aws ec2 describe-vpc-endpoints` prints";
    let printed = value.printed(&["VpcEndpoints"], &[], EXPECTED)?;
    let endpoints = printed
        .required("VpcEndpoints", EXPECTED)?
        .items(EXPECTED)?;
    endpoints.iter().map(endpoint).collect()
}

fn endpoint(value: &Value<'_, '_>) -> Option<VpcEndpoint> {
    const EXPECTED: &str = "an endpoint as `aws ec2 describe-vpc-endpoints` prints it";
    const READ: [&str; 7] = [
        "VpcEndpointId",
        "VpcEndpointType",
        "VpcId",
        "ServiceName",
        "State",
        "PrivateDnsEnabled",
        "PolicyDocument",
    ];
    const OTHER: [&str; 18] = [
        "RouteTableIds",
        "SubnetIds",
        "Groups",
        "IpAddressType",
        "DnsOptions",
        "RequesterManaged",
        "NetworkInterfaceIds",
        "DnsEntries",
        "CreationTimestamp",
        "Tags",
        "OwnerId",
        "LastError",
        "Ipv4Prefixes",
        "Ipv6Prefixes",
        "FailureReason",
        "ServiceNetworkArn",
        "ResourceConfigurationArn",
        "ServiceRegion",
    ];
    let fields = value.printed(&READ, &OTHER, EXPECTED)?;
    let private_dns = match fields.get("PrivateDnsEnabled") {
        Some(flag) => flag.read("true or false")?,
        // A gateway endpoint has none.
        None => false,
    };
    let policy = fields
        .get("PolicyDocument")
        .filter(|document| !document.is_nothing());
    Some(VpcEndpoint {
        id: fields.text("VpcEndpointId", EXPECTED)?,
        vpc: fields.text("VpcId", EXPECTED)?,
        service: fields.text("ServiceName", EXPECTED)?,
        kind: fields.text("VpcEndpointType", EXPECTED)?,
        state: fields.text("State", EXPECTED)?.to_ascii_lowercase().into(),
        private_dns,
        policy: policy.map(|document| policies::parse(document, Document::parse_resource_policy)),
    })
}

fn vaults(region: &str, value: &Value<'_, '_>) -> Option<BTreeSet<Box<str>>> {
    const EXPECTED: &str = "what `aws backup list-backup-vaults` prints";
    let printed = value.printed(&["BackupVaultList"], &[], EXPECTED)?;
    let vaults = printed
        .required("BackupVaultList", EXPECTED)?
        .items(EXPECTED)?;
    let mut names = BTreeSet::new();
    for vault in vaults {
        let fields = vault.printed(&["BackupVaultName", "BackupVaultArn"], &[], EXPECTED)?;
        if !is_of(region, &fields.text("BackupVaultArn", EXPECTED)?, &vault) {
            return None;
        }
        names.insert(fields.text("BackupVaultName", EXPECTED)?);
    }
    Some(names)
}

fn keys(region: &str, listed: &Listed, value: &Value<'_, '_>) -> Option<BTreeSet<Box<str>>> {
    /// What volumes, EBS snapshots and databases have in common.
    #[derive(Deserialize)]
    struct Source {
        #[serde(rename = "Encrypted", alias = "StorageEncrypted")]
        encrypted: Option<bool>,
        #[serde(rename = "KmsKeyId")]
        key: Option<Box<str>>,
    }
    let expected = format!("what `aws {}` prints", listed.whole_command());
    let printed = value.printed(&[listed.list], &[], &expected)?;
    let list = printed.required(listed.list, &expected)?;
    let sources: Vec<Source> = list.read(&expected)?;
    let mut keys = BTreeSet::new();
    for source in sources {
        match source.key {
            Some(key) if keys.contains(&*key) => {}
            Some(key) if is_of(region, &key, list) => _ = keys.insert(Box::from(&*key)),
            Some(_) => return None,
            None if source.encrypted == Some(true) => {
                list.mistake(format!(
                    "something is encrypted and has no `KmsKeyId`: expected {expected}"
                ));
                return None;
            }
            None => {}
        }
    }
    Some(keys)
}

impl Listed {
    fn whole_command(&self) -> String {
        let service = match self.kind {
            SourceKind::Volume | SourceKind::EbsSnapshot => "ec2",
            SourceKind::DbInstance | SourceKind::DbCluster => "rds",
        };
        format!("{service} {}", self.command)
    }
}
