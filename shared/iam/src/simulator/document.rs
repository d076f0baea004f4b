//! Documents, compiled: which of the table's actions does each statement mean?
//!
//! A document is compiled once, however many principals carry it and whatever is asked about them. A statement that
//! means no action of the table is not here.

use super::bits::Bits;
use super::table::ActionTable;
use crate::context::follows_from_principal;
use crate::policy::{Document, Statement, Version};
use crate::variable::{self, Piece};

/// A document with its statements that matter.
pub(super) struct CompiledDocument<'a> {
    pub(super) version: Version,
    pub(super) statements: Vec<CompiledStatement<'a>>,
}

/// A statement that means at least one action of the table.
pub(super) struct CompiledStatement<'a> {
    pub(super) statement: &'a Statement,
    /// Its position in the document.
    pub(super) index: usize,
    pub(super) actions: Bits,
    /// Whether it matches a resource may depend on the principal.
    pub(super) resource_by_principal: bool,
    /// Whether its conditions hold may depend on the principal.
    pub(super) conditions_by_principal: bool,
}

impl<'a> CompiledDocument<'a> {
    pub(super) fn new(document: &'a Document, table: &mut ActionTable<'a>) -> Self {
        let version = document.version;
        let mut statements = Vec::new();
        for (index, statement) in document.statements.iter().enumerate() {
            let actions = table.meant(&statement.action);
            if !actions.is_empty() {
                statements.push(CompiledStatement {
                    statement,
                    index,
                    actions,
                    resource_by_principal: statement
                        .resource
                        .patterns
                        .iter()
                        .any(|pattern| names_principal(version, pattern)),
                    conditions_by_principal: statement.conditions.iter().any(|condition| {
                        let values = condition.values.iter();
                        follows_from_principal(&condition.key)
                            || values
                                .into_iter()
                                .any(|value| names_principal(version, value))
                    }),
                });
            }
        }
        Self {
            version,
            statements,
        }
    }
}

/// Whether a text has a variable that stands for something of the principal's.
fn names_principal(version: Version, text: &str) -> bool {
    let is_of_principal = |piece| match piece {
        Piece::Variable { key, .. } => follows_from_principal(key),
        Piece::Text(_) | Piece::Character(_) => false,
    };
    match version {
        Version::V2008 => false,
        Version::V2012 => {
            variable::has_variables(text) && variable::pieces(text).any(is_of_principal)
        }
    }
}
