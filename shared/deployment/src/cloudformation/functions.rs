//! Functions of several arguments: `Fn::Sub`, `Fn::Join`, `Fn::Select`, `Fn::Split`, `Fn::FindInMap`, `Fn::If`, `Fn::GetAtt`.

use std::collections::BTreeMap;

use super::resolve::{into_text, malformed};
use super::template::{ConditionValue, Template, unknown};
use crate::node::{Node, Text, Unknown, Value};

impl Template<'_> {
    pub(super) fn attribute_of(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let found = match argument.items() {
            [id, attribute] => id.known().zip(attribute.known()),
            _ => argument.known().and_then(|text| text.split_once('.')),
        };
        match found {
            Some((id, attribute)) => self.deeper(|| self.attribute(id, attribute, line)),
            None => malformed("Fn::GetAtt", line),
        }
    }

    pub(super) fn substitute(&self, argument: &Node, line: usize) -> Value {
        let (text, own) = match argument.items() {
            [text, own] => (text.known(), Some(own)),
            _ => (argument.known(), None),
        };
        let Some(text) = text else {
            return malformed("Fn::Sub", line);
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

    pub(super) fn join(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let [delimiter, list] = argument.items() else {
            return malformed("Fn::Join", line);
        };
        let Some(delimiter) = delimiter.known() else {
            return malformed("Fn::Join", line);
        };
        let items = match &list.value {
            Value::List(items) => items,
            Value::Unknown(why) | Value::Either(_, why) => return Value::Unknown(why.clone()),
            Value::Null | Value::Scalar(_) | Value::Map(_) | Value::Nothing => {
                return malformed("Fn::Join", line);
            }
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

    pub(super) fn select(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let [index, list] = argument.items() else {
            return malformed("Fn::Select", line);
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
                    .map_or_else(|| malformed("Fn::Select", line), |item| item.value.clone())
            }
            (_, Value::Unknown(why) | Value::Either(_, why)) => Value::Unknown(why.clone()),
            _ => malformed("Fn::Select", line),
        }
    }

    pub(super) fn split(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let [delimiter, text] = argument.items() else {
            return malformed("Fn::Split", line);
        };
        match (delimiter.known(), text.known(), text.unknown()) {
            (Some(delimiter), Some(text), _) if !delimiter.is_empty() => {
                let items = text.split(delimiter).map(|item| Node::text(line, item));
                Value::List(items.collect())
            }
            (_, _, Some(why)) => Value::Unknown(why.clone()),
            _ => malformed("Fn::Split", line),
        }
    }

    pub(super) fn find_in_map(&self, argument: &Node, line: usize) -> Value {
        let argument = self.resolve(argument);
        let (keys, default) = match argument.items() {
            [map, top, second] => ([map, top, second], None),
            [map, top, second, options] => ([map, top, second], options.get("DefaultValue")),
            _ => return malformed("Fn::FindInMap", line),
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

    pub(super) fn choose(&self, argument: &Node, line: usize) -> Value {
        let [condition, yes, no] = argument.items() else {
            return malformed("Fn::If", line);
        };
        let Some(name) = condition.known() else {
            return malformed("Fn::If", line);
        };
        match self.condition(name, line) {
            ConditionValue::Known(true) => self.resolve(yes).value,
            ConditionValue::Known(false) => self.resolve(no).value,
            ConditionValue::Unknown(why) => {
                let two = [self.resolve(yes), self.resolve(no)];
                Value::Either(Box::new(two), why)
            }
        }
    }
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
        Value::Null | Value::Scalar(_) | Value::List(_) | Value::Map(_) | Value::Unknown(_) => None,
    }
}
