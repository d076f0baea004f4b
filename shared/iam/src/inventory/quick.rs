//! The quick way through a page of the listing.
//!
//! In: a text and where a page begins. Out: the page and where it ends, the same as serde makes of it; or nothing if it is
//! not written as the AWS CLI, boto3 or our own tools write it. A test holds the two ways equal.

use serde::de::IgnoredAny;

use super::scan::{Recent, Scanner};
use super::wire::{
    Attached, Boundary, GroupDetail, InlineDetail, InstanceProfile, Item, Page, PageEnds,
    PolicyDetail, PrincipalDetail, Raw, Tag, VersionDetail,
};

/// The page that begins at an offset, and the offset behind it.
pub(super) fn page(text: &str, start: usize) -> Option<(Page<'_, false>, usize)> {
    let mut scanner = Scanner::new(text, start);
    let mut recent = Recents::default();
    let mut page = Page::default();
    let mut ends = PageEnds::default();
    let mut once = Once::default();
    scanner.object(|scanner, key| {
        match key {
            "UserDetailList" => {
                once.first(0)?;
                page.users = scanner.collect(|scanner| principal(scanner, &mut recent))?;
            }
            "GroupDetailList" => {
                once.first(1)?;
                page.groups = scanner.collect(|scanner| group(scanner, &mut recent))?;
            }
            "RoleDetailList" => {
                once.first(2)?;
                page.roles = scanner.collect(|scanner| principal(scanner, &mut recent))?;
            }
            "Policies" => {
                once.first(3)?;
                page.policies = scanner.collect(|scanner| policy(scanner, &mut recent))?;
            }
            "IsTruncated" => ends.truncated = scanner.value()?,
            "Marker" => ends.marker = scanner.value::<Option<IgnoredAny>>()?.is_some(),
            "NextToken" => ends.next_token = scanner.value::<Option<IgnoredAny>>()?.is_some(),
            _ => return None,
        }
        page.met(key);
        Some(())
    })?;
    page.goes_on = ends.goes_on();
    Some((page, scanner.at()))
}

/// Documents met lately, by where they stand.
#[derive(Default)]
struct Recents<'t> {
    trusts: Recent<'t>,
    inline: Recent<'t>,
    versions: Recent<'t>,
}

/// Fields that were met, by number: serde refuses a second one.
#[derive(Default)]
struct Once(u32);

impl Once {
    fn first(&mut self, field: u32) -> Option<()> {
        let before = self.0;
        self.0 |= 1 << field;
        (self.0 != before).then_some(())
    }
}

fn principal<'t>(
    scanner: &mut Scanner<'t>,
    recent: &mut Recents<'t>,
) -> Option<Item<'t, PrincipalDetail<'t>, false>> {
    let mut arn = None;
    let mut detail = PrincipalDetail::default();
    let mut once = Once::default();
    scanner.object(|scanner, key| {
        match key {
            "Arn" => {
                once.first(0)?;
                arn = Some(scanner.string()?);
            }
            "UserId" | "RoleId" => {
                once.first(1)?;
                detail.id = scanner.string()?.into();
            }
            "CreateDate" => {
                once.first(2)?;
                detail.created = scanner.string()?.into();
            }
            "UserPolicyList" | "RolePolicyList" => {
                once.first(3)?;
                detail.inline = Some(inline(scanner, &mut recent.inline)?);
            }
            "GroupList" => {
                once.first(4)?;
                detail.groups = Some(scanner.collect(|scanner| scanner.string().map(Into::into))?);
            }
            "AttachedManagedPolicies" => {
                once.first(5)?;
                detail.attached = Some(attached(scanner)?);
            }
            "PermissionsBoundary" => {
                once.first(6)?;
                let arn = one(scanner, "PermissionsBoundaryArn")?.into();
                detail.boundary = Some(Boundary { arn });
            }
            "AssumeRolePolicyDocument" => {
                once.first(7)?;
                detail.trust = Some(Raw(scanner.document(&mut recent.trusts)?));
            }
            "InstanceProfileList" => {
                once.first(8)?;
                let profiles = scanner.collect(|scanner| profile(scanner, &mut recent.trusts))?;
                detail.instance_profiles = Some(profiles);
            }
            "Tags" => {
                once.first(9)?;
                detail.tags = Some(scanner.collect(tag)?);
            }
            _ => scanner.skip()?,
        }
        Some(())
    })?;
    detail.arn = arn?.into();
    Some(Item(Ok(detail)))
}

