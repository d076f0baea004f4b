//! Faults of resources in words: what is wrong with which key, bucket, vault, region or endpoint, and what is to be done?
//!
//! In: a fault, or what a finding keeps of it. Out: sentences. Of a key's id they say the last four characters.

use audit::Code;
use audit::finding::{Finding, Item};
use audit::resource_faults::fault::{ResourceFault, Weight};
use audit::resource_faults::topic::FaultTopic;

use crate::words::plain::plain;

/// `bucket b has a default retention (COMPLIANCE, 30 days)`: what is wrong, as a sentence without a full stop.
#[must_use]
pub fn sentence(item: &Item) -> String {
    format!("{} {}", plain(&item.place), plain(&item.name))
}

/// The same of a fault, with what its weight adds.
#[must_use]
pub fn fault(fault: &ResourceFault) -> String {
    let said = sentence(&fault.item());
    match fault.weight {
        Weight::Breaks => said,
        Weight::Unknown => format!("{said}; it is not known whether that matters"),
        Weight::Notice => format!("{said}; nothing breaks, as far as is known"),
    }
}

/// What to do about a fault of a resource.
#[must_use]
pub fn remedy(fault: &ResourceFault) -> &'static str {
    step(fault.kind.topic(), &fault.kind.words())
}

/// What to do about a topic, with the words for what was found.
fn step(topic: FaultTopic, found: &str) -> &'static str {
    match topic {
        FaultTopic::NotThere => {
            "Make it again, or declare the one that Veeam works with now; what was in a deleted one is lost."
        }
        FaultTopic::KeyState if found.contains("to be deleted") => {
            "Ask whoever owns the key to cancel its deletion (`aws kms cancel-key-deletion`) and to enable it (`aws kms enable-key`). What a deleted key encrypted is lost."
        }
        FaultTopic::KeyState if found.contains("disabled") => {
            "Ask whoever owns the key to enable it: `aws kms enable-key`."
        }
        FaultTopic::KeyState => {
            "Ask whoever owns the key to bring it back: to import its material again, or to connect its key store."
        }
        FaultTopic::KeyMaterialExpires => {
            "Ask whoever owns the key to import its material again before that day."
        }
        FaultTopic::KeyMaterialExpired => {
            "Ask whoever owns the key to import the same material again: `aws kms import-key-material`."
        }
        FaultTopic::KeySpec | FaultTopic::KeyManagedByAws => {
            "Choose a symmetric, customer managed key in Veeam, and declare that."
        }
        FaultTopic::KeyNotShareable => {
            "Encrypt what is protected with a customer managed key, or run the workers in the account of the data."
        }
        FaultTopic::KeyRegion => {
            "Choose a key in the region of the bucket in Veeam, and declare that."
        }
        FaultTopic::DeadPrincipal => {
            "Ask whoever owns the policy to name the present user or role by its ARN in place of the id."
        }
        FaultTopic::BucketEncryption => {
            "Set the default encryption of the bucket to SSE-S3, or let whoever writes use the key. Objects that are there keep their encryption."
        }
        FaultTopic::VersionsWithoutLock
        | FaultTopic::LockWithoutVersions
        | FaultTopic::NoVersions
        | FaultTopic::NoLock => {
            "Make a new bucket with versioning and Object Lock both on (for immutable backups) or both off, and add the repository there. Do not switch them on a bucket in use."
        }
        FaultTopic::LockNotMeant | FaultTopic::VersionsNotMeant => {
            "Use another bucket for this repository; for immutable backups bind the set with immutability."
        }
        FaultTopic::MfaDelete => {
            "Ask whoever owns the bucket to switch MFA Delete off, which takes the root user of its account."
        }
        FaultTopic::DefaultRetention => {
            "Ask whoever owns the bucket to take the default retention away; Veeam sets a retention for each object."
        }
        FaultTopic::Lifecycle => {
            "Ask whoever owns the bucket to disable the rule, or to narrow it to what is not Veeam's."
        }
        FaultTopic::Replication => {
            "Ask whoever owns the bucket to switch replication off; copy backups with Veeam."
        }
        FaultTopic::RequesterPays => "Ask whoever owns the bucket to switch Requester Pays off.",
        FaultTopic::BucketNotOwn => {
            "Use a bucket in the account of the role; an appliance works with no other. If Veeam works with another bucket now, declare that."
        }
        FaultTopic::VaultLocked | FaultTopic::VaultKind => {
            "Choose a vault in Veeam that is neither locked nor air-gapped, and declare that."
        }
        FaultTopic::VaultState => {
            "Wait until AWS Backup has made the vault; one that failed has to be made again, or another one declared."
        }
        FaultTopic::NoVault => "Create a backup vault in that region, and choose it in Veeam.",
        FaultTopic::NotOptedIn | FaultTopic::NotManaged => {
            "Switch it on (`aws backup update-region-settings`), or allow the role backup:UpdateRegionSettings, so that Veeam does."
        }
        FaultTopic::NoServiceRole => {
            "Let AWS Backup make it: `aws iam create-service-linked-role --aws-service-name backup.amazonaws.com`."
        }
        FaultTopic::VolumesEncrypted => {
            "Restore machines with encrypted volumes without a helper appliance."
        }
        FaultTopic::RegionNotEnabled => {
            "Enable the region for the account (`aws account enable-region`), or take it out of the declared regions."
        }
        FaultTopic::RegionNotListed => "Look for a mistyped name among the declared regions.",
        FaultTopic::EndpointState
        | FaultTopic::EndpointDns
        | FaultTopic::EndpointMissing
        | FaultTopic::EndpointGateway
        | FaultTopic::EndpointApart => {
            "Ask whoever owns the network for an interface endpoint that is available, with private DNS, in the workers' VPC."
        }
    }
}

