//! Requirements: what must a principal be able to do?
//!
//! A [`Requirement`] is an action set with its scope filled in. A [`Subject`] is a principal with the requirements that its tags
//! and the settings bind it to. Subjects with the same sets and scope share their requirements, so that 20,000 of them cost
//! little more than one. How tags become subjects is `bind`'s business.

mod fault;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{KeyRole, KmsCaller, ProductVersion};
use iam::evaluate::is_covered_by_rcps;
use iam::{AccountId, ActionName, Context, Inventory, PrincipalArn, PrincipalKind, Question};

use crate::level::Level;
use crate::resources::NamedResource;
pub use fault::{BindFault, BindFaultKind};

/// An action set with its scope filled in: everything that is asked about a principal for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The action set's id.
    pub set: Arc<str>,
    /// What the set is called.
    pub title: Arc<str>,
    /// What breaks when it drifts.
    pub impact: Arc<str>,
    /// How bad that is.
    pub level: Level,
    /// The product version it was laid out for.
    pub version: ProductVersion,
    /// What is asked, with what the answers mean: actions grouped by resource, region and context.
    pub checks: Arc<[Check]>,
    /// How many actions the checks name, each counted once however many checks name it.
    pub names: usize,
    /// Services that must be able to assume the role, such as `ec2.amazonaws.com`, sorted.
    pub trust_services: Arc<[Box<str>]>,
    /// Accounts or principals that must be able to assume the role; empty where nobody said who.
    pub trusted: Arc<[Box<str>]>,
    /// Actions on one bucket and its objects, where nobody said which bucket; sorted.
    pub one_bucket: Arc<[ActionName]>,
    /// The role must be in an instance profile.
    pub instance_profile: bool,
    /// The operation uses an access key of the user.
    pub access_key: bool,
    /// The regions asked about; empty where none was declared.
    pub regions: Arc<[Arc<str>]>,
    /// What is worth telling about the requirement itself, whatever the simulator says.
    pub notices: Arc<[RequirementNotice]>,
    /// Policies on the other side of its requests that can deny them too, sorted.
    pub unread: Arc<[ResourcePolicy]>,
    /// The keys, buckets and vaults that its scope names, sorted.
    pub resources: Arc<[NamedResource]>,
    /// What its operations ask of keys; `None` where they work with none.
    pub key_asks: Option<Arc<KeyAsks>>,
    /// The external ids that whoever assumes the role sends, sorted; empty where nobody said.
    pub external_ids: Arc<[Box<str>]>,
    /// The accounts in which workers run, sorted; empty where nobody said.
    pub worker_accounts: Arc<[AccountId]>,
    /// Whether workers run without public addresses; `None` where nobody said.
    pub private_network: Option<bool>,
}

/// What the operations of a set ask of keys, whichever these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAsks {
    /// One for each operation and key of it.
    pub asks: Vec<KeyAsk>,
    /// Those of operations that need EBS encryption by default, which the settings deny. What a region says goes before.
    pub denied: Vec<KeyAsk>,
    /// The account of the principal.
    pub account: AccountId,
    /// Whether somebody declared that workers run in another account.
    pub workers_elsewhere: bool,
    /// Whether they do, or a declared key is another account's.
    pub across_accounts: bool,
    /// What holds for every request, whatever the region.
    pub context: Arc<Context>,
    /// What the settings say that requests for some actions bear.
    pub carries: BTreeMap<ActionName, Arc<Carries>>,
}

/// Values of context keys.
pub type Carries = BTreeMap<Box<str>, Vec<Box<str>>>;

/// What one operation asks of one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAsk {
    /// Which key of the operation.
    pub role: KeyRole,
    /// Who calls KMS.
    pub through: KmsCaller,
    /// Whether the operation reaches into another account.
    pub across_accounts: bool,
    /// Must it be allowed?
    pub need: Need,
    /// The actions on the key, sorted.
    pub actions: &'static [ActionName],
}

