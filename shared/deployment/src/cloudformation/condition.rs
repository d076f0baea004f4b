//! Conditions: does one hold, given the values of the parameters?

use super::template::{Held, Template, unknown};
use crate::node::{Node, Value};

impl Template<'_> {
    /// Whether the condition of this name holds.
    pub(super) fn condition(&self, name: &str, line: usize) -> Held {
        if let Some(known) = self.conditions.borrow().get(name) {
            return known.clone();
        }
        let Some(node) = self.root.at(&["Conditions", name]) else {
            let why = format!("the template has no condition `{name}`");
            return Held::Unknown(unknown(name, why, line));
        };
        // Until it is found out, whoever asks again asks in a circle.
        let why = format!("condition `{name}` hangs on itself");
        let circle = Held::Unknown(unknown(name, why, node.line));
        self.conditions.borrow_mut().insert(name.to_owned(), circle);
        let held = self.deeper(|| self.holds(node));
        self.conditions
            .borrow_mut()
            .insert(name.to_owned(), held.clone());
        held
    }

    fn holds(&self, node: &Node) -> Held {
        let odd = || {
            let why = "a condition is not written as it must be";
            Held::Unknown(unknown("condition", why, node.line))
        };
        let Some(member) = node.only() else {
            return odd();
        };
        let parts = member.node.items();
        match (member.key.as_str(), parts) {
            ("Condition", _) => match member.node.known() {
                Some(name) => self.condition(name, node.line),
                None => odd(),
            },
            ("Fn::Equals", [one, other]) => self.equal(&self.resolve(one), &self.resolve(other)),
            ("Fn::Not", [one]) => match self.holds(one) {
                Held::Known(holds) => Held::Known(!holds),
                unknown @ Held::Unknown(_) => unknown,
            },
            ("Fn::And", parts) => self.settle(parts, false),
            ("Fn::Or", parts) => self.settle(parts, true),
            _ => odd(),
        }
    }

    fn equal(&self, one: &Node, other: &Node) -> Held {
        match one.unknown().or_else(|| other.unknown()) {
            Some(why) => Held::Unknown(why.clone()),
            None => Held::Known(same(one, other)),
        }
    }

    /// One part that is `by` settles it; one that is not known leaves it open.
    fn settle(&self, parts: &[Node], by: bool) -> Held {
        let mut open = None;
        for part in parts {
            match self.holds(part) {
                Held::Known(holds) if holds == by => return Held::Known(by),
                Held::Known(_) => {}
                Held::Unknown(why) => open = open.or(Some(why)),
            }
        }
        open.map_or(Held::Known(!by), Held::Unknown)
    }
}

/// Equal, wherever they stand.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::List(ones), Value::List(others)) => {
            ones.len() == others.len() && ones.iter().zip(others).all(|(a, b)| same(a, b))
        }
        (one, other) => one == other,
    }
}
