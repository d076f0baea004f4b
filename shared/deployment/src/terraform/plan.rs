//! The plan: which resources will exist, and what is known of their attributes?
//!
//! `planned_values` has what is known, module by module; `resource_changes` says what is known only after apply.

mod targets;

use std::collections::{BTreeMap, HashMap, HashSet};

use iam::PrincipalKind;

use super::cloud_control::{Names, as_aws, own_name};
use super::grant::Grants;
use super::reference::{self, Configuration};
use super::unknown::any_true;
use crate::node::{Node, Unknown};

/// A plan, ready to be asked.
pub(super) struct Plan<'n> {
    resources: BTreeMap<&'n str, Planned<'n>>,
    /// What a change leaves open, by address.
    unknown: HashMap<&'n str, &'n Node>,
    /// Data sources that are read during apply: what is known of them, and what not.
    data: HashMap<&'n str, (&'n Node, &'n Node)>,
    /// Managed policies that were read and are not of this plan, with what is known of them.
    read: BTreeMap<&'n str, Planned<'n>>,
    /// Users, roles and groups by their names in lower case; without a name where it is not known.
    called: HashMap<Option<String>, Vec<&'n str>>,
    /// Users, roles and groups of which nothing has the name any more, by kind and name.
    gone: HashSet<(Option<PrincipalKind>, &'n str)>,
    grants: Grants<'n>,
    configuration: Configuration<'n>,
}

/// A resource that will be there.
pub(super) struct Planned<'n> {
    /// Such as `module.backup.aws_iam_role.worker[0]`.
    pub(super) address: &'n str,
    /// The module's address; empty for the root.
    pub(super) module: &'n str,
    /// The type; for one of `awscc` that is followed, the type of `aws` that is the same.
    pub(super) kind: &'n str,
    pub(super) values: &'n Node,
    /// How it calls the attributes that have another name in `aws`.
    names: Names,
}

/// What is known of an attribute.
pub(super) enum Attribute<'n> {
    Known(&'n Node),
    /// Known only after apply.
    Unknown(Unknown),
    Absent,
}

impl<'n> Plan<'n> {
    pub(super) fn new(root: &'n Node) -> Self {
        let mut plan = Self {
            resources: BTreeMap::new(),
            unknown: HashMap::new(),
            data: HashMap::new(),
            read: BTreeMap::new(),
            called: HashMap::new(),
            gone: HashSet::new(),
            grants: Grants::default(),
            configuration: Configuration::new(root),
        };
        if let Some(module) = root.at(&["planned_values", "root_module"]) {
            plan.module(module, "", 0);
        }
        if let Some(module) = root.at(&["prior_state", "values", "root_module"]) {
            // Only what was read counts of it: what was managed is planned, or deleted.
            let planned = std::mem::take(&mut plan.resources);
            plan.module(module, "", 0);
            plan.resources = planned;
        }
        for one in plan.resources.values() {
            plan.grants.keep(one.kind, one.names, one.values);
            if let "aws_iam_role" | "aws_iam_user" | "aws_iam_group" = one.kind {
                let name = one.text("name").map(|name| name.to_lowercase());
                plan.called.entry(name).or_default().push(one.address);
            }
        }
        for change in root.get("resource_changes").map_or(&[][..], Node::items) {
            let address = change.get("address").and_then(Node::known);
            let kind = change.get("type").and_then(Node::known).map(as_aws);
            let is_deposed = change.get("deposed").is_some_and(Node::is_there);
            let (Some(address), Some(change)) = (address, change.get("change")) else {
                continue;
            };
            if let Some((kind, names)) = kind {
                plan.grants.change(address, kind, names, change);
                plan.gone.extend(gone(kind, names, change));
            }
            // What is left of an earlier replacement says nothing of what is planned.
            if is_deposed {
                continue;
            }
            if let Some(unknown) = change.get("after_unknown") {
                plan.unknown.insert(address, unknown);
                if let Some(after) = change.get("after") {
                    plan.data.insert(address, (after, unknown));
                }
            }
        }
        plan
    }

    fn module(&mut self, module: &'n Node, address: &'n str, depth: usize) {
        for resource in module.get("resources").map_or(&[][..], Node::items) {
            let text = |key| resource.get(key).and_then(Node::known);
            let found = text("address")
                .zip(text("type"))
                .zip(resource.get("values"));
            let Some(((whole, kind), values)) = found else {
                continue;
            };
            let is_data = text("mode") == Some("data");
            let (kind, names) = as_aws(kind);
            let planned = Planned {
                address: whole,
                module: address,
                kind,
                values,
                names,
            };
            if !is_data {
                self.resources.insert(whole, planned);
            } else if kind == "aws_iam_policy" {
                self.read.insert(whole, planned);
            }
        }
        // Modules do not nest deeper than a person can think.
        if depth > 30 {
            return;
        }
        for child in module.get("child_modules").map_or(&[][..], Node::items) {
            let address = child
                .get("address")
                .and_then(Node::known)
                .unwrap_or_default();
            self.module(child, address, depth + 1);
        }
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = &Planned<'n>> {
        self.resources.values()
    }