/// A policy on a resource, which decides besides the principal's own policies. It is checked only with the resource's state or settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourcePolicy {
    /// Of an S3 bucket, with its region and its settings: versioning, Object Lock, default encryption and lifecycle.
    Bucket,
    /// Of a KMS key, with the key's state and its grants.
    Key,
    /// Of a vault of AWS Backup, with the vault's state and settings.
    Vault,
    /// Of the VPC endpoints that requests pass.
    Endpoint,
    /// Which regions are enabled for the account: no policy, but in another region each request is refused.
    EnabledRegions,
    /// RCPs above the account of the resource: no policy of the resource itself, and so the last.
    ResourceControl,
}

impl ResourcePolicy {
    /// The one that decides requests for an action; `None` for requests that have no such resource.
    #[must_use]
    pub fn of(action: &ActionName) -> Option<Self> {
        let of_service = [
            ("kms", Self::Key),
            ("s3", Self::Bucket),
            ("backup", Self::Vault),
        ];
        let mut of_service = of_service.into_iter();
        let (_, policy) =
            of_service.find(|(service, _)| action.service().eq_ignore_ascii_case(service))?;
        let resources = catalog::meant_resources(action);
        resources
            .is_none_or(|resources| !resources.is_empty())
            .then_some(policy)
    }

    /// What people call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bucket => "bucket policy",
            Self::Key => "key policy",
            Self::Vault => "vault policy",
            Self::Endpoint => "endpoint policy",
            Self::EnabledRegions => "enabled regions",
            Self::ResourceControl => "RCPs",
        }
    }
}

/// One question of a requirement, with what its answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What the simulator is asked.
    pub question: Question,
    /// For each action of the question, in its order: must it be allowed?
    pub needs: Arc<[Need]>,
    /// What a policy that allows it has to name.
    pub permit: Permit,
}

/// What a policy statement has to name to allow a question: a question is about one plausible resource, a policy about all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// The pattern that the question's resource was made of; `*` where no scope was declared.
    pub resource: Arc<str>,
    /// Context keys that Veeam's requests for these actions bear, with their values.
    pub context: Arc<BTreeMap<String, Vec<String>>>,
}

/// Whether an action that is denied counts as drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// It does.
    Required,
    /// It does not; the text says what the action is good for.
    Optional(Arc<str>),
    /// It would, if the condition held, and nobody said whether it does.
    Asked(Arc<str>),
}

/// What is worth telling about a requirement itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequirementNotice {
    /// The set is for one-time use; no principal should hold it for good.
    Transient,
    /// Besides this one the principal needs one of these sets, and is bound to none of them.
    NeedsOneOf(Arc<[Box<str>]>),
    /// Nobody said who assumes the role, so that part of the trust policy was not looked at.
    TrustedByWhom,
}

/// A principal that is bound to at least one requirement.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The position in `inventory.principals`.
    pub principal: usize,
    /// Sorted by set id.
    pub requirements: Arc<[Arc<Requirement>]>,
}

/// A principal that must be denied an action, which proves that the audit works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanaryCheck {
    /// The position in `inventory.principals`.
    pub principal: usize,
    /// One question with one action.
    pub questions: Arc<[Question]>,
}

/// Everything that tags and settings bind in one inventory.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    /// Everything that tags or settings name, selected or not, whether its sets exist or not; by ARN.
    pub named: Vec<PrincipalArn>,
    /// In the order of the inventory, which is by ARN.
    pub subjects: Vec<Subject>,
    /// Asked about every subject beside its requirements, to find out what it can do beyond them; `None` where nobody wants to know.
    pub excess: Option<Arc<[Question]>>,
    /// Asked before all others; `None` where there is none, or it is not asked.
    pub canary: Option<CanaryCheck>,
    /// Tags and bindings that could not be followed, in the order of the inventory.
    pub faults: Vec<BindFault>,
    /// Principals whose name looks like Veeam's and that nothing binds.
    pub lookalikes: Vec<PrincipalArn>,
    /// Bindings in the settings that matched no principal.
    pub unused: Vec<Box<str>>,
}