/// What to do about the resources that a finding names, each step once.
#[must_use]
pub fn remedies(finding: &Finding) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    let about = finding.items.iter();
    for (topic, item) in about.filter_map(|item| Some((FaultTopic::of(item)?, item))) {
        let step = step(topic, &item.name).to_owned();
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps
}

/// The sentences about resources of a finding.
#[must_use]
pub fn sentences(finding: &Finding) -> Vec<String> {
    let items = finding.items.iter();
    let about = items.filter(|item| FaultTopic::of(item).is_some());
    about.map(sentence).collect()
}

/// What is wrong, in a line: the first sentence, and how many more there are. `None` for findings of another code.
#[must_use]
pub fn summary(finding: &Finding) -> Option<String> {
    let is_about_resources = match finding.code {
        Code::KeyState | Code::ResourceSettings => true,
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::Coverage
        | Code::Undetermined
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::AuditFailed => false,
    };
    let sentences = sentences(finding);
    let first = sentences.first().filter(|_| is_about_resources)?;
    Some(match sentences.len() {
        1 => first.clone(),
        number => format!("{first} and {} more", number - 1),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use audit::settings::Owners;
    use audit::{EventKind, Level};

    use super::*;
    use crate::machine::event::tests::event;
    use crate::words::finding::{headline, paragraphs, remedies as remedies_of};

    #[test]
    fn every_topic_says_what_to_do() {
        for topic in FaultTopic::ALL {
            let remedy = step(topic, "");
            assert!(remedy.ends_with('.') && remedy.len() > 30, "{topic:?}");
        }
    }

    /// What happened, then what breaks, then what to do.
    #[test]
    fn a_finding_on_a_key_reads_in_order() {
        let mut finding = event(EventKind::Opened, 1).finding;
        finding.code = Code::KeyState;
        finding.set = "vbaws-role-repository".into();
        finding.level = Level::Critical;
        finding.impact = "Backups stop.".into();
        finding.lacks = Arc::default();
        finding.items = Arc::new(
            [Item {
                name: "is now to be deleted on 2026-11-24".into(),
                place: "key …90ab in eu-central-1 of 111122223333".into(),
            }]
            .into(),
        );
        assert_eq!(
            headline(&finding),
            "key …90ab in eu-central-1 of 111122223333 is now to be deleted on 2026-11-24: vbaws-role-repository of role VeeamRestore needs it"
        );
        let said = paragraphs(&finding, remedies_of(&finding, &Owners::default()));
        assert_eq!(said[0], "critical: Backups stop.");
        assert_eq!(
            said[1],
            "key …90ab in eu-central-1 of 111122223333 is now to be deleted on 2026-11-24"
        );
        assert!(said[2].starts_with("Ask whoever owns the key"), "{said:?}");
    }
}
