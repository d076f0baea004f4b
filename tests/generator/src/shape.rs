//! Shapes: an account of so many principals, most of them healthy, the others drifted in different ways.
//!
//! Policies are what one finds: a set's smallest policy shared by many, wildcards by service or verb, AWS's own policies,
//! `NotAction`, inline policies for one bucket, conditions on the region, group membership, boundaries. About a sixth of the
//! principals lack something.

use catalog::{Catalog, ProductVersion, ScopeValues};

use crate::document::{Document, allow, allow_all_but, deny, document, trust};
use crate::grants;
use crate::listing::{Account, Group, ManagedPolicy};
use crate::parts::{Holdings, Parts, tags};

/// What an account is to hold.
#[derive(Clone, Debug)]
pub struct Shape {
    /// How many roles.
    pub roles: usize,
    /// How many users.
    pub users: usize,
    /// The action sets that roles are tagged with, in turn.
    pub role_sets: Vec<String>,
    /// The action sets that users are tagged with, in turn.
    pub user_sets: Vec<String>,
    /// How many principals of a hundred bear tags of ours.
    pub tagged_percent: usize,
}

const VERSION: ProductVersion = ProductVersion::LATEST;

/// The nine sets that the product covered first: one for roles, the others for users.
const SEED_ROLE_SETS: [&str; 1] = ["vbaws-default-role-upgrade"];
const SEED_USER_SETS: [&str; 8] = [
    "vbaws-appliance-deploy",
    "vbaws-appliance-connect",
    "vbaws-appliance-upgrade",
    "vbaws-full-user-list",
    "vbaws-one-time-access-keys",
    "vbaws-repository-add",
    "vbaws-repository-kms-encryption",
    "vbr-restore-to-ec2",
];

impl Shape {
    /// Principals tagged with the nine sets that the product covered first; nine of ten are users.
    #[must_use]
    pub fn seed_sets(principals: usize) -> Self {
        let roles = principals / 10;
        Self {
            roles,
            users: principals - roles,
            role_sets: SEED_ROLE_SETS.map(str::to_owned).into(),
            user_sets: SEED_USER_SETS.map(str::to_owned).into(),
            tagged_percent: 100,
        }
    }

    /// Roles that are all tagged with the appliance's default role, which needs 453 actions.
    #[must_use]
    pub fn default_role(principals: usize) -> Self {
        Self {
            roles: principals,
            users: 0,
            role_sets: vec!["vbaws-role-default-backup-restore".to_owned()],
            user_sets: Vec::new(),
            tagged_percent: 100,
        }
    }

    /// A company's account: two thirds roles, a third users, half of them tagged, with every set that can be granted.
    #[must_use]
    pub fn mixed(principals: usize) -> Self {
        let users = principals / 3;
        let catalog = Catalog::embedded();
        let sets = |user: bool| {
            catalog
                .sets()
                .filter(|set| set.grant == catalog::Grant::IdentityPolicy)
                .filter(|set| {
                    let kind = if user {
                        iam::PrincipalKind::User
                    } else {
                        iam::PrincipalKind::Role
                    };
                    set.principal.admits(kind)
                })
                .map(|set| set.id.to_string())
                .collect()
        };
        Self {
            roles: principals - users,
            users,
            role_sets: sets(false),
            user_sets: sets(true),
            tagged_percent: 50,
        }
    }
}

impl Shape {
    /// The distinct actions of all its action sets, sorted.
    ///
    /// # Panics
    /// Where the shape names a set that the catalog does not have.
    #[must_use]
    pub fn actions(&self) -> Vec<iam::ActionName> {
        let catalog = Catalog::embedded();
        let sets = self.role_sets.iter().chain(&self.user_sets);
        let names = sets.flat_map(|id| grants::names(&catalog, id, VERSION));
        let mut actions: Vec<iam::ActionName> = names
            .map(|name| name.parse().expect("the catalog names actions"))
            .collect();
        actions.sort();
        actions.dedup();
        actions
    }
}

