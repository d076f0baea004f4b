//! Reads the two declaring files, `scope.toml` and `conditions.toml`: tables by name.

use toml::de::DeTable;

use crate::form::{ConditionForm, Text, VariableForm};
use crate::read::Reader;

/// Reads `scope.toml`.
pub(crate) fn read_variables(mut reader: Reader<'_>) -> Vec<VariableForm<'static>> {
    named(&mut reader, |reader, name, table| {
        let mut form = VariableForm {
            name,
            ..VariableForm::default()
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "means" => form.means = reader.text(key, value).unwrap_or_default(),
                "template" => form.template = reader.text(key, value).unwrap_or_default(),
                "example" => form.example = reader.text(key, value),
                "resource-types" => form.resource_types = reader.texts(key, value),
                _ => reader.unknown(key, &["means", "template", "example", "resource-types"]),
            }
        }
        form
    })
}

/// Reads `conditions.toml`.
pub(crate) fn read_conditions(mut reader: Reader<'_>) -> Vec<ConditionForm<'static>> {
    named(&mut reader, |reader, name, table| {
        let mut form = ConditionForm {
            name,
            ..ConditionForm::default()
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "question" => form.question = reader.text(key, value).unwrap_or_default(),
                _ => reader.unknown(key, &["question"]),
            }
        }
        form
    })
}

fn named<'t, T>(
    reader: &mut Reader<'t>,
    mut one: impl FnMut(&mut Reader<'t>, Text<'static>, &DeTable<'t>) -> T,
) -> Vec<T> {
    let Some(document) = reader.document() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, value) in document.get_ref() {
        let name = reader.at(&key.span(), key.get_ref());
        match value.get_ref().as_table() {
            Some(table) => found.push(one(reader, name, table)),
            None => reader.wrong_type(key, value, "a table"),
        }
    }
    found
}
