//! Functions: what does `Fn::Sub`, `Ref` or `Fn::If` come to, as far as the template says?
//!
//! In: a node with functions in it. Out: one without; what the deployment alone can settle is unknown, with the reason, a
//! piece of a text where the rest is known. Each function has a module of its own only where it is long.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use super::condition::Held;
use crate::node::{Member, Node, Text, Unknown, Value};
use crate::{Account, Options, ReadError};

/// So many steps are taken in one template; more are a trap.
const MOST_STEPS: usize = 2_000_000;
/// No text of a policy is longer.
const LONGEST: usize = 1 << 16;
/// So deep may one name hang on another.
const DEEPEST: usize = 40;

/// Pseudo parameters for which values may be given; the account's id is an option of its own.
const GIVEN: [&str; 6] = [
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// A template and what is known of its deployment.
pub(crate) struct Template<'a> {
    pub(super) root: &'a Node,
    account: Account,
    options: &'a Options<'a>,
    steps: Cell<usize>,
    depth: Cell<usize>,
    pub(super) conditions: RefCell<HashMap<String, Held>>,
    /// Names of resources, by logical id and property.
    pub(super) names: RefCell<HashMap<(String, String), Text>>,
}

/// What is said where nobody can know.
pub(super) fn unknown(name: &str, why: impl Into<String>, line: usize) -> Unknown {
    Unknown {
        name: name.to_owned(),
        why: why.into(),
        line,
        of: None,
    }
}

impl<'a> Template<'a> {
    /// # Errors
    /// [`ReadError::Parameter`] where a value is given for a parameter that is not there.
    pub(super) fn new(
        root: &'a Node,
        account: Account,
        options: &'a Options<'a>,
    ) -> Result<Self, ReadError> {
        let parameters = root.get("Parameters").map_or(&[][..], Node::members);
        for (name, value) in options.parameters {
            let known = |known: &[&str]| ReadError::Parameter {
                name: name.clone(),
                known: known.iter().map(|&one| one.to_owned()).collect(),
            };
            if name.starts_with("AWS::") {
                if !GIVEN.contains(&name.as_str()) {
                    return Err(known(&GIVEN));
                }
                continue;
            }
            let Some(parameter) = parameters.iter().find(|member| member.key == *name) else {
                let names: Vec<&str> = parameters.iter().map(|one| one.key.as_str()).collect();
                return Err(known(&names));
            };
            check_allowed(name, value, &parameter.node)?;
        }
        Ok(Self {
            root,
            account,
            options,
            steps: Cell::new(0),
            depth: Cell::new(0),
            conditions: RefCell::default(),
            names: RefCell::default(),
        })
    }

    /// The partition that ARNs are in.
    pub(super) fn partition(&self) -> &str {
        let given = self.options.parameters.get("AWS::Partition");
        given.map_or("aws", String::as_str)
    }

    pub(super) fn account(&self) -> &str {
        // The id lives as long as the template.
        match &self.account {
            Account::Given(id) | Account::Named(id) | Account::MadeUp(id) => id.as_str(),
        }
    }

    /// The same value without functions.
    pub(crate) fn resolve(&self, node: &Node) -> Node {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > MOST_STEPS || self.depth.get() > DEEPEST {
            let why = "the functions of the template lead too far";
            return Node::new(node.line, Value::Unknown(unknown("?", why, node.line)));
        }
        let value = match &node.value {
            Value::Scalar(text) => Value::Scalar(looked_up(text.clone(), node.line)),
            Value::List(items) => {
                let items = items.iter().map(|item| self.resolve(item));
                Value::List(items.filter(|item| item.value != Value::Nothing).collect())
            }
            Value::Map(members) => match self.function(node) {
                Some(value) => value,
                None => {
                    let members = members.iter().map(|member| Member {
                        key: member.key.clone(),
                        node: self.resolve(&member.node),
                    });
                    let there = members.filter(|member| member.node.value != Value::Nothing);
                    Value::Map(there.collect())
                }
            },
            Value::Null | Value::Nothing | Value::Unknown(_) | Value::Either(..) => {
                node.value.clone()
            }
        };
        Node::new(node.line, value)
    }

