//! Grants: what does a grant of a KMS key allow, and to whom?
//!
//! In: the JSON of one grant, as `aws kms list-grants` prints it. Out: a [`Document`] with the same meaning, so that a grant is
//! decided like a policy: its operations are actions, its key is the resource, its constraints are conditions on the encryption
//! context. `DescribeKey` and what else has no encryption context is allowed without the constraints.
//!
//! What a constraint means that AWS may add later is not known: a grant with one may apply or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::document::{Condition, Document, Doubt, Effect, Matches, Statement, Version};
use super::principals::{NamedPrincipal, Principals};
use super::syntax::Principals as RawPrincipals;
use crate::fault::Fault;

/// The key that holds the names of all pairs of a request's encryption context.
pub const ENCRYPTION_CONTEXT_KEYS: &str = "kms:EncryptionContextKeys";
/// What the keys of the pairs of a request's encryption context begin with.
pub const ENCRYPTION_CONTEXT: &str = "kms:EncryptionContext:";

/// The operations that have an encryption context, so that constraints count.
const WITH_ENCRYPTION_CONTEXT: [&str; 8] = [
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GrantJson<'a> {
    key_id: Box<str>,
    grantee_principal: Option<Box<str>>,
    retiring_principal: Option<Box<str>>,
    #[serde(default)]
    operations: Vec<Box<str>>,
    #[serde(borrow)]
    constraints: Option<BTreeMap<Box<str>, &'a RawValue>>,
}

/// Reads one grant.
///
/// # Errors
/// What is wrong with it, and where in `text`.
pub fn read(text: &str) -> Result<Document, Fault> {
    let grant: GrantJson<'_> = serde_json::from_str(text).map_err(|error| Fault {
        reason: format!("{error}: expected a grant as `aws kms list-grants` prints it").into(),
        line: error.line(),
        column: error.column(),
    })?;
    let fault = |what: String| Fault {
        reason: format!("the grant {what}").into(),
        line: 0,
        column: 0,
    };
    if !grant.key_id.starts_with("arn:") {
        return Err(fault(format!(
            "has the `KeyId` `{}`: expected the key's whole ARN",
            grant.key_id
        )));
    }
    let principal = |value: &str| {
        let kind = if value.contains(".amazonaws.com") && !value.starts_with("arn:") {
            "Service"
        } else {
            "AWS"
        };
        let raw = RawPrincipals {
            negated: false,
            list: vec![(kind.into(), value.into())],
        };
        Principals::read(&raw).map_err(fault)
    };
    let (conditions, doubt) = constraints(grant.constraints.unwrap_or_default()).map_err(fault)?;
    let statement = |operations: Vec<&str>, principals: &Principals| Statement {
        sid: None,
        effect: Effect::Allow,
        action: Matches {
            negated: false,
            patterns: operations
                .iter()
                .map(|operation| format!("kms:{operation}").into())
                .collect(),
        },
        resource: Matches {
            negated: false,
            patterns: vec![grant.key_id.clone()],
        },
        principals: Some(Box::new(principals.clone())),
        conditions: Vec::new(),
        doubt: None,
    };
    let mut statements = Vec::new();
    if let Some(grantee) = &grant.grantee_principal {
        let grantee = principal(grantee)?;
        let is_constrained = !conditions.is_empty() || doubt.is_some();
        let (constrained, free): (Vec<&str>, Vec<&str>) = grant
            .operations
            .iter()
            .map(AsRef::as_ref)
            .partition(|one| is_constrained && WITH_ENCRYPTION_CONTEXT.contains(one));
        // The grants that it may create must be as strict as it is, and a request does not say that.
        let (creating, free): (Vec<&str>, Vec<&str>) = free
            .into_iter()
            .partition(|one| is_constrained && *one == "CreateGrant");
        statements.push(Statement {
            conditions,
            doubt: doubt.map(doubtful),
            ..statement(constrained, &grantee)
        });
        statements.push(Statement {
            doubt: Some(doubtful(
                "a grant with constraints allows `kms:CreateGrant` for grants that are as strict, and the request does not say that"
                    .to_owned(),
            )),
            ..statement(creating, &grantee)
        });
        statements.push(statement(free, &grantee));
    }
    if let Some(retiring) = &grant.retiring_principal {
        statements.push(statement(vec!["RetireGrant"], &principal(retiring)?));
    }
    statements.retain(|statement| !statement.action.patterns.is_empty());
    Ok(Document {
        // An encryption context has no variables.
        version: Version::V2008,
        statements,
        notes: Vec::new(),
        characters: 0,
    })
}

