//! A template with the values given for its parameters, and what has been resolved of it so far.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::deployment::Account;
use crate::error::ReadError;
use crate::node::{Node, Text, Unknown};
use crate::options::Options;

/// Pseudo parameters for which values may be given; the account's id is an option of its own.
const GIVEN: [&str; 6] = [
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// A template and what is known of its deployment.
pub(crate) struct Template<'a> {
    pub(super) root: &'a Node,
    account: Account,
    pub(super) options: &'a Options<'a>,
    pub(super) steps: Cell<usize>,
    pub(super) depth: Cell<usize>,
    pub(super) conditions: RefCell<HashMap<String, ConditionValue>>,
    /// Names of resources, by logical id and property.
    pub(super) names: RefCell<HashMap<(String, String), Text>>,
}

/// Whether a condition holds.
#[derive(Clone, Debug)]
pub(crate) enum ConditionValue {
    Known(bool),
    Unknown(Unknown),
}

/// What is said where nobody can know.
pub(super) fn unknown(name: &str, why: impl Into<String>, line: usize) -> Unknown {
    Unknown {
        name: name.to_owned(),
        why: why.into(),
        line,
        of: None,
    }
}

impl<'a> Template<'a> {
    /// # Errors
    /// [`ReadError::Parameter`] where a value is given for a parameter that is not there.
    pub(super) fn new(
        root: &'a Node,
        account: Account,
        options: &'a Options<'a>,
    ) -> Result<Self, ReadError> {
        let parameters = root.get("Parameters").map_or(&[][..], Node::members);
        for (name, value) in options.parameters {
            let known = |known: &[&str]| ReadError::Parameter {
                name: name.clone(),
                known: known.iter().map(|&one| one.to_owned()).collect(),
            };
            if name.starts_with("AWS::") {
                if !GIVEN.contains(&name.as_str()) {
                    return Err(known(&GIVEN));
                }
                continue;
            }
            let Some(parameter) = parameters.iter().find(|member| member.key == *name) else {
                let names: Vec<&str> = parameters.iter().map(|one| one.key.as_str()).collect();
                return Err(known(&names));
            };
            check_allowed(name, value, &parameter.node)?;
        }
        Ok(Self {
            root,
            account,
            options,
            steps: Cell::new(0),
            depth: Cell::new(0),
            conditions: RefCell::default(),
            names: RefCell::default(),
        })
    }

    /// The partition that ARNs are in.
    pub(super) fn partition(&self) -> &str {
        let given = self.options.parameters.get("AWS::Partition");
        given.map_or("aws", String::as_str)
    }

    pub(super) fn account(&self) -> &str {
        // The id lives as long as the template.
        match &self.account {
            Account::Given(id) | Account::Named(id) | Account::Placeholder(id) => id.as_str(),
        }
    }

    /// One level deeper: a name that hangs on another name.
    pub(super) fn deeper<T>(&self, with: impl FnOnce() -> T) -> T {
        self.depth.set(self.depth.get() + 1);
        let result = with();
        self.depth.set(self.depth.get().saturating_sub(1));
        result
    }
}

/// # Errors
/// [`ReadError::NotAllowed`] where the template allows only other values.
fn check_allowed(name: &str, value: &str, parameter: &Node) -> Result<(), ReadError> {
    let Some(allowed) = parameter.get("AllowedValues") else {
        return Ok(());
    };
    let allowed: Vec<&str> = allowed.each().iter().filter_map(Node::known).collect();
    let kind = parameter.get("Type").and_then(Node::known);
    let values: Vec<&str> = match kind.is_some_and(|kind| kind.contains("List")) {
        true => value.split(',').map(str::trim).collect(),
        false => vec![value],
    };
    match values.into_iter().find(|one| !allowed.contains(one)) {
        None => Ok(()),
        Some(value) => Err(ReadError::NotAllowed {
            name: name.to_owned(),
            value: value.to_owned(),
            allowed: allowed.join(", "),
        }),
    }
}