    /// The resource of an address.
    pub(super) fn resource(&self, address: &str) -> Option<&Planned<'n>> {
        self.resources.get(address)
    }

    /// Whether a user, role or group is deleted or gets another name.
    pub(super) fn is_gone(&self, kind: Option<PrincipalKind>, name: &str) -> bool {
        self.gone.contains(&(kind, name))
    }

    /// Managed policies that were read and are not of this plan.
    pub(super) fn read(&self) -> impl Iterator<Item = &Planned<'n>> {
        self.read.values()
    }

    /// What the plan grants and takes away.
    pub(super) fn grants(&self) -> &Grants<'n> {
        &self.grants
    }

    /// Users and roles that the plan deletes: address, name, and the address of one that may have the name afterwards.
    pub(super) fn deleted(&self, root: &'n Node) -> Vec<(&'n str, &'n str, Option<&'n str>)> {
        let changes = root.get("resource_changes").map_or(&[][..], Node::items);
        let told = changes.iter().filter_map(|change| {
            let (kind, names) = as_aws(change.get("type").and_then(Node::known)?);
            let actions = change.at(&["change", "actions"])?.items();
            let is_deleted = matches!(actions, [only] if only.known() == Some("delete"));
            if !is_deleted || !matches!(kind, "aws_iam_role" | "aws_iam_user") {
                return None;
            }
            let address = change.get("address").and_then(Node::known)?;
            let name = change
                .at(&["change", "before", own_name(names, "name")])
                .and_then(Node::known)
                .unwrap_or(address);
            let same = self.resource(address).map(|one| one.address);
            let successor = same.or_else(|| self.perhaps_called(kind, name).next());
            Some((address, name, successor))
        });
        told.collect()
    }

    /// Resources of IAM whose change is not followed: address, and why.
    pub(super) fn unfollowed_changes(root: &'n Node) -> Vec<(&'n str, String)> {
        const FOLLOWED: [&str; 5] = ["no-op", "create", "read", "update", "delete"];
        let changes = root.get("resource_changes").map_or(&[][..], Node::items);
        let told = changes.iter().filter_map(|change| {
            let (kind, _) = as_aws(change.get("type").and_then(Node::known)?);
            let mut actions = change.at(&["change", "actions"])?.items().iter();
            let other = actions.find_map(|one| one.known().filter(|one| !FOLLOWED.contains(one)))?;
            let why = match other {
                _ if !kind.starts_with("aws_iam_") => return None,
                "forget" => "the plan forgets it and leaves it in AWS (`removed` with `destroy = false`), so what it grants or denies there is not followed".to_owned(),
                other => format!("the plan says `{other}`, which is no change that is known"),
            };
            Some((change.get("address").and_then(Node::known)?, why))
        });
        told.collect()
    }

    /// Users and roles of the configuration of which no instance is planned, each with what decides about that.
    pub(super) fn without_instance(&self) -> Vec<String> {
        let planned = self.resources.values();
        let planned: HashSet<(String, &str)> = planned
            .map(|one| reference::configured_as(one.module, one.address))
            .collect();
        self.configuration.without_instance(|kind, place| {
            matches!(as_aws(kind).0, "aws_iam_role" | "aws_iam_user") && !planned.contains(place)
        })
    }

    /// Who of a kind has a name or may turn out to have it; IAM takes no two that differ in case only.
    pub(super) fn perhaps_called(&self, kind: &str, name: &str) -> impl Iterator<Item = &'n str> {
        let named = self.called.get(&Some(name.to_lowercase()));
        let unnamed = self.called.get(&None).into_iter().flatten();
        let unnamed = unnamed.filter(move |address| {
            let prefix = self
                .resource(address)
                .and_then(|one| one.text("name_prefix"));
            prefix.is_none_or(|prefix| name.starts_with(&prefix))
        });
        let all = named.into_iter().flatten().chain(unnamed).copied();
        all.filter(move |address| self.resource(address).is_some_and(|one| one.kind == kind))
    }

    /// Why the plan does not show all that will be there.
    pub(super) fn incomplete(root: &Node) -> Option<&'static str> {
        let says = |key, text| root.get(key).and_then(Node::known) == Some(text);
        let deferred = root.get("deferred_changes").map_or(&[][..], Node::items);
        if says("errored", "true") {
            Some("the plan ended in an error, so it is incomplete: plan again")
        } else if !deferred.is_empty() {
            Some("the plan defers some changes, so it is incomplete: apply it, then plan again")
        } else if says("complete", "false") {
            Some(
                "the plan is incomplete, as with -target: plan again without it, or apply it first",
            )
        } else {
            None
        }
    }

    /// What is known of an attribute.
    pub(super) fn attribute(&self, one: &Planned<'n>, name: &str) -> Attribute<'n> {
        if let Some(node) = one.get(name).filter(|node| node.is_there()) {
            return Attribute::Known(node);
        }
        if self.open(one, name).is_some_and(any_true) {
            return Attribute::Unknown(self.why(one, name));
        }
        Attribute::Absent
    }

    /// What of an attribute is known only after apply.
    ///
    /// The provider `awscc` calls each attribute so that is not configured, though a new resource has nothing in it then.
    fn open(&self, one: &Planned<'n>, name: &str) -> Option<&'n Node> {
        let open = self.unknown.get(one.address)?.get(one.own_name(name))?;
        let is_filled = one.names.is_empty() || self.is_configured(one, name);
        is_filled.then_some(open)
    }

    fn why(&self, one: &Planned<'n>, name: &str) -> Unknown {
        let name = one.own_name(name);
        let references = self.configuration.references(one.module, one.address, name);
        let hangs = match references.first() {
            Some(first) => format!(": it depends on {first}"),
            None => String::new(),
        };
        Unknown {
            name: references.first().map_or_else(
                || format!("{}.{name}", one.address),
                |first| (*first).to_owned(),
            ),
            why: format!("`{}.{name}` is known only after apply{hangs}", one.address),
            line: 0,
            of: None,
        }
    }

    /// The keys of maps of which only the value is not known.
    pub(super) fn unknown_keys(&self, one: &Planned<'n>, names: &[&str]) -> Vec<&'n str> {
        let maps = names.iter().filter_map(|name| self.open(one, name));
        let members = maps.flat_map(Node::members);
        let mut keys: Vec<&str> = members
            .filter(|member| any_true(&member.node))
            .map(|member| member.key.as_str())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Why two resources may not be of the same account, by their addresses.
    pub(super) fn other_account(&self, one: &str, other: &str) -> Option<Unknown> {
        let provider = |address: &str| {
            let planned = self.resource(address)?;
            self.configuration.provider(planned.module, address)
        };
        let why = match (provider(one), provider(other)) {
            (Some(here), Some(there)) if self.configuration.one_account(here, there) => {
                return None;
            }
            (Some(here), Some(there)) => {
                format!(
                    "`{one}` is of provider `{here}`, `{other}` of `{there}`: perhaps another account"
                )
            }
            // What is deleted stands in no configuration any more.
            _ if self.configuration.has_one_provider() => return None,
            _ => format!("`{one}` and `{other}` may be of different providers"),
        };
        Some(Unknown {
            name: one.to_owned(),
            why,
            line: 0,
            of: None,
        })
    }

    /// Whether the configuration sets an attribute; where it cannot be told, yes.
    pub(super) fn is_configured(&self, one: &Planned<'n>, name: &str) -> bool {
        let name = one.own_name(name);
        self.configuration.sets(one.module, one.address, name)
    }
}

/// The kind and name of a user, role or group that a change deletes or renames.
fn gone<'n>(
    kind: &str,
    names: Names,
    change: &'n Node,
) -> Option<(Option<PrincipalKind>, &'n str)> {
    let kind = match kind {
        "aws_iam_role" => Some(PrincipalKind::Role),
        "aws_iam_user" => Some(PrincipalKind::User),
        "aws_iam_group" => None,
        _ => return None,
    };
    let name = |state| {
        let state: &'n Node = change.get(state)?;
        state.get(own_name(names, "name"))?.known()
    };
    let before = name("before")?;
    (name("after") != Some(before)).then_some((kind, before))
}

impl<'n> Planned<'n> {
    /// Whether it is of the provider `aws`, which takes an empty text for one that is not set.
    pub(super) fn is_of_aws(&self) -> bool {
        self.names.is_empty()
    }

    /// How it calls an attribute of `aws` itself.
    fn own_name<'a>(&self, attribute: &'a str) -> &'a str {
        own_name(self.names, attribute)
    }

    /// What is known of the value of an attribute.
    pub(super) fn get(&self, attribute: &str) -> Option<&'n Node> {
        self.values.get(self.own_name(attribute))
    }

    /// A text that is known.
    pub(super) fn text(&self, attribute: &str) -> Option<String> {
        self.get(attribute).and_then(Node::known).map(str::to_owned)
    }
}