/// Grants that nobody could read, for this reason: they may allow anybody anything. A grant denies nothing, so that what is allowed
/// without them stays allowed, and what is denied outright stays denied.
#[must_use]
pub fn unread(reason: &str) -> Document {
    let everything = || Matches {
        negated: false,
        patterns: vec!["*".into()],
    };
    Document {
        version: Version::V2008,
        statements: vec![Statement {
            sid: None,
            effect: Effect::Allow,
            action: everything(),
            resource: everything(),
            principals: Some(Box::new(Principals {
                negated: false,
                list: vec![NamedPrincipal::Everybody],
            })),
            conditions: Vec::new(),
            doubt: Some(doubtful(reason.to_owned())),
        }],
        notes: Vec::new(),
        characters: 0,
    }
}

fn doubtful(reason: String) -> Box<Doubt> {
    Box::new(Doubt {
        reason: Arc::from(reason),
        resources: Vec::new(),
    })
}

/// Constraints as conditions; and a reason where one is not known.
fn constraints(
    constraints: BTreeMap<Box<str>, &RawValue>,
) -> Result<(Vec<Condition>, Option<String>), String> {
    let mut conditions = Vec::new();
    let mut doubt = None;
    for (name, json) in constraints {
        let is_exact = match &*name {
            "EncryptionContextEquals" => true,
            "EncryptionContextSubset" => false,
            other => {
                doubt = Some(format!(
                    "what the constraint `{other}` of a grant asks for is not known"
                ));
                continue;
            }
        };
        let pairs: BTreeMap<Box<str>, Box<str>> = serde_json::from_str(json.get())
            .map_err(|error| format!("has a `{name}` that is no object of texts: {error}"))?;
        if is_exact && !pairs.is_empty() {
            conditions.push(Condition {
                operator: "ForAllValues:StringEqualsIgnoreCase".into(),
                key: ENCRYPTION_CONTEXT_KEYS.into(),
                values: pairs.keys().cloned().collect(),
            });
        }
        conditions.extend(pairs.into_iter().map(|(key, value)| Condition {
            operator: "StringEquals".into(),
            key: format!("{ENCRYPTION_CONTEXT}{key}").into(),
            values: vec![value],
        }));
    }
    Ok((conditions, doubt))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANT: &str = r#"{"KeyId":"arn:aws:kms:eu-west-1:123456789012:key/1","GrantId":"g","Name":"",
        "CreationDate":"2026-01-01T00:00:00+00:00","GranteePrincipal":"arn:aws:iam::123456789012:role/Veeam",
        "RetiringPrincipal":"ec2.eu-west-1.amazonaws.com","IssuingAccount":"arn:aws:iam::123456789012:root",
        "Operations":["Decrypt","DescribeKey"],"Constraints":{"EncryptionContextSubset":{"aws:ebs:id":"vol-1"}}}"#;

    /// What is allowed without grants stays allowed, and what is denied for want of an Allow is not known.
    #[test]
    fn grants_that_nobody_could_read_may_allow_and_never_deny() {
        let document = unread("`list-grants` failed with AccessDeniedException");
        let [statement] = document.statements.as_slice() else {
            panic!("there is one statement");
        };
        assert_eq!(statement.effect, Effect::Allow);
        assert!(statement.doubt.is_some());
        assert_eq!(&*statement.action.patterns, [Box::from("*")]);
    }

    #[test]
    fn constraints_count_for_what_has_an_encryption_context() {
        let read = read(GRANT).unwrap();
        let patterns: Vec<_> = read
            .statements
            .iter()
            .map(|statement| (&*statement.action.patterns[0], statement.conditions.len()))
            .collect();
        assert_eq!(
            patterns,
            [
                ("kms:Decrypt", 1),
                ("kms:DescribeKey", 0),
                ("kms:RetireGrant", 0)
            ]
        );
        let condition = &read.statements[0].conditions[0];
        assert_eq!(
            (&*condition.key, &*condition.values[0]),
            ("kms:EncryptionContext:aws:ebs:id", "vol-1")
        );
    }

    #[test]
    fn a_constraint_that_nobody_knows_leaves_the_grant_open() {
        let read = read(&GRANT.replace("EncryptionContextSubset", "SourceThing")).unwrap();
        let doubt = read.statements[0].doubt.as_deref().unwrap();
        assert!(doubt.reason.contains("`SourceThing`"), "{}", doubt.reason);
        assert_eq!(read.statements[1].doubt, None);
    }

    #[test]
    fn what_is_no_grant_is_told_with_what_would_be_right() {
        for (text, told) in [
            ("[]", "expected a grant as `aws kms list-grants` prints it"),
            (
                &GRANT.replace("arn:aws:kms:eu-west-1:123456789012:key/1", "1"),
                "the key's whole ARN",
            ),
            (&GRANT.replace("role/Veeam", "role/*"), "without wildcards"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.reason.contains(told), "{}", fault.reason);
        }
    }
}