impl Bound {
    /// The bound users that log in with an access key.
    #[must_use]
    pub fn users_with_keys(&self, inventory: &Inventory) -> Vec<PrincipalArn> {
        self.subjects
            .iter()
            .filter(|subject| subject.requirements.iter().any(|one| one.access_key))
            .filter_map(|subject| inventory.principals.get(subject.principal))
            .map(|principal| &principal.arn)
            .filter(|arn| arn.kind() == PrincipalKind::User)
            .cloned()
            .collect()
    }
}

/// The sets of roles that worker instances carry.
const CARRIED: [&str; 2] = ["vbaws-role-flr-worker", "vbaws-role-production-worker"];

impl Requirement {
    /// Whether worker instances that run in a private network carry the role.
    pub(crate) fn is_carried_in_private(&self) -> bool {
        self.private_network == Some(true) && CARRIED.contains(&&*self.set)
    }

    /// What the simulator is asked, in the order of the checks.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.checks.iter().map(|check| &check.question)
    }

    /// Whether it names a resource that has such a policy. The key of a vault is named by the vault.
    pub(crate) fn declares(&self, policy: ResourcePolicy) -> bool {
        let mut named = self.resources.iter();
        named.any(|named| match named {
            NamedResource::Key { .. } => policy == ResourcePolicy::Key,
            NamedResource::Bucket(_) => policy == ResourcePolicy::Bucket,
            NamedResource::Vault(_) => {
                matches!(policy, ResourcePolicy::Vault | ResourcePolicy::Key)
            }
        })
    }

    /// One question, by its position among the checks.
    #[must_use]
    pub fn question(&self, at: usize) -> Option<&Question> {
        self.checks.get(at).map(|check| &check.question)
    }

    /// The actions of a question at the given positions.
    pub fn actions<'a>(
        &'a self,
        question: usize,
        positions: &'a [u16],
    ) -> impl Iterator<Item = &'a ActionName> + 'a {
        let actions = self
            .question(question)
            .map_or(&[][..], |question| &question.actions);
        positions
            .iter()
            .filter_map(|&at| actions.get(usize::from(at)))
    }

    /// The region that a question is about; `None` where none was declared.
    #[must_use]
    pub fn region(&self, question: usize) -> Option<&str> {
        match self.question(question)?.context.get("aws:requestedregion") {
            iam::Known::Values([one]) => Some(one),
            iam::Known::Values(_) | iam::Known::Absent | iam::Known::Unknown => None,
        }
    }

    /// How many decisions the requirement asks for.
    #[must_use]
    pub fn size(&self) -> usize {
        self.questions()
            .map(|question| question.actions.len())
            .sum()
    }

    /// Counts names and the policies that decide besides from the checks.
    pub(super) fn count(&mut self) {
        let actions = self.questions().flat_map(|question| &*question.actions);
        self.names = actions.collect::<BTreeSet<_>>().len();
        let mut unread: BTreeSet<ResourcePolicy> = self.unread.iter().copied().collect();
        // Checks on several resources share their actions.
        let mut counted: BTreeSet<(*const ActionName, *const Need)> = BTreeSet::new();
        for check in self.checks.iter() {
            if !counted.insert((check.question.actions.as_ptr(), check.needs.as_ptr())) {
                continue;
            }
            let all = check.question.actions.iter().zip(check.needs.iter());
            let needed = all.filter(|(_, need)| **need == Need::Required);
            for (action, _) in needed {
                unread.extend(ResourcePolicy::of(action));
                unread
                    .extend(is_covered_by_rcps(action).then_some(ResourcePolicy::ResourceControl));
            }
        }
        self.unread = unread.into_iter().collect();
    }
}