    /// One level deeper: a name that hangs on another name.
    pub(super) fn deeper<T>(&self, with: impl FnOnce() -> T) -> T {
        self.depth.set(self.depth.get() + 1);
        let result = with();
        self.depth.set(self.depth.get().saturating_sub(1));
        result
    }

    fn function(&self, node: &Node) -> Option<Value> {
        let member = node.only()?;
        let (line, argument) = (node.line, &member.node);
        Some(match member.key.as_str() {
            "Ref" => match argument.known() {
                Some(name) => self.reference(name, line),
                None => bad("Ref", line),
            },
            "Fn::GetAtt" => self.attribute_of(argument, line),
            "Fn::Sub" => self.substitute(argument, line),
            "Fn::Join" => self.join(argument, line),
            "Fn::Select" => self.select(argument, line),
            "Fn::Split" => self.split(argument, line),
            "Fn::FindInMap" => self.find_in_map(argument, line),
            "Fn::If" => self.choose(argument, line),
            name if name.starts_with("Fn::") => {
                let why = format!("`{name}` is followed only when it is deployed");
                Value::Unknown(unknown(name, why, line))
            }
            _ => return None,
        })
    }

    /// What `Ref` gives for a parameter or a resource.
    pub(super) fn reference(&self, name: &str, line: usize) -> Value {
        if let Some(value) = self.pseudo(name, line) {
            return value;
        }
        if let Some(parameter) = self.root.at(&["Parameters", name]) {
            return self.parameter(name, parameter, line);
        }
        match self.root.at(&["Resources", name]) {
            Some(resource) => self.deeper(|| self.reference_of(name, resource, line)),
            None => {
                let why = format!("the template has no parameter and no resource `{name}`");
                Value::Unknown(unknown(name, why, line))
            }
        }
    }

    fn pseudo(&self, name: &str, line: usize) -> Option<Value> {
        if !name.starts_with("AWS::") {
            return None;
        }
        if let Some(given) = self.options.parameters.get(name) {
            return Some(Value::Scalar(given.as_str().into()));
        }
        Some(match name {
            "AWS::NoValue" => Value::Nothing,
            "AWS::AccountId" => Value::Scalar(self.account().into()),
            "AWS::Partition" => Value::Scalar("aws".into()),
            "AWS::URLSuffix" => Value::Scalar(
                match self.partition() {
                    "aws-cn" => "amazonaws.com.cn",
                    _ => "amazonaws.com",
                }
                .into(),
            ),
            _ => {
                let why = format!(
                    "`{name}` is not known before it is deployed: give --parameter {name}=VALUE"
                );
                Value::Unknown(unknown(name, why, line))
            }
        })
    }

    fn parameter(&self, name: &str, parameter: &Node, line: usize) -> Value {
        let kind = parameter
            .get("Type")
            .and_then(Node::known)
            .unwrap_or("String");
        let given = self.options.parameters.get(name).map(String::as_str);
        let is_looked_up = kind.starts_with("AWS::SSM::");
        let default = parameter.get("Default").and_then(Node::known);
        let value = match (given, default) {
            // What is given for one that is looked up is only the name to look for.
            (Some(given), _) if !is_looked_up => given,
            (None, Some(default)) if !is_looked_up => default,
            (_, _) => {
                let why = match is_looked_up {
                    true => format!(
                        "parameter `{name}` is looked up in Parameter Store when it is deployed"
                    ),
                    false => {
                        format!("parameter `{name}` has no Default: give --parameter {name}=VALUE")
                    }
                };
                return Value::Unknown(unknown(name, why, line));
            }
        };
        if kind == "CommaDelimitedList" || kind.contains("List<") {
            let items = value
                .split(',')
                .map(|item| looked_up(item.trim().into(), line));
            let items = items.map(|item| Node::new(line, Value::Scalar(item)));
            return Value::List(items.collect());
        }
        Value::Scalar(looked_up(value.into(), line))
    }

    fn attribute_of(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let found = match argument.items() {
            [id, attribute] => id.known().zip(attribute.known()),
            _ => argument.known().and_then(|text| text.split_once('.')),
        };
        match found {
            Some((id, attribute)) => self.deeper(|| self.attribute(id, attribute, line)),
            None => bad("Fn::GetAtt", line),
        }
    }

