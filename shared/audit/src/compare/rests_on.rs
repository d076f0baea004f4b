//! Rests on: was all read again that a denial rested on of which people were told?
//!
//! A denial is over only where an audit looked again at the layers that it blamed, for the same resource, and did not find it. In: a
//! finding of the baseline and the verdict of this audit. Out: what of the finding nobody saw this time.
//!
//! What is wrong with the state or the settings of a resource is the business of `seen`.

mod endpoints;

use std::collections::{BTreeMap, BTreeSet};

use iam::evaluate::is_covered_by_rcps;
use iam::{ActionName, Arn, Cause, Layer};

use super::found_key::{FoundKey, KeyTopic, Leads};
use crate::bind::requirement::{Need, Requirement, ResourcePolicy};
use crate::find::finding::{Code, Finding, Item, Lack};
use crate::find::items::reason;
use crate::find::observe::TRUST_POLICY;
use crate::find::read_side;
use crate::judge::assessment::Assessment;
use crate::judge::verdict::{Notice, Verdict};
use crate::resources::{NamedResource, Resources};

/// What of a finding nobody saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unseen {
    pub(crate) items: BTreeSet<Item>,
    /// The causes of these, with their actions.
    pub(crate) lacks: Vec<Lack>,
}

/// What the denials of a finding rested on that was not read again.
pub(super) fn unseen(assessment: &Assessment, verdict: &Verdict, finding: &Finding) -> Unseen {
    let audit = Audit {
        assessment,
        verdict,
        requirement: &verdict.requirement,
        resources: &assessment.coverage.resources,
    };
    let mut unseen = Unseen::default();
    for lack in finding.lacks.iter() {
        let Some(hidden) = audit.hidden(lack) else {
            continue;
        };
        if audit.is_about_trust(lack) {
            audit.add_trusted(lack, &hidden, finding, &mut unseen);
            continue;
        }
        match finding.code {
            Code::Undetermined => audit.add_undecided(lack, &hidden, finding, &mut unseen),
            Code::MissingActions
            | Code::MissingTrust
            | Code::MissingInstanceProfile
            | Code::AccessKey
            | Code::KeyState
            | Code::ResourceSettings
            | Code::UnknownActionSet
            | Code::AllowedOnlyOn
            | Code::ExcessAccess
            | Code::Coverage
            | Code::ChangesNotArriving
            | Code::ChangeNotFollowed
            | Code::AuditFailed => audit.add_actions(lack, &hidden, finding, &mut unseen),
        }
    }
    unseen
}

/// Where the layers that a lack blames were not looked at again.
struct Hidden<'l> {
    /// A layer above the account, which decides whatever the resource.
    everywhere: bool,
    /// AWS was not asked about concrete resources.
    not_confirmed: bool,
    /// RCPs, which had been read when another layer denied the same.
    resource_control: bool,
    /// Policies of endpoints, which had been read when another layer denied the same.
    endpoints: bool,
    on: BTreeMap<&'l str, HiddenOn>,
}

/// What was not looked at again of a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HiddenOn {
    /// Nothing that is denied on it.
    All,
    /// What nothing asks about any more: a setting that may lead to the resource was not read.
    NotAsked,
    /// What vaults and their keys decide besides, of which another layer denied the same.
    Besides,
}

struct Audit<'a> {
    assessment: &'a Assessment,
    verdict: &'a Verdict,
    requirement: &'a Requirement,
    resources: &'a Resources,
}

