//! References: from which resource does an attribute come that is known only after apply?
//!
//! The configuration lists what each expression refers to, not what it does with it. An attribute that refers to one resource
//! is taken for that resource's name or ARN, since that is what the attributes asked about here hold. Variables lead to the
//! call of the module, outputs into it; what is local is not followed.

mod instances;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::node::{Member, Node};

/// So far is followed through modules.
const FURTHEST: usize = 20;

/// Settings of a provider that say nothing about the account.
const SAME_ACCOUNT: [&str; 5] = [
    "region",
    "default_tags",
    "ignore_tags",
    "max_retries",
    "user_agent",
];

/// The configuration that a plan was made of.
pub(super) struct Configuration<'n> {
    root: Option<&'n Node>,
    /// Resources by the calls that lead to their module, and their address there.
    resources: HashMap<(String, &'n str), &'n Node>,
    /// The configurations of providers, by their keys.
    providers: Option<&'n Node>,
    has_one_provider: bool,
}

/// Where references lead.
#[derive(Default)]
pub(super) struct Followed {
    /// Addresses of resources without the instance's key, each once.
    pub(super) bases: Vec<String>,
    /// Something could not be followed.
    pub(super) opaque: bool,
}

impl<'n> Configuration<'n> {
    pub(super) fn new(plan: &'n Node) -> Self {
        let mut configuration = Self {
            root: plan.at(&["configuration", "root_module"]),
            resources: HashMap::new(),
            providers: plan.at(&["configuration", "provider_config"]),
            has_one_provider: true,
        };
        if let Some(root) = configuration.root {
            configuration.index(root, "", 0);
        }
        let of_iam = configuration.resources.values().filter(|resource| {
            let kind = resource.get("type").and_then(Node::known);
            kind.is_some_and(|kind| kind.starts_with("aws_iam_") || kind.starts_with("awscc_iam_"))
        });
        let providers: BTreeSet<Option<&str>> = of_iam
            .map(|resource| resource.get("provider_config_key").and_then(Node::known))
            .collect();
        configuration.has_one_provider = providers.len() < 2;
        configuration
    }

    fn index(&mut self, module: &'n Node, calls: &str, depth: usize) {
        for resource in module.get("resources").map_or(&[][..], Node::items) {
            if let Some(address) = resource.get("address").and_then(Node::known) {
                self.resources.insert((calls.to_owned(), address), resource);
            }
        }
        if depth > FURTHEST {
            return;
        }
        for call in module.get("module_calls").map_or(&[][..], Node::members) {
            if let Some(below) = call.node.get("module") {
                self.index(below, &format!("{calls}.{}", call.key), depth + 1);
            }
        }
    }

    /// What an attribute of a resource refers to, as written.
    pub(super) fn references(&self, module: &str, address: &str, name: &str) -> Vec<&'n str> {
        let expression = self.expression(module, address, name);
        expression.map_or_else(Vec::new, references)
    }

    /// The expression of an attribute, or the list of those of a block.
    pub(super) fn expression(&self, module: &str, address: &str, name: &str) -> Option<&'n Node> {
        let resource = self.resource(module, address)?;
        resource.at(&["expressions", name])
    }

    /// Whether the configuration sets an attribute; where it is not there, yes.
    pub(super) fn sets(&self, module: &str, address: &str, name: &str) -> bool {
        self.resource(module, address)
            .is_none_or(|resource| resource.at(&["expressions", name]).is_some())
    }

    /// Which configuration of the provider a resource is of.
    pub(super) fn provider(&self, module: &str, address: &str) -> Option<&'n str> {
        let resource = self.resource(module, address)?;
        resource.get("provider_config_key").and_then(Node::known)
    }

    /// Whether two configurations of providers are of the same account: the same one, or two with the same credentials, such as
    /// those of two regions or of the providers `aws` and `awscc`.
    pub(super) fn one_account(&self, one: &str, other: &str) -> bool {
        let credentials = |key: &str| {
            let expressions = self.providers?.get(key)?.get("expressions");
            let members = expressions.map_or(&[][..], Node::members).iter();
            let members = members.filter(|member| !SAME_ACCOUNT.contains(&member.key.as_str()));
            // What is no constant may be anything.
            let known = |member: &'n Member| {
                let value = member.node.get("constant_value")?.known()?;
                Some((member.key.as_str(), value))
            };
            members.map(known).collect::<Option<BTreeMap<_, _>>>()
        };
        one == other || credentials(one).is_some_and(|found| Some(found) == credentials(other))
    }

    /// Whether all of IAM is of one configuration of the provider.
    pub(super) fn has_one_provider(&self) -> bool {
        self.has_one_provider
    }

    /// Where the references of an attribute lead.
    pub(super) fn follow(&self, module: &str, address: &str, name: &str) -> Followed {
        let mut followed = Followed::default();
        let references = self.references(module, address, name);
        if references.is_empty() {
            followed.opaque = true;
        }
        let each = self
            .resource(module, address)
            .and_then(|resource| resource.get("for_each_expression"));
        let mut bases = BTreeSet::new();
        for reference in references {
            // The key of an instance says which one, not what.
            if reference == "each.key" || reference == "count.index" {
                continue;
            }
            if reference.starts_with("each.") {
                let over = each.map_or_else(Vec::new, self::references);
                followed.opaque |= over.is_empty();
                for reference in over {
                    self.one(module, reference, &mut bases, &mut followed.opaque, 0);
                }
                continue;
            }
            self.one(module, reference, &mut bases, &mut followed.opaque, 0);
        }
        followed.bases = bases.into_iter().collect();
        followed
    }

    fn one(
        &self,
        module: &str,
        reference: &str,
        bases: &mut BTreeSet<String>,
        opaque: &mut bool,
        steps: usize,
    ) {
        let parts = parts(reference);
        let inside = |base: String| match module {
            "" => base,
            module => format!("{module}.{base}"),
        };
        if steps > FURTHEST {
            *opaque = true;
            return;
        }
        match parts.as_slice() {
            ["var", name, ..] => self.variable(module, name, bases, opaque, steps),
            // Without an output it is the whole module: any of its outputs may be meant.
            ["module", _] => *opaque = true,
            ["module", call, output, ..] => {
                let child = inside(format!("module.{call}"));
                let outputs = self.module(&child).and_then(|module| module.get("outputs"));
                let expression = outputs.and_then(|outputs| outputs.at(&[output, "expression"]));
                let found = expression.map_or_else(Vec::new, references);
                *opaque |= found.is_empty();
                for reference in found {
                    self.one(&child, reference, bases, opaque, steps + 1);
                }
            }
            ["data", kind, name, ..] => {
                bases.insert(inside(format!("data.{kind}.{name}")));
            }
            [
                "local" | "each" | "count" | "path" | "terraform" | "self",
                ..,
            ] => *opaque = true,
            [kind, name, ..] => {
                bases.insert(inside(format!("{kind}.{name}")));
            }
            _ => *opaque = true,
        }
    }

    fn variable(
        &self,
        module: &str,
        name: &str,
        bases: &mut BTreeSet<String>,
        opaque: &mut bool,
        steps: usize,
    ) {
        let parts = parts(module);
        let Some((call, front)) = parts.split_last() else {
            *opaque = true;
            return;
        };
        let parent = front
            .split_last()
            .map_or(&[][..], |(_, front)| front)
            .join(".");
        let call = without_key(call);
        let found = self
            .module(&parent)
            .and_then(|module| module.at(&["module_calls", call, "expressions", name]));
        let found = found.map_or_else(Vec::new, references);
        *opaque |= found.is_empty();
        for reference in found {
            self.one(&parent, reference, bases, opaque, steps + 1);
        }
    }

    /// The configuration of a module, by its address.
    fn module(&self, address: &str) -> Option<&'n Node> {
        let mut module = self.root?;
        for call in calls(address) {
            module = module.at(&["module_calls", call, "module"])?;
        }
        Some(module)
    }

    /// The configuration of a resource, by its address.
    fn resource(&self, module: &str, address: &str) -> Option<&'n Node> {
        self.resources.get(&configured_as(module, address)).copied()
    }
}

