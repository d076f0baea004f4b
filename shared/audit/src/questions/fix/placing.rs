//! Placing: where does a policy find room?
//!
//! IAM counts every character but white space. All inline policies of a principal share one room; where that is too small,
//! the policy becomes managed ones, as few as their limit allows, and where a principal has too many of these already, the
//! inline room takes what it can.

use catalog::{MANAGED_POLICY_CHARACTERS, PolicyDocument, PolicyError, PolicyStatement, pack};
use iam::{Inventory, Principal, PrincipalKind};

/// Characters in all inline policies of a user together.
const INLINE_USER: usize = 2_048;

/// Characters in all inline policies of a role together.
const INLINE_ROLE: usize = 10_240;

/// Managed policies that can be attached to one principal, unless AWS has raised the quota.
pub const ATTACHED_POLICIES: usize = 10;

/// The longest name that a policy can have.
const LONGEST_NAME: usize = 128;

/// A policy that is to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// A name that is free.
    pub name: String,
    /// Where it goes.
    pub holder: Holder,
    /// What it says.
    pub document: PolicyDocument,
}

/// Where a policy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Into the principal itself.
    Inline,
    /// Into a managed policy of its own, which is attached to the principal.
    Managed,
}

/// Policies with their places.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    pub(super) additions: Vec<Addition>,
    /// How many managed ones are more than can be attached.
    pub(super) beyond_quota: usize,
}

pub(super) fn place(
    inventory: &Inventory,
    principal: &Principal,
    sets: &[&str],
    statements: Vec<PolicyStatement>,
) -> Result<Placed, PolicyError> {
    let mut room = inline_room(principal);
    let mut names = Names::new(inventory, principal, sets);
    if let Ok([whole]) = pack(statements.clone(), room).as_deref() {
        let addition = Addition {
            name: names.next(),
            holder: Holder::Inline,
            document: whole.clone(),
        };
        return Ok(Placed {
            additions: vec![addition],
            beyond_quota: 0,
        });
    }
    let short: Vec<PolicyStatement> = statements.into_iter().flat_map(shortened).collect();
    let documents = pack(short, MANAGED_POLICY_CHARACTERS)?;
    let mut free = ATTACHED_POLICIES.saturating_sub(principal.attached.len());
    let mut inline_needed = documents.len().saturating_sub(free);
    let mut placed = Placed::default();
    for document in documents {
        let characters = document.characters();
        let holder = if inline_needed > 0 && characters <= room {
            room -= characters;
            inline_needed -= 1;
            Holder::Inline
        } else {
            if free == 0 {
                placed.beyond_quota += 1;
            }
            free = free.saturating_sub(1);
            Holder::Managed
        };
        placed.additions.push(Addition {
            name: names.next(),
            holder,
            document,
        });
    }
    Ok(placed)
}

/// What is left for inline policies; nothing where one of them cannot be read, and so not be measured.
fn inline_room(principal: &Principal) -> usize {
    let all = match principal.arn.kind() {
        PrincipalKind::User => INLINE_USER,
        PrincipalKind::Role => INLINE_ROLE,
    };
    principal
        .inline
        .iter()
        .try_fold(all, |room, policy| match policy.document.as_ref() {
            Ok(document) => Some(room.saturating_sub(document.characters)),
            Err(_) => None,
        })
        .unwrap_or(0)
}

/// A statement in so many that each has room in a managed policy, by its resources.
fn shortened(statement: PolicyStatement) -> Vec<PolicyStatement> {
    let half = statement.resources.len() / 2;
    let alone = PolicyDocument {
        statements: vec![statement],
    };
    let fits = alone.characters() <= MANAGED_POLICY_CHARACTERS;
    alone
        .statements
        .into_iter()
        .flat_map(|mut statement| {
            if fits || half == 0 {
                return vec![statement];
            }
            let rest = PolicyStatement {
                resources: statement.resources.split_off(half),
                ..statement.clone()
            };
            let mut all = shortened(statement);
            all.extend(shortened(rest));
            all
        })
        .collect()
}

/// Names that nobody has, one after another.
struct Names {
    base: String,
    given: usize,
    taken: Vec<String>,
}

impl Names {
    fn new(inventory: &Inventory, principal: &Principal, sets: &[&str]) -> Self {
        let base = match sets {
            [one] => format!("permdrift-{one}"),
            several => format!("permdrift-{}-sets", several.len()),
        };
        let inline = principal.inline.iter().map(|policy| &policy.name);
        let managed = inventory.policies.values().map(|policy| &policy.name);
        Self {
            // Room for a number behind it.
            base: base.chars().take(LONGEST_NAME - 6).collect(),
            given: 0,
            taken: inline
                .chain(managed)
                .map(|name| name.to_lowercase())
                .filter(|name| name.starts_with("permdrift-"))
                .collect(),
        }
    }

    fn next(&mut self) -> String {
        loop {
            self.given += 1;
            let name = match self.given {
                1 => self.base.clone(),
                number => format!("{}-{number}", self.base),
            };
            if !self.taken.contains(&name.to_lowercase()) {
                return name;
            }
        }
    }
}
