//! Accounts: the principals of a shape, most of them healthy, the others drifted in different ways.
//!
//! Policies are what one finds: a set's smallest policy shared by many, wildcards by service or verb, AWS's own policies,
//! `NotAction`, inline policies for one bucket, conditions on the region, group membership, boundaries. About a sixth of the
//! principals lack something.

use catalog::{Catalog, ScopeValues};

use crate::document::{allow, deny, document, trust};
use crate::grants;
use crate::listing::Account;
use crate::parts::{Holdings, Parts, tags};
use crate::set::Set;
use crate::shape::{Shape, VERSION};
use crate::stock::{Stock, application};

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
            let holds = grant(
                &mut parts,
                &catalog,
                set,
                &stock,
                Way {
                    is_user: false,
                    lacks: shape.all_drifted,
                },
                at,
            );
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
            let holds = grant(
                &mut parts,
                &catalog,
                set,
                &stock,
                Way {
                    is_user: true,
                    lacks: shape.all_drifted,
                },
                at,
            );
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

/// From this number of a hundred on, something is lacking.
const LACKS: usize = 83;

/// To whom a set is given, and whether it is given in one of the ways that fail.
#[derive(Clone, Copy)]
struct Way {
    is_user: bool,
    lacks: bool,
}

/// Gives a set in one of the ways in which it is given, or fails to.
fn grant(
    parts: &mut Parts,
    catalog: &Catalog,
    set: &Set,
    stock: &Stock,
    way: Way,
    at: usize,
) -> Holdings {
    let some: Vec<String> = (0..3)
        .map(|_| parts.draw.pick(&set.actions).clone())
        .collect();
    let is_user = way.is_user;
    let drawn = match way.lacks {
        true => LACKS + parts.draw.below(100 - LACKS),
        false => parts.draw.below(100),
    };
    match drawn {
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
        LACKS..=87 => {
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