/// Under which calls and which address a resource is configured.
pub(super) fn configured_as<'a>(module: &str, address: &'a str) -> (String, &'a str) {
    let own = address.strip_prefix(module);
    let own = own.map_or(address, |own| own.strip_prefix('.').unwrap_or(own));
    let calls = calls(module).map(|call| format!(".{call}"));
    (calls.collect(), without_key(own))
}

/// Whether an address is that of a policy document as a data source.
pub(super) fn is_policy_document(address: &str) -> bool {
    address.starts_with("data.aws_iam_policy_document.")
        || address.contains(".data.aws_iam_policy_document.")
}

/// The key of an instance, with its brackets; empty where there is none.
pub(super) fn key_of(address: &str) -> &str {
    let last = parts(address).last().copied().unwrap_or_default();
    last.get(without_key(last).len()..).unwrap_or_default()
}

/// Everything that an expression refers to; blocks hold further expressions.
///
/// Terraform writes a reference as itself and then as each of its prefixes, down to the resource without its key:
/// `a.b[0].id`, `a.b[0]`, `a.b`. Only the first of these counts.
pub(super) fn references(expression: &Node) -> Vec<&str> {
    let own = expression.get("references").map_or(&[][..], Node::items);
    let mut longer = "";
    let own = own.iter().filter_map(Node::known).filter(move |reference| {
        let rest = longer.strip_prefix(reference);
        longer = reference;
        !rest.is_some_and(|rest| rest.starts_with(['.', '[']))
    });
    let below = expression.items().iter();
    let members = expression.members().iter();
    let members = members.filter(|member| member.key != "references");
    let below = below.chain(members.map(|member| &member.node));
    own.chain(below.flat_map(references)).collect()
}

/// The calls that lead to a module, outermost first: `module.a[0].module.b` is `a`, `b`.
fn calls(module: &str) -> impl Iterator<Item = &str> {
    let names = parts(module).into_iter().skip(1).step_by(2);
    names.map(without_key)
}

/// The parts of an address between its dots; a dot in a key does not count.
fn parts(address: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, letter) in address.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '.' if !quoted && depth == 0 => {
                parts.extend(address.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(address.get(from..).filter(|last| !last.is_empty()));
    parts
}

fn without_key(part: &str) -> &str {
    // The key stands at the end; one in the middle belongs to a module.
    match part.strip_suffix(']').and_then(|front| front.rfind('[')) {
        Some(at) => part.get(..at).unwrap_or(part),
        None => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_in_a_key_parts_nothing() {
        assert_eq!(
            parts(r#"module.a["x.y"].aws_iam_role.b[0]"#),
            ["module", r#"a["x.y"]"#, "aws_iam_role", "b[0]"]
        );
        assert_eq!(
            key_of(r#"module.a["x"].aws_iam_role.b["y.z"]"#),
            r#"["y.z"]"#
        );
        assert_eq!(key_of("aws_iam_role.b"), "");
        assert!(parts("").is_empty());
        let calls: Vec<&str> = calls(r#"module.module.module.b["x.y"]"#).collect();
        assert_eq!(calls, ["module", "b"]);
    }
}