impl Audit<'_> {
    /// `None` where all was looked at again.
    fn hidden<'l>(&self, lack: &'l Lack) -> Option<Hidden<'l>> {
        let layers = match &lack.cause {
            // That nobody knew is said anew by each audit.
            Cause::AllowedBy(_) | Cause::NotChecked { .. } | Cause::NoAnswer { .. } => return None,
            // The principal's own policies say where they allow.
            Cause::AllowedOnlyOn { by, .. } if by.is_empty() => vec![Layer::Identity],
            Cause::AllowedOnlyOn { .. }
            | Cause::DeniedBy(_)
            | Cause::DeniedInLayer(_)
            | Cause::NotAllowedIn(_)
            | Cause::DeniedOn { .. }
            | Cause::MissingContext { .. }
            | Cause::Unreadable { .. }
            | Cause::CannotEvaluate { .. } => lack.cause.layers(),
        };
        let is_listed =
            |layer: &Layer| matches!(layer, Layer::Identity | Layer::Boundary | Layer::Session);
        let all_listed = !layers.is_empty() && layers.iter().all(is_listed);
        let mut notices = self.verdict.notices.iter();
        let hidden = Hidden {
            everywhere: layers.iter().any(|layer| match layer {
                Layer::ServiceControl { .. } => !self.assessment.coverage.knows_service_control,
                Layer::ResourceControl { .. } => !self.knows_resource_control(),
                Layer::Identity
                | Layer::Boundary
                | Layer::Session
                | Layer::Resource
                | Layer::Grant
                | Layer::Endpoint => false,
            }),
            not_confirmed: !all_listed
                && notices.any(|notice| matches!(notice, Notice::NotConfirmed { .. })),
            resource_control: lack.read_side.resource_control && !self.knows_resource_control(),
            endpoints: lack.read_side.endpoints && self.lacks_endpoints_besides(),
            on: lack
                .resources
                .iter()
                .filter_map(|resource| {
                    Some((&**resource, self.hidden_on(resource, lack, &layers)?))
                })
                .collect(),
        };
        let is_any = hidden.everywhere
            || hidden.not_confirmed
            || hidden.resource_control
            || hidden.endpoints
            || !hidden.on.is_empty();
        is_any.then_some(hidden)
    }

    fn knows_resource_control(&self) -> bool {
        read_side::knows_resource_control(self.resources, self.assessment.account)
    }

    fn hidden_on(&self, resource: &str, lack: &Lack, layers: &[Layer]) -> Option<HiddenOn> {
        if resource == "*" {
            let is_of_resource =
                layers.contains(&Layer::Resource) || layers.contains(&Layer::Grant);
            let mut not_checked = self.verdict.not_checked.iter();
            let is_unread = not_checked.any(|policy| match policy {
                ResourcePolicy::Bucket | ResourcePolicy::Key | ResourcePolicy::Vault => true,
                ResourcePolicy::Endpoint
                | ResourcePolicy::EnabledRegions
                | ResourcePolicy::ResourceControl => false,
            });
            let passes_unread =
                layers.contains(&Layer::Endpoint) && self.lacks_endpoints_of_workers();
            let was_read = lack.read_side.resources.contains(resource);
            return match (is_of_resource && is_unread) || passes_unread {
                true => Some(HiddenOn::All),
                false => was_read.then_some(HiddenOn::Besides),
            };
        }
        let mut questions = self.requirement.questions();
        let is_asked = questions.any(|question| *question.resource == *resource);
        let leads = self.leads_to(resource);
        if !is_asked && leads == Leads::No {
            return self.may_be_named().then_some(HiddenOn::All);
        }
        let mut layers = layers.iter();
        let is_unread_besides = || read_side::has_policy(resource, self.resources) == Some(false);
        if layers.any(|layer| self.is_unread(resource, lack, *layer))
            || (lack.read_side.resources.contains(resource) && is_unread_besides())
        {
            return Some(HiddenOn::All);
        }
        // Of a key that nobody knows nothing is asked.
        let is_unknown = || {
            let key = self.resources.keys.get(resource);
            key.is_none_or(|key| key.metadata.read().is_none() && key.policy.read().is_none())
        };
        match leads {
            Leads::Perhaps => Some(HiddenOn::NotAsked),
            Leads::Yes if !is_asked && is_unknown() => Some(HiddenOn::All),
            Leads::Yes | Leads::No => None,
        }
    }

    /// Whether a tag that cannot be read may have named what nothing names.
    fn may_be_named(&self) -> bool {
        self.assessment.has_faults(&self.verdict.principal)
    }

    /// Whether settings lead to a resource: to a key.
    fn leads_to(&self, resource: &str) -> Leads {
        let parsed = Arn::parse(resource).ok();
        let Some(id) = parsed
            .filter(|arn| arn.service == "kms")
            .and_then(|arn| arn.resource.strip_prefix("key/"))
        else {
            return Leads::No;
        };
        let key = FoundKey {
            region: parsed.map_or("", |arn| arn.region),
            is_called: &|name| name == resource || name == id,
            told: KeyTopic::Denied,
        };
        key.is_led_to(self.requirement, self.resources)
    }

    /// Whether what a layer says of a resource was not read.
    fn is_unread(&self, resource: &str, lack: &Lack, layer: Layer) -> bool {
        let named = NamedResource::of(resource);
        let has_no_policy = || read_side::has_policy(resource, self.resources) == Some(false);
        match (layer, &named) {
            (Layer::Resource, Some(NamedResource::Bucket(_))) => {
                // The bucket of another account has to allow; that it is one says the list of the own ones.
                let is_foreign = lack.cause == Cause::NotAllowedIn(vec![Layer::Resource]);
                has_no_policy() || (is_foreign && self.resources.own_buckets.read().is_none())
            }
            // Trust policies are in the listing.
            (Layer::Resource, _) => has_no_policy(),
            (Layer::Grant, _) => {
                let key = self.resources.keys.get(resource);
                key.is_none_or(|key| key.grants.read().is_none())
            }
            (Layer::Endpoint, named) => self.lacks_endpoints(resource, named.as_ref()),
            (
                Layer::Identity
                | Layer::Boundary
                | Layer::Session
                | Layer::ServiceControl { .. }
                | Layer::ResourceControl { .. },
                _,
            ) => false,
        }
    }

    /// Whether it is about who can assume the role itself.
    fn is_about_trust(&self, lack: &Lack) -> bool {
        let mut resources = lack.resources.iter();
        resources.all(|one| **one == *self.verdict.principal.as_str()) && !lack.resources.is_empty()
    }

    /// Those who still have to be able to assume the role.
    fn add_trusted(&self, lack: &Lack, hidden: &Hidden<'_>, finding: &Finding, to: &mut Unseen) {
        let is_missed = |item: &&Item| match finding.code == Code::MissingTrust {
            true => true,
            false => *item.place == *TRUST_POLICY,
        };
        let is_wanted = |item: &&Item| {
            let services = self.requirement.trust_services.iter();
            let mut wanted = services.chain(self.requirement.trusted.iter());
            wanted.any(|name| **name == *item.name) || self.may_be_named()
        };
        let items = finding.items.iter().filter(is_missed).filter(is_wanted);
        let items: Vec<Item> = items.filter(|_| hidden.everywhere).cloned().collect();
        if !items.is_empty() && finding.code != Code::MissingTrust {
            to.lacks.push(lack.clone());
        }
        to.items.extend(items);
    }

    fn add_actions(&self, lack: &Lack, hidden: &Hidden<'_>, finding: &Finding, to: &mut Unseen) {
        for item in finding.items.iter() {
            let action: Option<ActionName> = item.name.parse().ok();
            let Some(action) = action.filter(|action| lack.actions.contains(action)) else {
                continue;
            };
            let resource = resource_of(item, lack);
            if resource.is_some_and(|resource| self.hides(hidden, &action, resource)) {
                to.items.insert(item.clone());
            }
        }
    }

    /// Whether a denial of an action on a resource was not looked at again.
    fn hides(&self, hidden: &Hidden<'_>, action: &ActionName, resource: &str) -> bool {
        let is_asked = || {
            let mut questions = self.requirement.questions();
            questions.any(|question| question.actions.contains(action))
        };
        ((hidden.everywhere
            || hidden.endpoints
            || (hidden.resource_control && is_covered_by_rcps(action)))
            && is_asked())
            || (hidden.not_confirmed && self.is_not_confirmed(action))
            || match hidden.on.get(resource) {
                Some(HiddenOn::All) => true,
                Some(HiddenOn::NotAsked) => !self.is_required(action, resource),
                Some(HiddenOn::Besides) => {
                    let policies = read_side::policies_of(action, self.requirement);
                    let not_checked = &self.verdict.not_checked;
                    policies.iter().any(|policy| not_checked.contains(policy))
                }
                None => false,
            }
    }

    fn is_not_confirmed(&self, action: &ActionName) -> bool {
        let mut notices = self.verdict.notices.iter();
        notices.any(|notice| match notice {
            Notice::NotConfirmed { places, .. } => {
                let mut actions = places.iter().flat_map(|one| one.actions(self.requirement));
                actions.any(|one| one == action)
            }
            Notice::Optional { .. }
            | Notice::Asked { .. }
            | Notice::AllowedOnlyOn { .. }
            | Notice::DeniedOn { .. }
            | Notice::Requirement(_) => false,
        })
    }

    fn is_required(&self, action: &ActionName, resource: &str) -> bool {
        let mut checks = self.requirement.checks.iter();
        checks.any(|check| {
            let mut actions = check.question.actions.iter().zip(check.needs.iter());
            *check.question.resource == *resource
                && actions.any(|(name, need)| name == action && *need == Need::Required)
        })
    }

    /// What was not known is not said action by action, so all that it hung on stays.
    fn add_undecided(&self, lack: &Lack, hidden: &Hidden<'_>, finding: &Finding, to: &mut Unseen) {
        let mut actions = lack.actions.iter();
        let is_hidden = actions.any(|action| {
            let mut resources = lack.resources.iter();
            resources.any(|resource| self.hides(hidden, action, resource))
        });
        if !is_hidden {
            return;
        }
        let reason = reason(&lack.cause);
        let is_kept = |item: &&Item| match &reason {
            Some(reason) => *item == reason,
            // A context key.
            None => item.place.is_empty(),
        };
        let kept = finding.items.iter().filter(is_kept);
        to.items.extend(kept.cloned());
        to.lacks.push(lack.clone());
    }
}

/// The resource that an item of a lack is about, as it was asked about.
fn resource_of<'l>(item: &Item, lack: &'l Lack) -> Option<&'l str> {
    let mut resources = lack.resources.iter().map(AsRef::as_ref);
    let is_place = |resource: &&str| {
        let rest = item.place.strip_prefix(*resource);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" in "))
    };
    let everywhere = || {
        let is_region = item.place.is_empty() || lack.regions.contains(&*item.place);
        (is_region && lack.resources.contains("*")).then_some("*")
    };
    resources.find(is_place).or_else(everywhere)
}
