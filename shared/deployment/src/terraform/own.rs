//! Own policies: what does a role, user or group hold that stands in its own resource?
//!
//! The provider `aws` has such policies for roles only, `awscc` for all three.

use iam::PrincipalKind;
use iam::policy::validate::DocumentKind;

use super::grant::{Grant, Policy, PolicyForm};
use super::plan::{Attribute, Planned};
use super::walk::{Inline, Walk, doubt, holder, without_line};
use crate::assembly::{AfterDeployment, Named, Target};
use crate::node::{Node, Unknown};

impl Walk<'_, '_, '_> {
    /// What stands in the resource itself: as the configuration has it, else what was read of one that is there already.
    pub(super) fn own_policies(&mut self, one: &Planned<'_>, kind: Option<PrincipalKind>) {
        let holder = holder(one.address, kind);
        let name = one.text("name");
        let this = (one.address, name.as_deref());
        let is_configured = |name| self.plan.is_configured(one, name);
        let (inline, managed) = (
            is_configured("inline_policy"),
            is_configured("managed_policy_arns"),
        );
        match self.plan.attribute(one, "inline_policy") {
            Attribute::Known(list) => {
                for block in list.items() {
                    let member = |name, in_awscc| block.get(name).or_else(|| block.get(in_awscc));
                    let name = member("name", "policy_name").and_then(Node::known);
                    let Some(name) = name.filter(|name| !name.is_empty()) else {
                        continue;
                    };
                    self.assembly
                        .check_name(one.address, 0, Named::InlinePolicy, name);
                    let perhaps = match inline {
                        true => None,
                        false => {
                            match self.after_apply(this, kind, Policy::Inline(name.to_owned())) {
                                AfterDeployment::Removed => continue,
                                AfterDeployment::Stays => None,
                                AfterDeployment::Unknown(why) => Some(why),
                            }
                        }
                    };
                    let document = member("policy", "policy_document");
                    let document = match document.filter(|node| node.is_there()) {
                        Some(node) => {
                            if perhaps.is_none() {
                                self.assembly.count_inline(holder, node);
                            }
                            self.assembly.document(
                                (one.address, DocumentKind::Inline),
                                &without_line(node),
                                perhaps.as_ref(),
                            )
                        }
                        None => self
                            .assembly
                            .unreadable(0, "the policy is known only after apply"),
                    };
                    self.inlines.push(Inline {
                        kind,
                        id: one.address.to_owned(),
                        name: name.to_owned(),
                        document,
                    });
                }
            }
            Attribute::Unknown(why) if inline => {
                let label = self.assembly.label("inline_policy", 0);
                let document = self.assembly.unreadable(0, &why.why);
                self.assembly.write_into(holder, label, document);
            }
            // Not configured and not known: a new one has none.
            Attribute::Unknown(_) | Attribute::Absent => {}
        }
        if managed {
            for (policy, perhaps) in self.plan.targets(one, "managed_policy_arns") {
                self.assembly.attach(holder, &policy, 0, perhaps.as_ref());
            }
        } else if let Attribute::Known(list) = self.plan.attribute(one, "managed_policy_arns") {
            for arn in list.items().iter().filter_map(Node::known) {
                let perhaps = match self.after_apply(this, kind, Policy::Managed(arn.to_owned())) {
                    AfterDeployment::Removed => continue,
                    AfterDeployment::Stays => None,
                    AfterDeployment::Unknown(why) => Some(why),
                };
                let policy = Target::Named(arn.to_owned());
                self.assembly.attach(holder, &policy, 0, perhaps.as_ref());
            }
        }
    }

    /// What becomes of a policy that was read of a role, user or group and stands in no resource that it is itself.
    pub(super) fn after_apply(
        &self,
        (id, name): (&str, Option<&str>),
        kind: Option<PrincipalKind>,
        policy: Policy,
    ) -> AfterDeployment {
        let (target, form) = match &policy {
            Policy::Inline(name) => (Target::Named(name.clone()), PolicyForm::Inline),
            Policy::Managed(arn) => (Target::Named(arn.clone()), PolicyForm::Managed),
        };
        let deleted = self.deleted(&policy);
        if let Some(holder) = name {
            let grant = Grant {
                kind,
                holder: holder.to_owned(),
                policy,
            };
            let grants = self.plan.grants();
            if grants.is_kept(&grant) {
                return AfterDeployment::Removed;
            }
            if let Some(taker) = grants.removed_by(&grant) {
                let apart = self.plan.other_account(taker, id);
                return apart.map_or(AfterDeployment::Removed, AfterDeployment::Unknown);
            }
        }
        match self.excluded(kind, id, form, &[target]) {
            None => deleted.map_or(AfterDeployment::Stays, AfterDeployment::Unknown),
            Some(one) if one.sure => AfterDeployment::Removed,
            Some(one) => AfterDeployment::Unknown(one.why()),
        }
    }

    /// Why a policy may not be there: the plan deletes it, which IAM refuses as long as somebody holds it.
    pub(super) fn deleted(&self, policy: &Policy) -> Option<Unknown> {
        let Policy::Managed(arn) = policy else {
            return None;
        };
        let address = self.plan.grants().deleted(arn)?;
        Some(doubt(format!(
            "`{address}` is deleted while it is attached"
        )))
    }
}
