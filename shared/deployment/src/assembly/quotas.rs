//! Quotas: what does IAM refuse because it is too long or too many?
//!
//! IAM counts the characters of a policy without white space. A policy of which a part is not known is not counted. What is
//! above a maximum makes the deployment fail, so it is a gap; what AWS raises on request is a note.

use std::collections::BTreeMap;

use iam::PrincipalKind;

use super::Assembly;
use super::entities::Holder;
use crate::document;
use crate::node::Node;

const MANAGED: usize = 6_144;
const INLINE_USER: usize = 2_048;
const INLINE_GROUP: usize = 5_120;
const INLINE_ROLE: usize = 10_240;
/// Characters of a trust policy: by default, and at most.
const TRUST: (usize, usize) = (2_048, 4_096);
/// Managed policies of one principal: by default, and at most.
const ATTACHED: (usize, usize) = (10, 20);

impl Assembly<'_> {
    /// Counts a managed policy.
    pub(crate) fn count_managed(&mut self, id: &str, node: &Node) {
        let size = document::size(node).unwrap_or(0);
        if size > MANAGED {
            let why = format!(
                "the managed policy has {size} characters without white space, and IAM's quota is {MANAGED}"
            );
            let gap = self.gap(id, node.line, &why);
            self.gaps.push(gap);
        }
    }

    /// Counts an inline policy among those of whoever holds it.
    pub(crate) fn count_inline(&mut self, holder: Holder<'_>, node: &Node) {
        let size = document::size(node).unwrap_or(0);
        let (id, sizes) = match holder {
            Holder::Principal(id) => (id, &mut self.inline_of_principals),
            Holder::Group(id) => (id, &mut self.inline_of_groups),
        };
        *sizes.entry(id.to_owned()).or_default() += size;
    }

    /// Adds a gap or a note for a trust policy that is above its quota.
    pub(super) fn check_trust_size(&mut self, id: &str, node: &Node) {
        let (usual, most) = TRUST;
        let size = document::size(node).unwrap_or(0);
        if size > most {
            let why = format!(
                "the trust policy has {size} characters without white space, and IAM takes {most} at most"
            );
            let gap = self.gap(id, node.line, &why);
            self.gaps.push(gap);
        } else if size > usual {
            self.notes.insert(format!(
                "the trust policy of `{id}` has {size} characters without white space: IAM's quota is {usual} unless it was raised, to {most} at most"
            ));
        }
    }

    /// Adds a gap or a note for everything that is above its quota.
    pub(super) fn check_quotas(&mut self) {
        let groups = above(&self.inline_of_groups, |_| Some(INLINE_GROUP));
        let principals = above(&self.inline_of_principals, |id| {
            Some(match self.principals.get(id)?.kind {
                PrincipalKind::User => INLINE_USER,
                PrincipalKind::Role => INLINE_ROLE,
            })
        });
        for (id, size, quota) in groups.into_iter().chain(principals) {
            let line = self.principals.get(&id).map_or(0, |one| one.line);
            let why = format!(
                "its inline policies have {size} characters without white space, and IAM's quota is {quota} for all of them"
            );
            let gap = self.gap(&id, line, &why);
            self.gaps.push(gap);
        }
        let (usual, most) = ATTACHED;
        let mut gaps = Vec::new();
        for (id, one) in &self.principals {
            // One that may not be attached is called so.
            let certain = one.attached.iter();
            let certain = certain.filter(|key| !key.ends_with(super::IF_ATTACHED));
            let count = certain.count();
            if count > most {
                let why = format!("it has {count} managed policies, and IAM takes {most} at most");
                gaps.push(self.gap(id, one.line, &why));
            } else if count > usual {
                self.notes.insert(format!(
                    "`{id}` has {count} managed policies: IAM's quota is {usual} unless it was raised, to {most} at most"
                ));
            }
        }
        self.gaps.append(&mut gaps);
    }
}

/// Whoever has more characters than the quota, with both.
fn above(
    sizes: &BTreeMap<String, usize>,
    quota: impl Fn(&str) -> Option<usize>,
) -> Vec<(String, usize, usize)> {
    let all = sizes.iter().filter_map(|(id, &size)| {
        let quota = quota(id)?;
        (size > quota).then(|| (id.clone(), size, quota))
    });
    all.collect()
}