/// Makes an account.
///
/// # Panics
/// Where the shape names a set that the catalog does not have.
#[must_use]
pub fn account(shape: &Shape, seed: u64) -> Account {
    let mut parts = Parts::new(seed, "111122223333");
    let catalog = Catalog::embedded();
    let all = shape.role_sets.iter().chain(&shape.user_sets);
    let mut sets: Vec<Set> = Vec::new();
    for id in all {
        if !sets.iter().any(|set| set.id == *id) {
            sets.push(Set::new(&mut parts, &catalog, id));
        }
    }
    let stock = Stock::new(&mut parts, shape);
    let find = |ids: &[String], at: usize| {
        let id = &ids[at % ids.len()];
        sets.iter().find(|set| set.id == *id).expect("made above")
    };
    let mut made = Account::default();
    for at in 0..shape.roles {
        let name = format!("{}-{at:05}", parts.draw.pick(&ROLE_NAMES));
        let tagged = parts.draw.percent(shape.tagged_percent);
        let (holds, trusts, tag) = if tagged && !shape.role_sets.is_empty() {
            let set = find(&shape.role_sets, at);
            let services: Vec<&str> = set.services.iter().map(String::as_str).collect();
            let healthy = parts.draw.percent(97);
            let trusts = if healthy {
                parts.appliance_trust(&services)
            } else {
                trust(&["lambda.amazonaws.com"], &[])
            };
            let holds = grant(&mut parts, &catalog, set, &stock, false, at);
            (holds, trusts, Some(set.id.as_str()))
        } else {
            let service = *parts.draw.pick(&["lambda", "ec2", "ecs-tasks", "glue"]);
            let trusts = trust(&[format!("{service}.amazonaws.com").as_str()], &[]);
            (stock.any(&mut parts), trusts, None)
        };
        let mut role = parts.role("/", &name, trusts, holds);
        if parts.draw.percent(40) || tag == Some("vbaws-role-default-backup-restore") {
            parts.profile(&mut role);
        }
        role.tags = some_tags(&mut parts, tag, at);
        made.role_detail_list.push(role);
    }
    for at in 0..shape.users {
        let name = format!("{}-{at:05}", parts.draw.pick(&USER_NAMES));
        let tagged = parts.draw.percent(shape.tagged_percent);
        let (holds, tag) = if tagged && !shape.user_sets.is_empty() {
            let set = find(&shape.user_sets, at);
            let holds = grant(&mut parts, &catalog, set, &stock, true, at);
            (holds, Some(set.id.as_str()))
        } else {
            (stock.any(&mut parts), None)
        };
        let mut user = parts.user("/", &name, holds);
        user.tags = some_tags(&mut parts, tag, at);
        made.user_detail_list.push(user);
    }
    made.group_detail_list = stock.groups;
    made.group_detail_list
        .extend(sets.iter().map(|set| set.group.clone()));
    made.policies = stock.policies;
    made.policies
        .extend([stock.admin, stock.power_user, stock.boundary, stock.narrow]);
    made.policies
        .extend(sets.into_iter().flat_map(|set| set.policies));
    made.counted()
}

const ROLE_NAMES: [&str; 5] = [
    "VeeamBackupRestore",
    "VeeamBackupWorker",
    "app-service",
    "data-pipeline",
    "batch-runner",
];

const USER_NAMES: [&str; 4] = ["veeam-backup", "veeam-vbr", "svc-reporting", "ci-deploy"];

/// A set with the policies that give it.
struct Set {
    id: String,
    actions: Vec<String>,
    services: Vec<String>,
    /// The smallest policies, with older versions that lack a few actions.
    policies: Vec<ManagedPolicy>,
    by_service: Document,
    by_verb: Document,
    /// Whose members hold the set.
    group: Group,
}

