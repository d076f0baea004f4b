//! Documents: policy documents as people write them, to be printed in just that order.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A policy document.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    /// `2012-10-17`, `2008-10-17`, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'static str>,
    /// In order.
    pub statement: Vec<Statement>,
}

/// One statement; what is empty is not printed.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct Statement {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    pub effect: &'static str,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    pub principal: Pairs,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub action: Texts,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub not_action: Texts,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub resource: Texts,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "conditions")]
    pub condition: Vec<(&'static str, Pairs)>,
}

/// Texts; one alone is printed without a list.
#[derive(Clone, Debug, Default)]
pub struct Texts(pub Vec<String>);

/// Keys with texts, in order.
#[derive(Clone, Debug, Default)]
pub struct Pairs(pub Vec<(String, Texts)>);

impl Texts {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Pairs {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<I: IntoIterator<Item = T>, T: Into<String>> From<I> for Texts {
    fn from(texts: I) -> Self {
        Self(texts.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.serialize_str(one),
            several => serializer.collect_seq(several),
        }
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, texts) in &self.0 {
            map.serialize_entry(key, texts)?;
        }
        map.end()
    }
}

fn conditions<S: Serializer>(
    blocks: &[(&'static str, Pairs)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(blocks.len()))?;
    for (operator, keys) in blocks {
        map.serialize_entry(operator, keys)?;
    }
    map.end()
}

/// A document of the newer language.
pub fn document(statements: impl IntoIterator<Item = Statement>) -> Document {
    Document {
        version: Some("2012-10-17"),
        statement: statements.into_iter().collect(),
    }
}

/// `Allow` of actions on resources.
pub fn allow<A: Into<String>, R: Into<String>>(
    actions: impl IntoIterator<Item = A>,
    resources: impl IntoIterator<Item = R>,
) -> Statement {
    Statement {
        effect: "Allow",
        action: actions.into(),
        resource: resources.into(),
        ..Statement::default()
    }
}

/// `Deny` of actions on resources.
pub fn deny<A: Into<String>, R: Into<String>>(
    actions: impl IntoIterator<Item = A>,
    resources: impl IntoIterator<Item = R>,
) -> Statement {
    Statement {
        effect: "Deny",
        ..allow(actions, resources)
    }
}

/// `Allow` of everything but some actions, on everything.
pub fn allow_all_but<A: Into<String>>(actions: impl IntoIterator<Item = A>) -> Statement {
    Statement {
        effect: "Allow",
        not_action: actions.into(),
        resource: ["*"].into(),
        ..Statement::default()
    }
}

impl Statement {
    /// With a name.
    #[must_use]
    pub fn sid(self, sid: &str) -> Self {
        Self {
            sid: Some(sid.to_owned()),
            ..self
        }
    }

    /// With one more condition.
    #[must_use]
    pub fn when<V: Into<String>>(
        mut self,
        operator: &'static str,
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let entry = (key.to_owned(), values.into());
        match self
            .condition
            .iter_mut()
            .find(|(name, _)| *name == operator)
        {
            Some((_, keys)) => keys.0.push(entry),
            None => self.condition.push((operator, Pairs(vec![entry]))),
        }
        self
    }
}

/// Who may assume a role: AWS services, and ARNs or accounts.
pub fn trust(services: &[&str], principals: &[&str]) -> Document {
    let statement = |kind: &str, names: &[&str]| Statement {
        effect: "Allow",
        principal: Pairs(vec![(kind.to_owned(), names.iter().copied().into())]),
        action: ["sts:AssumeRole"].into(),
        ..Statement::default()
    };
    let mut statements = Vec::new();
    if !services.is_empty() {
        statements.push(statement("Service", services));
    }
    if !principals.is_empty() {
        statements.push(statement("AWS", principals));
    }
    document(statements)
}

/// JSON with four blanks a level, as the AWS CLI prints it.
pub(crate) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    value
        .serialize(&mut serde_json::Serializer::with_formatter(
            &mut json, formatter,
        ))
        .expect("a listing is JSON");
    json
}
