//! Trust policies: who may assume a role?
//!
//! In: the JSON of `AssumeRolePolicyDocument`. Out: a [`TrustPolicy`]. It takes no part in what the role may do.

use crate::fault::Fault;
use crate::policy::syntax::{self, RawStatement};
use crate::policy::{Condition, Document, Doubt, Effect, Matches, Principals, Statement, Version};

/// Who may assume a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustPolicy {
    /// In the order written.
    pub statements: Vec<TrustStatement>,
}

/// One statement of a trust policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustStatement {
    /// Its name.
    pub sid: Option<Box<str>>,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub action: Matches,
    /// `Service`, `AWS`, `Federated`, ... with a value each; `*` alone stands as `AWS` with `*`.
    pub principals: Vec<(Box<str>, Box<str>)>,
    /// True for `NotPrincipal`.
    pub negated: bool,
    /// Every entry must hold.
    pub conditions: Vec<Condition>,
    /// What is not known of it; `None` for all that IAM holds.
    pub doubt: Option<Box<Doubt>>,
}

impl TrustPolicy {
    /// Reads the JSON text of a trust policy.
    ///
    /// # Errors
    /// What is wrong with it, and where in `text`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let raw = syntax::read(text, TrustStatement::finish)?;
        Ok(Self {
            statements: raw.statements,
        })
    }

    /// The same as the policy of a resource, which decides requests to assume the role.
    ///
    /// # Errors
    /// The first principal that AWS accepts in no policy.
    pub fn document(&self) -> Result<Document, Fault> {
        let statements = self.statements.iter().map(TrustStatement::statement);
        let statements = statements.collect::<Result<_, _>>();
        Ok(Document {
            version: Version::V2012,
            statements: statements.map_err(|reason| Fault {
                reason: reason.into(),
                line: 0,
                column: 0,
            })?,
            notes: Vec::new(),
            characters: 0,
        })
    }
}

impl TrustStatement {
    // A `Resource`, which IAM does not store here, is passed over: the resource is the role itself.
    fn finish(raw: RawStatement) -> Result<Self, String> {
        let principals = raw
            .principals
            .ok_or("has neither `Principal` nor `NotPrincipal`")?;
        let action = raw.action.ok_or("has neither `Action` nor `NotAction`")?;
        Ok(Self {
            sid: raw.sid,
            effect: raw.effect,
            action,
            principals: principals.list,
            negated: principals.negated,
            conditions: raw.conditions,
            doubt: None,
        })
    }

    fn statement(&self) -> Result<Statement, String> {
        let principals = Principals::read(&syntax::Principals {
            negated: self.negated,
            list: self.principals.clone(),
        })?;
        Ok(Statement {
            sid: self.sid.clone(),
            effect: self.effect,
            action: self.action.clone(),
            resource: Matches {
                negated: false,
                patterns: vec!["*".into()],
            },
            principals: Some(Box::new(principals)),
            conditions: self.conditions.clone(),
            doubt: self.doubt.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_of_every_form_are_pairs() {
        let read = TrustPolicy::parse(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],
            "Principal":{"Service":"ec2.amazonaws.com","AWS":["arn:aws:iam::123456789012:root","*"]},
            "Condition":{"StringEquals":{"sts:ExternalId":42}}}}"#,
        )
        .unwrap();
        let pairs: Vec<(&str, &str)> = read.statements[0]
            .principals
            .iter()
            .map(|(kind, value)| (&**kind, &**value))
            .collect();
        assert_eq!(
            pairs,
            [
                ("Service", "ec2.amazonaws.com"),
                ("AWS", "arn:aws:iam::123456789012:root"),
                ("AWS", "*")
            ]
        );
        assert_eq!(&*read.statements[0].conditions[0].values[0], "42");
    }

    #[test]
    fn a_star_alone_is_any_aws_principal() {
        let read = TrustPolicy::parse(
            r#"{"Statement":[{"Effect":"Deny","Action":"sts:*","NotPrincipal":"*"}]}"#,
        )
        .unwrap();
        assert!(read.statements[0].negated);
        assert_eq!(read.statements[0].principals, [("AWS".into(), "*".into())]);
    }

    #[test]
    fn a_trust_statement_without_a_principal_is_a_fault() {
        let fault =
            TrustPolicy::parse(r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}"#)
                .unwrap_err();
        assert_eq!(
            &*fault.reason,
            "statement 1 has neither `Principal` nor `NotPrincipal`"
        );
    }
}
