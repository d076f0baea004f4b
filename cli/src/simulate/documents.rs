//! Documents: which policy documents were read already?

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use iam::Policy;
use iam::inventory::Fault;
use iam::policy::{Document, grant};

/// In which form a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// A policy of the principal's side.
    Principal,
    /// A resource's own policy, or one of an endpoint.
    Resource,
    /// A resource control policy.
    ResourceControl,
    /// A grant of a KMS key.
    Grant,
}

/// A document, or why it cannot be read.
pub(super) type ReadDocument = Arc<Result<Document, Fault>>;

/// Documents by their form and text: what-if questions ask about few policies many times.
#[derive(Default)]
pub(super) struct Documents {
    known: BTreeMap<Form, HashMap<Box<str>, ReadDocument>>,
    bytes: usize,
}

impl Documents {
    /// Where the cache would grow without end, it starts anew.
    const MOST_BYTES: usize = 64 << 20;

    pub(super) fn get(&mut self, json: &str, form: Form) -> ReadDocument {
        let known = self.known.get(&form).and_then(|known| known.get(json));
        if let Some(known) = known {
            return Arc::clone(known);
        }
        if self.bytes > Self::MOST_BYTES {
            self.known.clear();
            self.bytes = 0;
        }
        let document = Arc::new(match form {
            Form::Principal => Document::parse(json),
            Form::Resource => Document::parse_resource_policy(json),
            Form::ResourceControl => Document::parse_resource_control_policy(json),
            Form::Grant => grant::read(json),
        });
        self.bytes += json.len();
        let known = self.known.entry(form).or_default();
        known.insert(json.into(), Arc::clone(&document));
        document
    }
}

/// A document with its place in the line, such as `scp[1][0]`.
pub(super) struct Named {
    pub(super) name: Arc<str>,
    pub(super) document: ReadDocument,
}

/// Documents as the policies of a layer.
pub(super) fn policies(list: &[Named]) -> Vec<Policy<'_>> {
    list.iter()
        .map(|named| Policy {
            name: Arc::clone(&named.name),
            document: named.document.as_ref().as_ref(),
        })
        .collect()
}
