//! Declarations: which scope variables and which conditions may an action set name?
//!
//! In: `scope.toml` and `conditions.toml`, tables by name. Out: the variables and the questions by name, and a problem for
//! everything that is wrong with the files.

use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::file::form::Text;
use crate::file::read::{Reader, SetFile};
use crate::problem::{Problem, ProblemKind};
use crate::scope::ScopeVariable;
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
    let mut reader = Reader::new(file, problems);
    tables(&mut reader, |reader, name, table| {
        let mut variable = ScopeVariable {
            name: name.value.as_str().into(),
            means: String::new(),
            template: String::new(),
            input: None,
            example: None,
            resource_types: Vec::new(),
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "means" => variable.means = value_of(reader.text(key, value)).unwrap_or_default(),
                "template" => {
                    variable.template = value_of(reader.text(key, value)).unwrap_or_default();
                }
                "example" => variable.example = value_of(reader.text(key, value)),
                "resource-types" => {
                    let types = reader.texts(key, value);
                    variable.resource_types = types.into_iter().map(|text| text.value).collect();
                }
                _ => reader.unknown(key, &["means", "template", "example", "resource-types"]),
            }
        }
        let inputs: Vec<&str> = inputs(&variable.template).collect();
        if inputs.len() > 1 {
            reader.say(name.line, ProblemKind::Template(name.value));
        }
        variable.input = inputs.first().map(|input| (*input).into());
        (variable.name.clone(), variable)
    })
}

/// Reads `conditions.toml`.
pub(crate) fn read_conditions(
    file: SetFile<'_>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<ConditionName, String> {
    let mut reader = Reader::new(file, problems);
    tables(&mut reader, |reader, name, table| {
        let mut question = String::new();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "question" => question = value_of(reader.text(key, value)).unwrap_or_default(),
                _ => reader.unknown(key, &["question"]),
            }
        }
        (name.value.into(), question)
    })
}

fn tables<'t, K: Ord, V>(
    reader: &mut Reader<'t>,
    mut read: impl FnMut(&mut Reader<'t>, Text, &DeTable<'t>) -> (K, V),
) -> BTreeMap<K, V> {
    let mut found = BTreeMap::new();
    let Some(document) = reader.document() else {
        return found;
    };
    for (key, value) in document.get_ref() {
        let name = reader.at(&key.span(), key.get_ref());
        match value.get_ref().as_table() {
            Some(table) => found.extend([read(reader, name, table)]),
            None => reader.wrong_type(key, value, "a table"),
        }
    }
    found
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
