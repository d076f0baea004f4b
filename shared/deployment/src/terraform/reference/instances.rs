//! Instances: which resources of a configuration have none in the plan, and what decides about that?

use super::{Configuration, references};
use crate::node::Node;

/// What says how many instances there are.
const COUNTS: [&str; 2] = ["count_expression", "for_each_expression"];

impl<'n> Configuration<'n> {
    /// The resources without an instance that are asked for by their type and place, each with what decides about that.
    pub(in crate::terraform) fn without_instance(
        &self,
        is_asked: impl Fn(&str, &(String, &'n str)) -> bool,
    ) -> Vec<String> {
        let mut told = Vec::new();
        for (place, resource) in &self.resources {
            let text = |name| resource.get(name).and_then(Node::known);
            let is_data = text("mode") == Some("data");
            let Some(kind) = text("type").filter(|kind| !is_data && is_asked(kind, place)) else {
                continue;
            };
            let (calls, own) = place;
            let calls: Vec<&str> = calls.split('.').skip(1).collect();
            let module: String = calls.iter().map(|call| format!("module.{call}.")).collect();
            let decides = self.decides(&calls, resource);
            told.push(format!(
                "`{module}{own}` ({kind}) has no instance in the plan{decides}"
            ));
        }
        told.sort();
        told
    }

    /// What the number of instances depends on: the resource's own, or that of a module in which it is.
    fn decides(&self, calls: &[&str], resource: &Node) -> String {
        let mut module = self.root;
        let mut counted: Vec<(String, &Node)> = Vec::new();
        for call in calls {
            let called = module.and_then(|module| module.at(&["module_calls", call]));
            counted.extend(called.map(|called| (format!("of `module.{call}` "), called)));
            module = called.and_then(|called| called.get("module"));
        }
        counted.push((String::new(), resource));
        let found = counted.iter().rev().find_map(|(of, node)| {
            COUNTS.into_iter().find_map(|name| {
                let expression = node.get(name)?;
                let name = name.trim_end_matches("_expression");
                let references = references(expression).join(", ");
                Some(match references.as_str() {
                    "" => format!(": `{name}` {of}is none"),
                    references => format!(": `{name}` {of}depends on {references}"),
                })
            })
        });
        found.unwrap_or_default()
    }
}
