//! Terraform: which users, roles, groups and policies will a plan leave behind?
//!
//! In: what `terraform show -json PLAN` prints, as nodes. Out: a [`Deployment`]. What a plan deletes is not there any more.
//! What is known only after apply is followed through the configuration, where that names the resource it comes from; a
//! policy document of which a part is not known yet is made of its statements, if it is a data source, and else cannot be
//! read.

mod connect;
mod define;
mod exclusive;
mod grant;
mod plan;
mod reference;
mod statement;
mod unknown;
mod walk;

use crate::assembly::Assembly;
use crate::node::Node;
use crate::{Account, Deployment, Form, Options, ReadError};
use plan::Plan;
use walk::Walk;

/// Whether this is a plan.
pub(crate) fn is_plan(root: &Node) -> bool {
    root.get("planned_values").is_some()
}

/// What the plan makes of an account.
pub(crate) fn read(
    name: &str,
    root: &Node,
    account: Account,
    options: &Options<'_>,
) -> Result<Deployment, ReadError> {
    let plan = Plan::new(root);
    let partition = options.parameters.get("AWS::Partition");
    let partition = partition.map_or("aws", String::as_str);
    let mut assembly = Assembly::new(name, account, partition, options);
    if let Some(why) = Plan::lacks(root) {
        let gap = assembly.gap("plan", 0, why);
        assembly.gaps.push(gap);
    }
    for (address, name, heir) in plan.deleted(root) {
        match heir {
            None => {
                assembly.gone.insert(address.to_owned(), name.to_owned());
            }
            Some(heir) => {
                assembly.notes.insert(format!(
                    "`{address}` is deleted, but `{heir}` has its name afterwards, or may have it: ask about that one"
                ));
            }
        }
    }
    let mut walk = Walk {
        plan: &plan,
        assembly,
        exclusives: Vec::new(),
        inlines: Vec::new(),
    };
    plan.read().for_each(|one| walk.define(one));
    plan.resources().for_each(|one| walk.define(one));
    plan.resources().for_each(|one| walk.exclude(one));
    // Groups are whole before users join them.
    for groups in [true, false] {
        plan.resources().for_each(|one| walk.connect(one, groups));
    }
    walk.write_inlines();
    plan.resources().for_each(|one| walk.join(one));
    walk.assembly.finish(Form::Terraform)
}