fn group<'t>(
    scanner: &mut Scanner<'t>,
    recent: &mut Recents<'t>,
) -> Option<Item<'t, GroupDetail<'t>, false>> {
    let (mut name, mut policies, mut managed) = (None, None, None);
    let mut once = Once::default();
    scanner.object(|scanner, key| {
        match key {
            "GroupName" => {
                once.first(0)?;
                name = Some(scanner.string()?);
            }
            "GroupPolicyList" => {
                once.first(1)?;
                policies = Some(inline(scanner, &mut recent.inline)?);
            }
            "AttachedManagedPolicies" => {
                once.first(2)?;
                managed = Some(attached(scanner)?);
            }
            _ => scanner.skip()?,
        }
        Some(())
    })?;
    Some(Item(Ok(GroupDetail {
        name: name?.into(),
        inline: policies,
        attached: managed,
    })))
}

fn policy<'t>(
    scanner: &mut Scanner<'t>,
    recent: &mut Recents<'t>,
) -> Option<Item<'t, PolicyDetail<'t>, false>> {
    let (mut arn, mut name, mut versions) = (None, "", None);
    let mut once = Once::default();
    scanner.object(|scanner, key| {
        match key {
            "Arn" => {
                once.first(0)?;
                arn = Some(scanner.string()?);
            }
            "PolicyName" => {
                once.first(1)?;
                name = scanner.string()?;
            }
            "PolicyVersionList" => {
                once.first(2)?;
                let all = scanner.collect(|scanner| version(scanner, &mut recent.versions))?;
                versions = Some(all);
            }
            _ => scanner.skip()?,
        }
        Some(())
    })?;
    Some(Item(Ok(PolicyDetail {
        arn: arn?.into(),
        name: name.into(),
        versions,
    })))
}

fn version<'t>(scanner: &mut Scanner<'t>, recent: &mut Recent<'t>) -> Option<VersionDetail<'t>> {
    let mut detail = VersionDetail::default();
    let mut once = Once::default();
    scanner.object(|scanner, key| {
        match key {
            "Document" => {
                once.first(0)?;
                detail.document = Some(Raw(scanner.document(recent)?));
            }
            "VersionId" => {
                once.first(1)?;
                detail.id = scanner.string()?.into();
            }
            "IsDefaultVersion" => {
                once.first(2)?;
                detail.is_default = scanner.value()?;
            }
            _ => scanner.skip()?,
        }
        Some(())
    })?;
    Some(detail)
}

fn inline<'t>(scanner: &mut Scanner<'t>, recent: &mut Recent<'t>) -> Option<Vec<InlineDetail<'t>>> {
    scanner.collect(|scanner| {
        let (mut name, mut document) = (None, None);
        let mut once = Once::default();
        scanner.object(|scanner, key| {
            match key {
                "PolicyName" => {
                    once.first(0)?;
                    name = Some(scanner.string()?);
                }
                "PolicyDocument" => {
                    once.first(1)?;
                    document = Some(scanner.document(recent)?);
                }
                _ => scanner.skip()?,
            }
            Some(())
        })?;
        Some(InlineDetail {
            name: name?.into(),
            document: Raw(document?),
        })
    })
}

fn attached(scanner: &mut Scanner<'_>) -> Option<Vec<Attached>> {
    scanner.collect(|scanner| {
        let arn = one(scanner, "PolicyArn")?.into();
        Some(Attached { arn })
    })
}

