//! A set as accounts give it: its smallest policies, wildcards by service and verb, a group.

use catalog::{Catalog, ScopeValues};

use crate::document::Document;
use crate::grants;
use crate::listing::{Group, ManagedPolicy};
use crate::parts::{Holdings, Parts};
use crate::shape::VERSION;

/// A set with the policies that give it.
pub(crate) struct Set {
    pub(crate) id: String,
    pub(crate) actions: Vec<String>,
    pub(crate) services: Vec<String>,
    /// The smallest policies, with older versions that lack a few actions.
    pub(crate) policies: Vec<ManagedPolicy>,
    pub(crate) by_service: Document,
    pub(crate) by_verb: Document,
    /// Whose members hold the set.
    pub(crate) group: Group,
}

impl Set {
    pub(crate) fn new(parts: &mut Parts, catalog: &Catalog, id: &str) -> Self {
        let actions = grants::names(catalog, id, VERSION);
        let documents = grants::smallest(catalog, id, VERSION, &ScopeValues::default(), |_| true);
        let policies: Vec<ManagedPolicy> = documents
            .into_iter()
            .enumerate()
            .map(|(at, newest)| {
                let mut older = newest.clone();
                for statement in &mut older.statement {
                    let fewer = statement.action.0.len().saturating_sub(4).max(1);
                    statement.action.0.truncate(fewer);
                }
                parts.policy(&format!("{id}-{}", at + 1), vec![older, newest], 1)
            })
            .collect();
        let holds = policies.iter().fold(Holdings::default(), Holdings::attach);
        let set = catalog.find(id).unwrap_or_else(|error| panic!("{error}"));
        Self {
            id: id.to_owned(),
            services: set
                .trusted_services_for(VERSION)
                .map(str::to_owned)
                .collect(),
            group: parts.group(&format!("{id}-operators"), holds),
            by_service: grants::by_service(catalog, id, VERSION),
            by_verb: grants::by_verb(catalog, id, VERSION),
            policies,
            actions,
        }
    }

    pub(crate) fn shared(&self) -> Holdings {
        self.policies
            .iter()
            .fold(Holdings::default(), Holdings::attach)
    }
}