    fn substitute(&self, argument: &Node, line: usize) -> Value {
        let (text, own) = match argument.items() {
            [text, own] => (text.known(), Some(own)),
            _ => (argument.known(), None),
        };
        let Some(text) = text else {
            return bad("Fn::Sub", line);
        };
        let own: BTreeMap<&str, &Node> = own
            .map_or(&[][..], Node::members)
            .iter()
            .map(|member| (member.key.as_str(), &member.node))
            .collect();
        let mut texts: Vec<Text> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            texts.push(before.into());
            let Some((name, behind)) = after.split_once('}') else {
                texts.push("${".into());
                rest = after;
                break;
            };
            rest = behind;
            if let Some(literal) = name.strip_prefix('!') {
                texts.push(format!("${{{literal}}}").into());
                continue;
            }
            let name = name.trim();
            let value = match (own.get(name), name.split_once('.')) {
                (Some(node), _) => self.resolve(node).value,
                (None, Some((id, attribute))) => {
                    self.deeper(|| self.attribute(id, attribute, line))
                }
                (None, None) => self.reference(name, line),
            };
            texts.push(into_text(value, name, line));
        }
        texts.push(rest.into());
        self.text(texts, line)
    }

    fn join(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let [delimiter, list] = argument.items() else {
            return bad("Fn::Join", line);
        };
        let Some(delimiter) = delimiter.known() else {
            return bad("Fn::Join", line);
        };
        let items = match &list.value {
            Value::List(items) => items,
            Value::Unknown(why) | Value::Either(_, why) => return Value::Unknown(why.clone()),
            _ => return bad("Fn::Join", line),
        };
        if let Some(why) = items.iter().find_map(may_drop_out) {
            // With an item, its delimiter goes too.
            return Value::Unknown(why.clone());
        }
        let mut texts: Vec<Text> = Vec::new();
        for item in items {
            if !texts.is_empty() {
                texts.push(delimiter.into());
            }
            texts.push(into_text(item.value.clone(), "Fn::Join", line));
        }
        self.text(texts, line)
    }

    fn select(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let [index, list] = argument.items() else {
            return bad("Fn::Select", line);
        };
        let index = index.known().and_then(|text| text.parse::<usize>().ok());
        match (index, &list.value) {
            (Some(index), Value::List(items)) => {
                let mut before = items.iter().take(index.saturating_add(1));
                if let Some(why) = before.find_map(may_drop_out) {
                    return Value::Unknown(why.clone());
                }
                items
                    .get(index)
                    .map_or_else(|| bad("Fn::Select", line), |item| item.value.clone())
            }
            (_, Value::Unknown(why) | Value::Either(_, why)) => Value::Unknown(why.clone()),
            _ => bad("Fn::Select", line),
        }
    }

    fn split(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let [delimiter, text] = argument.items() else {
            return bad("Fn::Split", line);
        };
        match (delimiter.known(), text.known(), text.unknown()) {
            (Some(delimiter), Some(text), _) if !delimiter.is_empty() => {
                let items = text.split(delimiter).map(|item| Node::text(line, item));
                Value::List(items.collect())
            }
            (_, _, Some(why)) => Value::Unknown(why.clone()),
            _ => bad("Fn::Split", line),
        }
    }

    fn find_in_map(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let (keys, default) = match argument.items() {
            [map, top, second] => ([map, top, second], None),
            [map, top, second, options] => ([map, top, second], options.get("DefaultValue")),
            _ => return bad("Fn::FindInMap", line),
        };
        if let Some(why) = keys.iter().find_map(|key| key.unknown()) {
            return Value::Unknown(why.clone());
        }
        let found = keys
            .iter()
            .try_fold(self.root.get("Mappings"), |node, key| {
                Some(node?.get(key.known()?))
            })
            .flatten();
        match (found, default) {
            (Some(found), _) => self.resolve(found).value,
            (None, Some(default)) => default.value.clone(),
            (None, None) => {
                let keys: Vec<&str> = keys.iter().filter_map(|key| key.known()).collect();
                let why = format!("the template maps nothing under {}", keys.join(", "));
                Value::Unknown(unknown("Fn::FindInMap", why, line))
            }
        }
    }

    fn choose(&self, argument: &Node, line: usize) -> Value {
        let [condition, yes, no] = argument.items() else {
            return bad("Fn::If", line);
        };
        let Some(name) = condition.known() else {
            return bad("Fn::If", line);
        };
        match self.condition(name, line) {
            Held::Known(true) => self.resolve(yes).value,
            Held::Known(false) => self.resolve(no).value,
            Held::Unknown(why) => {
                let two = [self.resolve(yes), self.resolve(no)];
                Value::Either(Box::new(two), why)
            }
        }
    }

    fn text(&self, texts: Vec<Text>, line: usize) -> Value {
        let text = looked_up(Text::concat(texts), line);
        let length = text.to_string().len();
        // A long text is many steps: names in names could double it each time.
        self.steps.set(self.steps.get() + length / 16);
        if length > LONGEST {
            let why = "the text gets too long to be in a policy";
            return Value::Unknown(unknown("?", why, line));
        }
        Value::Scalar(text)
    }
}

