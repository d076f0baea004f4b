//! Terraform: which users, roles, groups and policies exist after a plan is applied?
//!
//! In: what `terraform show -json PLAN` prints, as nodes. Out: a [`Deployment`] without what the plan deletes. A value that
//! is known only after apply is followed through the configuration if that names the resource it comes from. A policy
//! document with unknown parts is built from its statements if it is a data source, and is otherwise unreadable.

mod cloud_control;
mod connect;
mod define;
mod exclusive;
mod existing;
mod grant;
mod own;
mod plan;
mod reference;
mod statement;
mod types;
mod unknown;
mod walk;

use crate::assembly::{Assembly, HolderKind};
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
    if let Some(why) = Plan::incomplete(root) {
        let gap = assembly.gap("plan", 0, why);
        assembly.gaps.push(gap);
    }
    for (address, why) in Plan::unfollowed_changes(root) {
        let gap = assembly.gap(address, 0, &why);
        assembly.gaps.push(gap);
    }
    for (address, name, successor) in plan.deleted(root) {
        match successor {
            None => {
                assembly.deleted.insert(address.to_owned(), name.to_owned());
            }
            Some(successor) => {
                assembly.notes.insert(format!(
                    "`{address}` is deleted, but `{successor}` has its name afterwards, or may have it: ask about that one"
                ));
            }
        }
    }
    assembly.resources = plan.resources().count();
    assembly.left_out = plan.without_instance();
    let mut walk = Walk {
        plan: &plan,
        assembly,
        exclusives: Vec::new(),
        inlines: Vec::new(),
    };
    plan.resources().for_each(|one| walk.note_unfollowed(one));
    plan.read().for_each(|one| walk.define(one));
    plan.resources().for_each(|one| walk.define(one));
    walk.adopt();
    plan.resources().for_each(|one| walk.exclude(one));
    // Groups are whole before users join them.
    for holders in [HolderKind::Group, HolderKind::Principal] {
        plan.resources().for_each(|one| walk.connect(one, holders));
    }
    walk.write_inlines();
    walk.add_listed();
    plan.resources().for_each(|one| walk.join(one));
    walk.assembly.finish(Form::Terraform)
}