/// The name of an instance profile. The roles in it are listed once more there, trust policies included.
fn profile<'t>(scanner: &mut Scanner<'t>, trusts: &mut Recent<'t>) -> Option<InstanceProfile> {
    let mut name = None;
    scanner.object(|scanner, key| match key {
        "InstanceProfileName" if name.is_none() => {
            name = Some(scanner.string()?);
            Some(())
        }
        "InstanceProfileName" => None,
        "Roles" => scanner.list(|scanner| {
            scanner.object(|scanner, key| match key {
                "AssumeRolePolicyDocument" => scanner.document(trusts).map(|_| ()),
                _ => scanner.skip(),
            })
        }),
        _ => scanner.skip(),
    })?;
    Some(InstanceProfile { name: name?.into() })
}

fn tag(scanner: &mut Scanner<'_>) -> Option<Tag> {
    let (mut tag_key, mut value) = (None, None);
    scanner.object(|scanner, key| {
        let place = match key {
            "Key" => &mut tag_key,
            "Value" => &mut value,
            _ => return scanner.skip(),
        };
        place.replace(scanner.string()?).is_none().then_some(())
    })?;
    Some(Tag {
        key: tag_key?.into(),
        value: value?.into(),
    })
}

/// The one wanted text of an object.
fn one<'t>(scanner: &mut Scanner<'t>, wanted: &str) -> Option<&'t str> {
    let mut found = None;
    scanner.object(|scanner, key| {
        if key != wanted {
            return scanner.skip();
        }
        found.replace(scanner.string()?).is_none().then_some(())
    })?;
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use generator::{Shape, account};
    use proptest::prelude::*;

    use crate::inventory::read::read_ordinarily;
    use crate::inventory::{self, Inventory, ReadInventoryError};

    /// What came of a reading, in a fixed order.
    fn told(read: Result<Inventory, ReadInventoryError>) -> Result<String, String> {
        let inventory = read.map_err(|error| error.to_string())?;
        let policies: BTreeMap<_, _> = inventory.policies.iter().collect();
        Ok(format!(
            "{:?}\n{:#?}\n{:#?}\n{policies:#?}\n{:#?}",
            inventory.account, inventory.principals, inventory.groups, inventory.gaps
        ))
    }

    fn both_ways(text: &str) -> (Result<String, String>, Result<String, String>) {
        (
            told(inventory::read(text.as_bytes())),
            told(read_ordinarily(text)),
        )
    }

    /// A listing, and its pages on the wire, one after the other.
    fn texts(seed: u64) -> [String; 2] {
        let shape = Shape {
            roles: 4,
            users: 2,
            role_sets: vec!["vbaws-role-impersonation".to_owned()],
            user_sets: vec!["vbaws-repository-kms-encryption".to_owned()],
            tagged_percent: 100,
        };
        let made = account(&shape, seed);
        let pages = made.to_wire_pages(15);
        let pages: Vec<String> = pages.iter().map(ToString::to_string).collect();
        [String::from_utf8(made.to_json()).unwrap(), pages.join("\n")]
    }

    static TEXTS: LazyLock<[[String; 2]; 3]> = LazyLock::new(|| [1, 2, 3].map(texts));

    #[test]
    fn the_quick_way_is_taken_for_what_aws_and_we_write() {
        for text in &TEXTS[0] {
            let (page, end) = super::page(text, 0).unwrap();
            assert!(page.details && end > 1000);
            let (quick, ordinary) = both_ways(text);
            assert_eq!(quick, ordinary);
            assert!(quick.is_ok());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is wrong with a listing, both ways say the same of it.
        #[test]
        fn the_quick_way_never_leads_elsewhere(
            seed in 0usize..3,
            wire in any::<bool>(),
            at in any::<prop::sample::Index>(),
            removed in 0usize..40,
            inserted in prop_oneof![
                Just(""), Just("\""), Just("\\"), Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just(":"),
                Just("null"), Just("7"), Just("\"Arn\": \"x\", "), Just("\\u0041"), Just("\n"), Just(" "), Just("\u{1}"),
                Just("{}"), Just("[]"), Just("true"), Just("é"),
            ],
        ) {
            let text = &TEXTS[seed][usize::from(wire)];
            let mut at = at.index(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let mut end = (at + removed).min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let mut changed = text.clone();
            changed.replace_range(at..end, inserted);
            let (quick, ordinary) = both_ways(&changed);
            prop_assert_eq!(quick, ordinary);
        }
    }
}
