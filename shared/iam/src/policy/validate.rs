//! Validation: would IAM store this document?
//!
//! In: the text of a policy document and where it is to be stored. Out: a [`Fault`] for everything for which IAM (or AWS
//! Organizations, for SCPs) refuses a document, with its place in the text; empty where it is accepted.
//!
//! The rules are those of IAM's grammar, and the refusals that AWS documents or that people report (`MalformedPolicyDocument`).
//! What is not certain to be refused is accepted: an empty list of condition values, a value that does not fit its operator, a
//! partition that is not the account's own. Quotas are not here, nor is what a document means.

pub(super) mod element;
mod json;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::de::IgnoredAny;

use super::syntax::{self, DOCUMENT_ELEMENTS, STATEMENT_ELEMENTS};
use crate::fault::Fault;
use crate::fault::position::Cursor;
use json::{Member, Object, Text, items, kind_of, value};

/// Where a document is to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// In a user, group or role.
    Inline,
    /// As a managed policy.
    Managed,
    /// As a service control policy.
    ServiceControl,
    /// As the trust policy of a role.
    Trust,
}

/// Everything for which a document is refused, in the order of the text.
#[must_use]
pub fn validate(text: &str, kind: DocumentKind) -> Vec<Fault> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return vec![syntax::fault(text, &error, 0)];
    }
    let mut check = Check {
        kind,
        cursor: Cursor::new(text),
        statement: 0,
        sids: BTreeSet::new(),
        faults: Vec::new(),
    };
    check.document(text.trim());
    check.faults.sort_by_key(|fault| (fault.line, fault.column));
    check.faults
}

struct Check<'t> {
    kind: DocumentKind,
    cursor: Cursor<'t>,
    /// The number of the statement that is checked, from 1; 0 outside.
    statement: usize,
    sids: BTreeSet<Cow<'t, str>>,
    faults: Vec<Fault>,
}

impl<'t> Check<'t> {
    fn document(&mut self, raw: &'t str) {
        let Some(members) = self.object(raw, "the policy document") else {
            return;
        };
        self.unknown(&members, &DOCUMENT_ELEMENTS);
        match value(&members, "Version") {
            Some(version) => self.version(version),
            None if self.kind == DocumentKind::Managed => {
                self.refuse(raw, "the document has no `Version`: expected `2012-10-17`, which a managed policy must have");
            }
            None => {}
        }
        if let Some(id) = value(&members, "Id") {
            self.text(id, "`Id`");
        }
        let Some(statements) = value(&members, "Statement") else {
            self.refuse(raw, "the policy document has no `Statement`");
            return;
        };
        let list = items(statements);
        if list.is_empty() {
            self.refuse(
                statements,
                "`Statement` is an empty list: expected at least one statement",
            );
        }
        for statement in list {
            self.statement += 1;
            self.one_statement(statement);
        }
        self.statement = 0;
    }

    fn version(&mut self, raw: &'t str) {
        match (self.text(raw, "`Version`").as_deref(), self.kind) {
            (None | Some("2012-10-17"), _) => {}
            (
                Some("2008-10-17"),
                DocumentKind::Inline | DocumentKind::ServiceControl | DocumentKind::Trust,
            ) => {}
            (Some(other), DocumentKind::Managed) => {
                self.refuse(raw, &format!("`Version` is `{other}`: expected `2012-10-17`, which a managed policy must have"));
            }
            (
                Some(other),
                DocumentKind::Inline | DocumentKind::ServiceControl | DocumentKind::Trust,
            ) => {
                self.refuse(
                    raw,
                    &format!("`Version` is `{other}`: expected `2012-10-17` or `2008-10-17`"),
                );
            }
        }
    }

    fn one_statement(&mut self, raw: &'t str) {
        let Some(members) = self.object(raw, "a statement") else {
            return;
        };
        self.unknown(&members, &STATEMENT_ELEMENTS);
        if let Some(sid) = value(&members, "Sid") {
            self.sid(sid);
        }
        match value(&members, "Effect") {
            Some(effect) => self.effect(effect),
            None => self.refuse(raw, "there is no `Effect`: expected `Allow` or `Deny`"),
        }
        if let Some(actions) = self.one_of(raw, &members, ["Action", "NotAction"]) {
            let rule = match self.kind {
                DocumentKind::Trust => element::trust_action,
                DocumentKind::Inline | DocumentKind::Managed | DocumentKind::ServiceControl => {
                    element::action
                }
            };
            self.texts(actions, "an action", rule);
        }
        match self.kind {
            DocumentKind::Trust => {
                self.none_of(
                    &members,
                    ["Resource", "NotResource"],
                    "which a trust policy cannot have: the resource is the role itself",
                );
                if let Some(principals) = self.one_of(raw, &members, ["Principal", "NotPrincipal"])
                {
                    self.principals(principals);
                }
                self.none_of(
                    &members,
                    ["NotPrincipal"],
                    "which a trust policy cannot have: name the principals in `Principal`",
                );
            }
            DocumentKind::Inline | DocumentKind::Managed | DocumentKind::ServiceControl => {
                self.none_of(
                    &members,
                    ["Principal", "NotPrincipal"],
                    "which only resource policies and trust policies may have",
                );
                if let Some(resources) = self.one_of(raw, &members, ["Resource", "NotResource"]) {
                    self.texts(resources, "a resource", element::resource);
                }
            }
        }
        if let Some(conditions) = value(&members, "Condition") {
            self.conditions(conditions);
        }
    }