impl Set {
    fn new(parts: &mut Parts, catalog: &Catalog, id: &str) -> Self {
        let actions = grants::names(catalog, id, VERSION);
        let documents = grants::smallest(catalog, id, VERSION, &ScopeValues::default(), |_| true);
        let policies: Vec<ManagedPolicy> = documents
            .into_iter()
            .enumerate()
            .map(|(at, newest)| {
                let mut older = newest.clone();
                for statement in &mut older.statement {
                    let fewer = statement.action.0.len().saturating_sub(4).max(1);
                    statement.action.0.truncate(fewer);
                }
                parts.policy(&format!("{id}-{}", at + 1), vec![older, newest], 1)
            })
            .collect();
        let holds = policies.iter().fold(Holdings::default(), Holdings::attach);
        let set = catalog.find(id).unwrap_or_else(|error| panic!("{error}"));
        Self {
            id: id.to_owned(),
            services: set
                .trusted_services_for(VERSION)
                .map(str::to_owned)
                .collect(),
            group: parts.group(&format!("{id}-operators"), holds),
            by_service: grants::by_service(catalog, id, VERSION),
            by_verb: grants::by_verb(catalog, id, VERSION),
            policies,
            actions,
        }
    }

    fn shared(&self) -> Holdings {
        self.policies
            .iter()
            .fold(Holdings::default(), Holdings::attach)
    }
}

/// Policies and groups that have nothing to do with a set, and some of AWS's.
struct Stock {
    admin: ManagedPolicy,
    power_user: ManagedPolicy,
    /// A boundary that leaves all sets their actions.
    boundary: ManagedPolicy,
    /// One that does not.
    narrow: ManagedPolicy,
    policies: Vec<ManagedPolicy>,
    groups: Vec<Group>,
}

const SERVICES: [&str; 12] = [
    "dynamodb",
    "sqs",
    "sns",
    "lambda",
    "logs",
    "cloudwatch",
    "s3",
    "kms",
    "secretsmanager",
    "ssm",
    "states",
    "events",
];

impl Stock {
    fn new(parts: &mut Parts, shape: &Shape) -> Self {
        let principals = shape.roles + shape.users;
        let policies: Vec<ManagedPolicy> = (0..principals / 12 + 8)
            .map(|at| {
                let service = *parts.draw.pick(&SERVICES);
                let versions = (0..=parts.draw.below(3))
                    .map(|_| application(parts, service, at))
                    .collect::<Vec<_>>();
                let default = versions.len() - 1;
                parts.policy(&format!("app-{service}-{at:05}"), versions, default)
            })
            .collect();
        let groups = (0..principals / 60 + 3)
            .map(|at| {
                let policy = parts.draw.pick(&policies).clone();
                let holds = Holdings::default()
                    .attach(&policy)
                    .write("team", application(parts, "s3", at));
                parts.group(&format!("team-{at:03}"), holds)
            })
            .collect();
        Self {
            admin: parts.aws_policy("AdministratorAccess", document([allow(["*"], ["*"])])),
            power_user: parts.aws_policy(
                "PowerUserAccess",
                document([
                    allow_all_but(["iam:*", "organizations:*", "account:*"]),
                    allow(["iam:CreateServiceLinkedRole", "iam:ListRoles"], ["*"]),
                ]),
            ),
            boundary: parts.policy(
                "workload-boundary",
                vec![document([
                    allow(["*"], ["*"]),
                    deny(["organizations:LeaveOrganization", "account:*"], ["*"])
                        .sid("KeepTheAccount"),
                ])],
                0,
            ),
            narrow: parts.policy(
                "storage-boundary",
                vec![document([allow(
                    ["s3:*", "kms:*", "logs:*", "ec2:Describe*"],
                    ["*"],
                )])],
                0,
            ),
            policies,
            groups,
        }
    }

    /// What somebody who has nothing to do with Veeam holds.
    fn any(&self, parts: &mut Parts) -> Holdings {
        let mut holds = Holdings::default();
        for _ in 0..=parts.draw.below(3) {
            let policy = parts.draw.pick(&self.policies);
            if !holds
                .attached
                .iter()
                .any(|one| one.policy_arn == policy.arn)
            {
                holds = holds.attach(policy);
            }
        }
        holds
    }
}

