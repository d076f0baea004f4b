//! Targets: what does an attribute name that holds a name, an ARN or a policy document?

use super::{Plan, Planned};
use crate::assembly::Target;
use crate::node::{Node, Unknown};
use crate::terraform::reference;
use crate::terraform::statement;
use crate::terraform::unknown::count_true;

impl<'n> Plan<'n> {
    /// What an attribute names, one or several, each with why it may not be meant.
    pub(in crate::terraform) fn targets(
        &self,
        one: &Planned<'n>,
        name: &str,
    ) -> Vec<(Target, Option<Unknown>)> {
        let mut found: Vec<(Target, Option<Unknown>)> = Vec::new();
        let mut opened = self.open(one, name).map_or(0, count_true);
        if let Some(node) = one.get(name).filter(|node| node.is_there()) {
            for item in node.each() {
                match item.known() {
                    Some(text) => found.push((Target::Named(text.to_owned()), None)),
                    // A gap in a list stands for an item that is not known.
                    None => opened = opened.max(1),
                }
            }
        }
        if opened == 0 {
            return found;
        }
        let why = self.why(one, name);
        let own_name = one.own_name(name);
        let followed = self.configuration.follow(one.module, one.address, own_name);
        let mut targets: Vec<Target> = Vec::new();
        for base in &followed.bases {
            let instances = self.instances(base, one.address).into_iter();
            targets.extend(instances.map(|id| Target::Here(id.to_owned())));
            targets.extend(self.named_by_data(base, one.address).map(Target::Named));
        }
        let bases = followed.bases.len();
        let sure = !followed.opaque && targets.len() == bases && bases == opened;
        if targets.is_empty() || followed.opaque {
            found.push((Target::Unknown(why), None));
            return found;
        }
        let doubt = (!sure).then_some(why);
        found.extend(targets.into_iter().map(|target| (target, doubt.clone())));
        found
    }

    /// The name or ARN by which a data source finds what is there already, if it is read during apply.
    fn named_by_data(&self, base: &str, asks: &str) -> Option<String> {
        let (_, own) = base.rsplit_once("data.")?;
        let name = match own.split_once('.')?.0 {
            "aws_iam_role" => "name",
            "aws_iam_user" => "user_name",
            "aws_iam_group" => "group_name",
            "aws_iam_policy" => "arn",
            _ => return None,
        };
        let (after, _) = self.during_apply(base, asks)?;
        after.get(name).and_then(Node::known).map(str::to_owned)
    }

    /// A data source that is read during apply: the one with the same key as whoever asks, or the only one.
    fn during_apply(&self, base: &str, asks: &str) -> Option<&(&'n Node, &'n Node)> {
        let keyed = || {
            let key = reference::key_of(asks);
            self.data.get(format!("{base}{key}").as_str())
        };
        self.data.get(base).or_else(keyed)
    }

    /// The instances of a resource: the one with the same key as whoever asks, or all.
    fn instances(&self, base: &str, asks: &str) -> Vec<&'n str> {
        let known = |address: &str| self.resources.get_key_value(address).map(|(key, _)| *key);
        if let Some(exact) = known(base) {
            return vec![exact];
        }
        let key = reference::key_of(asks);
        if let Some(same) = known(&format!("{base}{key}")) {
            return vec![same];
        }
        let front = format!("{base}[");
        let all = self.resources.keys().copied();
        all.filter(|address| address.starts_with(&front)).collect()
    }

    /// The policy document that an attribute takes from a data source which is read during apply.
    pub(in crate::terraform) fn rendered(&self, one: &Planned<'n>, name: &str) -> Option<Node> {
        let name = one.own_name(name);
        let followed = self.configuration.follow(one.module, one.address, name);
        let [base] = followed.bases.as_slice() else {
            return None;
        };
        if followed.opaque || !reference::is_policy_document(base) {
            return None;
        }
        let (after, open) = self.during_apply(base, one.address)?;
        let source = statement::Source {
            address: base,
            configured: self.configuration.expression(one.module, base, "statement"),
        };
        statement::document(&source, after, open)
    }
}