/// A text without `{{resolve:…}}`, which is fetched when it is deployed: each is a piece that is not known.
///
/// One without an end stays, since what it is joined with may end it.
fn looked_up(text: Text, line: usize) -> Text {
    const START: &str = "{{resolve:";
    let mut texts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_at_known(START) {
        let Some((name, behind)) = after.split_at_known("}}") else {
            texts.extend([before, START.into(), after]);
            return Text::concat(texts);
        };
        let why = format!("`{START}{name}}}}}` is looked up when it is deployed");
        let piece = unknown(&format!("resolve:{name}"), why, line);
        texts.extend([before, piece.into()]);
        rest = behind;
    }
    texts.push(rest);
    Text::concat(texts)
}

/// Why an item of a list may not be in it, so that those behind it may stand one place before.
fn may_drop_out(item: &Node) -> Option<&Unknown> {
    match &item.value {
        Value::Nothing => None,
        Value::Either(two, why) => {
            let mut sides = two.iter();
            let drops = |one: &Node| one.value == Value::Nothing || may_drop_out(one).is_some();
            sides.any(drops).then_some(why)
        }
        _ => None,
    }
}

/// # Errors
/// [`ReadError::NotAllowed`] where the template allows only other values.
fn check_allowed(name: &str, value: &str, parameter: &Node) -> Result<(), ReadError> {
    let Some(allowed) = parameter.get("AllowedValues") else {
        return Ok(());
    };
    let allowed: Vec<&str> = allowed.each().iter().filter_map(Node::known).collect();
    let kind = parameter.get("Type").and_then(Node::known);
    let values: Vec<&str> = match kind.is_some_and(|kind| kind.contains("List")) {
        true => value.split(',').map(str::trim).collect(),
        false => vec![value],
    };
    match values.into_iter().find(|one| !allowed.contains(one)) {
        None => Ok(()),
        Some(value) => Err(ReadError::NotAllowed {
            name: name.to_owned(),
            value: value.to_owned(),
            allowed: allowed.join(", "),
        }),
    }
}

/// A function that is not written as it must be.
pub(super) fn bad(name: &str, line: usize) -> Value {
    let why = format!("`{name}` is not written as it must be, so nobody knows what it gives");
    Value::Unknown(unknown(name, why, line))
}

/// A value as a piece of a text.
pub(super) fn into_text(value: Value, name: &str, line: usize) -> Text {
    match value {
        Value::Scalar(text) => text,
        Value::Unknown(why) | Value::Either(_, why) => why.into(),
        // A list of parameters in a text stands there with commas.
        Value::List(items) => {
            let known: Option<Vec<&str>> = items.iter().map(Node::known).collect();
            match known {
                Some(known) => known.join(",").into(),
                None => unknown(name, "a list of which not all is known", line).into(),
            }
        }
        Value::Null | Value::Nothing | Value::Map(_) => {
            unknown(name, format!("`{name}` is no text"), line).into()
        }
    }
}
