//! Shapes: how many roles and users does an account have, and which sets are they tagged with?

use catalog::{Catalog, ProductVersion};

use crate::grants;

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
    /// Every tagged principal lacks something, by as many causes as there are; else about a sixth do.
    pub all_drifted: bool,
}

/// The product version whose actions are given.
pub(crate) const VERSION: ProductVersion = ProductVersion::LATEST;

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
            all_drifted: false,
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
            all_drifted: false,
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
            all_drifted: false,
        }
    }
}

impl Shape {
    /// A company's account in which every principal is tagged and lacks something.
    #[must_use]
    pub fn all_drifted(principals: usize) -> Self {
        Self {
            tagged_percent: 100,
            all_drifted: true,
            ..Self::mixed(principals)
        }
    }

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
