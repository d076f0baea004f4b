//! The library: every document once, compiled, and the layers of a principal with their positions in it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::document::CompiledDocument;
use super::layers::Held;
use super::table::ActionTable;
use crate::decision::Layer;
use crate::policy::Document;

/// Compiled documents.
pub(super) struct Library<'a> {
    table: ActionTable<'a>,
    pub(super) documents: Vec<CompiledDocument<'a>>,
    /// By the address of the document, which the inventory keeps where it is.
    known: HashMap<usize, usize, RandomState>,
}

/// A layer that is there and counts for a principal.
pub(super) struct PresentLayer<'a> {
    pub(super) layer: Layer,
    pub(super) policies: Vec<LayerPolicy<'a>>,
}

/// A policy of a layer.
pub(super) struct LayerPolicy<'a> {
    pub(super) held: Held<'a>,
    /// The position in the library; `None` where it cannot be read.
    pub(super) document: Option<usize>,
}

impl<'a> Library<'a> {
    pub(super) fn new(table: ActionTable<'a>) -> Self {
        Self {
            table,
            documents: Vec::new(),
            known: HashMap::default(),
        }
    }

    pub(super) fn table(&self) -> &ActionTable<'a> {
        &self.table
    }

    /// A layer with its documents compiled.
    pub(super) fn present(
        &mut self,
        layer: Layer,
        held: impl IntoIterator<Item = Held<'a>>,
    ) -> PresentLayer<'a> {
        let policies = held.into_iter().map(|held| LayerPolicy {
            document: held.document.ok().map(|document| self.find(document)),
            held,
        });
        PresentLayer {
            layer,
            policies: policies.collect(),
        }
    }

    /// The position of a document, which is compiled if it is new.
    fn find(&mut self, document: &'a Document) -> usize {
        let Self {
            table,
            documents,
            known,
        } = self;
        *known
            .entry(std::ptr::from_ref(document).addr())
            .or_insert_with(|| {
                documents.push(CompiledDocument::new(document, table));
                documents.len() - 1
            })
    }
}
