//! Conditions: does one hold, given the values of the parameters?

use std::collections::BTreeSet;

use super::template::{ConditionValue, Template, unknown};
use crate::node::{Node, Value};

/// How the parts of a condition make one.
#[derive(Clone, Copy)]
enum Combination {
    All,
    Any,
}

impl Template<'_> {
    /// Whether the condition of this name holds.
    pub(super) fn condition(&self, name: &str, line: usize) -> ConditionValue {
        if let Some(known) = self.conditions.borrow().get(name) {
            return known.clone();
        }
        let Some(node) = self.root.at(&["Conditions", name]) else {
            let why = format!("the template has no condition `{name}`");
            return ConditionValue::Unknown(unknown(name, why, line));
        };
        // Until it is found out, whoever asks again asks in a circle.
        let why = format!("condition `{name}` depends on itself");
        let circle = ConditionValue::Unknown(unknown(name, why, node.line));
        self.conditions.borrow_mut().insert(name.to_owned(), circle);
        let held = self.deeper(|| self.holds(node));
        self.conditions
            .borrow_mut()
            .insert(name.to_owned(), held.clone());
        held
    }

    /// The parameters that a condition depends on, in order of name.
    pub(super) fn parameters_of_condition(&self, name: &str) -> Vec<&str> {
        let mut names = BTreeSet::new();
        let mut conditions = BTreeSet::new();
        self.add_parameters(
            self.root.at(&["Conditions", name]),
            &mut names,
            &mut conditions,
        );
        names.into_iter().collect()
    }

    fn add_parameters<'t>(
        &'t self,
        node: Option<&'t Node>,
        names: &mut BTreeSet<&'t str>,
        conditions: &mut BTreeSet<&'t str>,
    ) {
        let Some(node) = node else {
            return;
        };
        if let Some(member) = node.only() {
            match (member.key.as_str(), member.node.known()) {
                ("Ref", Some(name)) if self.root.at(&["Parameters", name]).is_some() => {
                    names.insert(name);
                }
                ("Condition", Some(name)) if conditions.insert(name) => {
                    self.add_parameters(self.root.at(&["Conditions", name]), names, conditions);
                }
                _ => {}
            }
        }
        for below in node.items() {
            self.add_parameters(Some(below), names, conditions);
        }
        for member in node.members() {
            self.add_parameters(Some(&member.node), names, conditions);
        }
    }

    fn holds(&self, node: &Node) -> ConditionValue {
        let odd = || {
            let why = "a condition is not written as it must be";
            ConditionValue::Unknown(unknown("condition", why, node.line))
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
                ConditionValue::Known(holds) => ConditionValue::Known(!holds),
                unknown @ ConditionValue::Unknown(_) => unknown,
            },
            ("Fn::And", parts) => self.combine(parts, Combination::All),
            ("Fn::Or", parts) => self.combine(parts, Combination::Any),
            _ => odd(),
        }
    }

    fn equal(&self, one: &Node, other: &Node) -> ConditionValue {
        match one.unknown().or_else(|| other.unknown()) {
            Some(why) => ConditionValue::Unknown(why.clone()),
            None => ConditionValue::Known(same(one, other)),
        }
    }

    /// One part decides alone where it is false for all, or true for any; one that is not known leaves the rest open.
    fn combine(&self, parts: &[Node], combination: Combination) -> ConditionValue {
        let by = match combination {
            Combination::All => false,
            Combination::Any => true,
        };
        let mut open = None;
        for part in parts {
            match self.holds(part) {
                ConditionValue::Known(holds) if holds == by => return ConditionValue::Known(by),
                ConditionValue::Known(_) => {}
                ConditionValue::Unknown(why) => open = open.or(Some(why)),
            }
        }
        open.map_or(ConditionValue::Known(!by), ConditionValue::Unknown)
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
