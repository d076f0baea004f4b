//! Holders: which users, roles or groups of the file does a name or a reference mean?

use iam::PrincipalKind;

use super::{Assembly, Target};
use crate::node::{Text, Unknown};

/// Whom of the file a target means: one, or, where nobody knows, all that it could mean and why.
pub(crate) fn holders(
    target: &Target,
    line: usize,
    kind: Option<PrincipalKind>,
    assembly: &Assembly<'_>,
) -> (Vec<String>, Option<Unknown>) {
    let all: Vec<(&String, Option<&str>, Option<&Text>)> = match kind {
        Some(_) => {
            let all = assembly.principals.iter();
            all.filter(|(_, one)| Some(one.kind) == kind)
                .map(|(id, one)| (id, one.name.as_deref(), one.open_name.as_ref()))
                .collect()
        }
        None => {
            let all = assembly.groups.iter();
            all.map(|(id, one)| (id, one.name.as_deref(), one.open_name.as_ref()))
                .collect()
        }
    };
    let all = all.into_iter();
    match target {
        Target::Here(one) => {
            let found = all.filter(|(id, ..)| *id == one);
            (found.map(|(id, ..)| id.clone()).collect(), None)
        }
        Target::Named(one) => {
            let mut certain = all.clone().filter(|(_, name, _)| *name == Some(one));
            if let Some((id, ..)) = certain.next() {
                return (vec![id.clone()], None);
            }
            let text = Text::from(one.as_str());
            let found = all.filter(|(.., open)| open.is_some_and(|open| open.may_be(&text)));
            let found: Vec<String> = found.map(|(id, ..)| id.clone()).collect();
            let doubt = found.first().map(|id| Unknown {
                name: one.clone(),
                why: format!("`{one}` may be `{id}`, of whose name not all is known"),
                line,
                of: None,
            });
            (found, doubt)
        }
        // One whose name is known could be meant as well as one that gets its name later.
        Target::Unknown(why) => {
            let found = all.map(|(id, ..)| id.clone());
            (found.collect(), Some(why.clone()))
        }
    }
}
