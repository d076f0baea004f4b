//! Declarations: which scope variables and which conditions may an action set name?
//!
//! In: `scope.toml` and `conditions.toml`, tables by name. Out: the variables and the questions by name, and a problem for
//! everything that is wrong with the files.

use std::collections::BTreeMap;

use crate::file::form::Text;
use crate::file::read::{Section, SetFile, document, text, texts};
use crate::problem::{Problem, ProblemKind};
use crate::scope::ScopeVariable;
use crate::section::Located;
use crate::set::{ConditionName, VariableName};

/// What sets can refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    pub(crate) variables: BTreeMap<VariableName, ScopeVariable>,
    /// The question behind each condition.
    pub(crate) conditions: BTreeMap<ConditionName, String>,
}

/// Reads `scope.toml`.
pub(crate) fn read_variables(
    file: SetFile<'_>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<VariableName, ScopeVariable> {
    document(file, problems, |root| {
        let variables = root.free_tables().into_iter();
        variables
            .map(|(name, table)| (VariableName::from(name.value), variable(&name, &table)))
            .collect()
    })
}

fn variable(name: &Located<&str>, table: &Section<'_, '_>) -> ScopeVariable {
    let template = value_of(text(table, "template")).unwrap_or_default();
    let types = texts(table, "resource-types").into_iter();
    let mut variable = ScopeVariable {
        name: name.value.into(),
        means: value_of(text(table, "means")).unwrap_or_default(),
        template,
        input: None,
        example: value_of(text(table, "example")),
        resource_types: types.map(|text| text.value).collect(),
    };
    table.finish();
    let inputs: Vec<&str> = inputs(&variable.template).collect();
    if inputs.len() > 1 {
        table.report(name.line, ProblemKind::Template(name.value.to_owned()));
    }
    let input = inputs.first().map(|input| (*input).into());
    variable.input = input;
    variable
}

/// Reads `conditions.toml`.
pub(crate) fn read_conditions(
    file: SetFile<'_>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<ConditionName, String> {
    document(file, problems, |root| {
        let conditions = root.free_tables().into_iter();
        conditions
            .map(|(name, table)| {
                let question = value_of(text(&table, "question")).unwrap_or_default();
                table.finish();
                (name.value.into(), question)
            })
            .collect()
    })
}

fn value_of(text: Option<Text>) -> Option<String> {
    text.map(|text| text.value)
}

/// The names in braces that people have to fill.
fn inputs(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !matches!(*name, "partition" | "account"))
}
