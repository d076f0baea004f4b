//! Documents: which policy documents were read already?

use std::collections::HashMap;
use std::sync::Arc;

use iam::inventory::Fault;
use iam::policy::Document;

/// Documents by their text: what-if questions ask about few policies many times.
#[derive(Default)]
pub(super) struct Documents {
    known: HashMap<Box<str>, Arc<Result<Document, Fault>>>,
    bytes: usize,
}

impl Documents {
    /// Where the cache would grow without end, it starts anew.
    const MOST_BYTES: usize = 64 << 20;

    pub(super) fn get(&mut self, json: &str) -> Arc<Result<Document, Fault>> {
        if let Some(known) = self.known.get(json) {
            return Arc::clone(known);
        }
        if self.bytes > Self::MOST_BYTES {
            self.known.clear();
            self.bytes = 0;
        }
        let document = Arc::new(Document::parse(json));
        self.bytes += json.len();
        self.known.insert(json.into(), Arc::clone(&document));
        document
    }
}