/// A policy of some application of the company's.
fn application(parts: &mut Parts, service: &str, at: usize) -> Document {
    let region = *parts.draw.pick(&["eu-central-1", "eu-west-1"]);
    let resource = match service {
        "s3" => format!("arn:aws:s3:::app-{at}-*"),
        _ => format!("arn:aws:{service}:{region}:{}:app-{at}-*", parts.account),
    };
    let mut statements = vec![
        allow(
            [format!("{service}:Get*"), format!("{service}:List*")],
            ["*"],
        )
        .sid("Read"),
        allow([format!("{service}:*")], [resource.clone()]).sid("Own"),
    ];
    if parts.draw.percent(30) {
        statements.push(
            deny([format!("{service}:Delete*")], [resource])
                .sid("KeepWhatIsProtected")
                .when("StringNotEquals", "aws:PrincipalTag/team", ["platform"]),
        );
    }
    if parts.draw.percent(20) {
        statements.push(allow(["kms:Decrypt"], ["*"]).when(
            "StringLike",
            "kms:ViaService",
            [format!("{service}.*.amazonaws.com")],
        ));
    }
    document(statements)
}

/// Gives a set in one of the ways in which it is given, or fails to.
fn grant(
    parts: &mut Parts,
    catalog: &Catalog,
    set: &Set,
    stock: &Stock,
    is_user: bool,
    at: usize,
) -> Holdings {
    let some: Vec<String> = (0..3)
        .map(|_| parts.draw.pick(&set.actions).clone())
        .collect();
    match parts.draw.below(100) {
        0..=39 => set.shared(),
        40..=49 if is_user => Holdings::default().join(&set.group.group_name),
        40..=49 => set.shared().bound_by(&stock.boundary),
        50..=57 => Holdings::default().write("by-service", set.by_service.clone()),
        58..=63 => Holdings::default().write("by-verb", set.by_verb.clone()),
        64..=67 => Holdings::default().attach(&stock.admin),
        68..=70 => Holdings::default()
            .attach(&stock.power_user)
            .write("by-service", document([allow(["iam:*"], ["*"])])),
        71..=78 if set.actions.len() < 120 => {
            let scope = ScopeValues::default().with("bucket", &format!("backups-{at:05}"));
            let documents = grants::smallest(catalog, &set.id, VERSION, &scope, |_| true);
            documents
                .into_iter()
                .enumerate()
                .fold(Holdings::default(), |holds, (part, document)| {
                    holds.write(&format!("own-{}", part + 1), document)
                })
        }
        71..=78 => set.shared().write("own", application(parts, "s3", at)),
        79..=82 => set.shared().write(
            "in-europe",
            document([deny(["*"], ["*"]).sid("EuropeOnly").when(
                "StringNotEquals",
                "aws:RequestedRegion",
                ["eu-central-1", "eu-west-1", "us-east-1"],
            )]),
        ),
        // From here on something is lacking.
        83..=87 => {
            let mut holds = set.shared();
            holds.attached.pop();
            holds
        }
        88..=92 => set
            .shared()
            .write("deny", document([deny(some, ["*"]).sid("Protected")])),
        93..=95 => set.shared().bound_by(&stock.narrow),
        96..=97 => {
            let kept = |action: &catalog::SetAction| !some.contains(&action.name.to_string());
            let documents =
                grants::smallest(catalog, &set.id, VERSION, &ScopeValues::default(), kept);
            documents
                .into_iter()
                .enumerate()
                .fold(Holdings::default(), |holds, (part, document)| {
                    holds.write(&format!("older-{}", part + 1), document)
                })
        }
        98 => Holdings::default().write(
            "from-the-office",
            document([allow(["*"], ["*"]).when("IpAddress", "aws:SourceIp", ["203.0.113.0/24"])]),
        ),
        _ => Holdings::default(),
    }
}

fn some_tags(parts: &mut Parts, set: Option<&str>, at: usize) -> Vec<crate::Tag> {
    let environment = *parts.draw.pick(&["prod", "stage", "dev"]);
    let center = format!("{}", 4000 + parts.draw.below(60));
    let owner = *parts.draw.pick(&["backup", "platform", "data", "web"]);
    let mut all = vec![
        ("environment", environment),
        ("cost-center", center.as_str()),
        ("owner", owner),
    ];
    let bucket = format!("backups-{at:05}");
    if let Some(set) = set {
        all.push(("veeam:action-sets", set));
        // Few say where their backups are.
        if parts.draw.percent(10) {
            all.push(("veeam:bucket", &bucket));
        }
    }
    tags(all)
}