    fn sid(&mut self, raw: &'t str) {
        let Some(sid) = self.text(raw, "`Sid`") else {
            return;
        };
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.refuse(
                raw,
                &format!("the `Sid` is `{sid}`: expected letters and digits only"),
            );
        } else if !sid.is_empty() && !self.sids.insert(sid.clone()) {
            self.refuse(raw, &format!("the `Sid` `{sid}` is that of another statement too: expected each once in a document"));
        }
    }

    fn effect(&mut self, raw: &'t str) {
        match self.text(raw, "`Effect`").as_deref() {
            None | Some("Allow" | "Deny") => {}
            Some(other) => {
                self.refuse(
                    raw,
                    &format!("`Effect` is `{other}`: expected exactly `Allow` or `Deny`"),
                );
            }
        }
    }

    fn conditions(&mut self, raw: &'t str) {
        for operator in self.object(raw, "`Condition`").unwrap_or_default() {
            if let Some(problem) = element::operator(&operator.key) {
                self.refuse(operator.start(), &problem);
            }
            let what = format!("the value of `{}`", operator.key);
            for member in self.object(operator.value, &what).unwrap_or_default() {
                let key = &member.key;
                if let Some(problem) = element::condition_key(key) {
                    self.refuse(member.start(), &problem);
                }
                for one in items(member.value) {
                    if one.starts_with(['{', '[', 'n']) {
                        self.refuse(
                            one,
                            &format!(
                                "a value of `{key}` is {}: expected a text, number or boolean",
                                kind_of(one)
                            ),
                        );
                    }
                }
            }
        }
    }

    fn principals(&mut self, raw: &'t str) {
        if raw.starts_with('"') {
            let found = self.text(raw, "`Principal`");
            if let Some(other) = found.filter(|text| text != "*") {
                self.refuse(raw, &format!("`Principal` is the text `{other}`: expected `*`, or an object such as `{{\"AWS\": \"…\"}}`"));
            }
            return;
        }
        let Some(members) = self.object(raw, "`Principal`") else {
            return;
        };
        if members.is_empty() {
            self.refuse(raw, "`Principal` is empty: expected at least one principal");
        }
        for member in &members {
            match element::principal_rule(&member.key) {
                Ok(rule) => self.texts(member.value, "a principal", rule),
                Err(problem) => self.refuse(member.start(), &problem),
            }
        }
    }

    /// One text or a list of them, each checked by a rule.
    fn texts(&mut self, raw: &'t str, what: &str, rule: fn(&str) -> Option<String>) {
        let list = items(raw);
        if list.is_empty() {
            self.refuse(raw, &format!("the list is empty: expected {what}"));
        }
        for one in list {
            if let Some(problem) = self.text(one, what).and_then(|text| rule(&text)) {
                self.refuse(one, &problem);
            }
        }
    }

    fn text(&mut self, raw: &'t str, what: &str) -> Option<Cow<'t, str>> {
        let text = serde_json::from_str::<Text<'_>>(raw).ok();
        if text.is_none() {
            self.refuse(raw, &format!("{what} is {}: expected a text", kind_of(raw)));
        }
        text.map(|text| text.0)
    }

    /// The members of an object, each key once.
    fn object(&mut self, raw: &'t str, what: &str) -> Option<Vec<Member<'t>>> {
        let Ok(Object(members)) = serde_json::from_str(raw) else {
            self.refuse(
                raw,
                &format!("{what} is {}: expected an object", kind_of(raw)),
            );
            return None;
        };
        let mut keys = BTreeSet::new();
        for member in &members {
            let key = &member.key;
            if !keys.insert(key) {
                self.refuse(
                    member.start(),
                    &format!("`{key}` is given twice in one object: expected each key once"),
                );
            }
        }
        Some(members)
    }

    fn unknown(&mut self, members: &[Member<'t>], known: &[&str]) {
        for member in members {
            let key = &member.key;
            if !known.contains(&key.as_ref()) {
                let near = known.iter().find(|name| name.eq_ignore_ascii_case(key));
                let expected = match near {
                    Some(name) => format!("did you mean `{name}`? Case counts"),
                    None => format!("expected {}", known.join(", ")),
                };
                self.refuse(
                    member.start(),
                    &format!("`{key}` is no element of a policy: {expected}"),
                );
            }
        }
    }

    /// The value of an element or of its negation, one of which must be there.
    fn one_of(
        &mut self,
        statement: &'t str,
        members: &[Member<'t>],
        names: [&str; 2],
    ) -> Option<&'t str> {
        let [name, negation] = names;
        match (value(members, name), value(members, negation)) {
            (Some(found), None) | (None, Some(found)) => Some(found),
            (Some(found), Some(second)) => {
                self.refuse(
                    second,
                    &format!("there are both `{name}` and `{negation}`: expected one of them"),
                );
                Some(found)
            }
            (None, None) => {
                self.refuse(
                    statement,
                    &format!("there is neither `{name}` nor `{negation}`: expected one of them"),
                );
                None
            }
        }
    }

    fn none_of<const N: usize>(&mut self, members: &[Member<'t>], names: [&str; N], why: &str) {
        for name in names {
            if let Some(found) = value(members, name) {
                self.refuse(found, &format!("there is `{name}`, {why}"));
            }
        }
    }

    /// Notes a fault that begins at a part of the text.
    fn refuse(&mut self, part: &str, problem: &str) {
        let offset = self.cursor.offset_of(part);
        let (line, column) = offset.map_or((0, 0), |offset| self.cursor.at(offset));
        let reason = match self.statement {
            0 => problem.to_owned(),
            number => format!("statement {number}: {problem}"),
        };
        self.faults.push(Fault {
            reason: reason.into(),
            line,
            column,
        });
    }
}
