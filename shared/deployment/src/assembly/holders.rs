//! Holders: whom of the file does a name or a reference mean?

use iam::PrincipalKind;

use super::{Assembly, Target};
use crate::node::Unknown;

/// Whom of the file a target means: one, or, where nobody knows, all that it could mean and why.
pub(crate) fn holders(
    target: &Target,
    kind: Option<PrincipalKind>,
    assembly: &Assembly<'_>,
) -> (Vec<String>, Option<Unknown>) {
    let fits = |id: &str, name: Option<&str>| match target {
        Target::Here(one) => one == id,
        Target::Named(one) => name == Some(one),
        // One whose name is known could be meant as well as one that gets its name later.
        Target::Unknown(_) => true,
    };
    let ids = match kind {
        Some(_) => {
            let all = assembly.principals.iter();
            let found =
                all.filter(|(id, one)| Some(one.kind) == kind && fits(id, one.name.as_deref()));
            found.map(|(id, _)| id.clone()).collect()
        }
        None => {
            let all = assembly.groups.iter();
            let found = all.filter(|(id, one)| fits(id, one.name.as_deref()));
            found.map(|(id, _)| id.clone()).collect()
        }
    };
    let doubt = match target {
        Target::Unknown(why) => Some(why.clone()),
        Target::Here(_) | Target::Named(_) => None,
    };
    (ids, doubt)
}
