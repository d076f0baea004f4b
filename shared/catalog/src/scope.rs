//! Scope: against which ARNs is an action checked?
//!
//! A scope variable turns what people say about a principal (a bucket's name, a key's ARN) into ARNs. In: a
//! variable and a [`ScopeValues`]. Out: ARNs, none where nothing was said; then the action is checked against `*`.

use std::collections::BTreeMap;

use iam::{AccountId, Arn};

use crate::set::VariableName;

/// A declared scope variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeVariable {
    /// Its name in action sets, such as `object`.
    pub name: VariableName,
    /// What it stands for, as a fragment.
    pub means: String,
    /// The ARN with `{partition}`, `{account}` and at most one input in braces.
    pub template: String,
    /// What people have to say to fill it, such as `bucket`; none where it fills itself.
    pub input: Option<Box<str>>,
    /// A value for the input, for messages.
    pub example: Option<String>,
    /// The resource types that it is an ARN of, such as `s3:object`.
    pub resource_types: Vec<String>,
}

/// What is known about the resources of one principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeValues {
    /// The partition of the principal's ARN.
    pub partition: String,
    /// The principal's account; needed for role names, not for ARNs.
    pub account: Option<AccountId>,
    /// Values by input, such as `bucket` to `backups-eu`.
    pub inputs: BTreeMap<String, Vec<String>>,
}

/// Why a value does not fill a scope variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The value makes no ARN of the right service.
    #[error("`{value}` is no value for `{}`: expected something like `{example}`", tag_name(.input))]
    Value {
        /// The input.
        input: String,
        /// What was given.
        value: String,
        /// What would be right.
        example: String,
    },
    /// A value whose meaning can be told, and that is another thing all the same.
    #[error("`{value}` is no value for `{}`: expected {meant}", tag_name(.input))]
    Meant {
        /// The input.
        input: String,
        /// What was given.
        value: String,
        /// What would be right.
        meant: String,
    },
    /// A bare name where only the account makes it an ARN.
    #[error("`{value}` is no whole ARN and the account for `{}` is not known: give the ARN", tag_name(.input))]
    NoAccount {
        /// The input.
        input: String,
        /// What was given.
        value: String,
    },
}

/// Tags and options are called `kms-key`, the input `kms_key`.
fn tag_name(input: &str) -> String {
    input.replace('_', "-")
}

impl Default for ScopeValues {
    /// Nothing known, in the partition `aws`.
    fn default() -> Self {
        Self {
            partition: "aws".to_owned(),
            account: None,
            inputs: BTreeMap::new(),
        }
    }
}

impl ScopeValues {
    /// The same scope with one more value for an input.
    #[must_use]
    pub fn with(mut self, input: &str, value: &str) -> Self {
        self.inputs
            .entry(input.to_owned())
            .or_default()
            .push(value.to_owned());
        self
    }
}

impl ScopeVariable {
    /// The ARNs that the scope makes of this variable, sorted; none where its input was not given.
    ///
    /// # Errors
    /// [`FillError`] where a value fits no ARN of this kind.
    pub fn arns(&self, scope: &ScopeValues) -> Result<Vec<String>, FillError> {
        let Some(input) = &self.input else {
            return Ok(vec![self.filled(scope)]);
        };
        let values = scope.inputs.get(&**input).map_or(&[][..], Vec::as_slice);
        let mut arns = values
            .iter()
            .map(|value| self.arn(scope, input, value))
            .collect::<Result<Vec<_>, _>>()?;
        arns.sort();
        arns.dedup();
        Ok(arns)
    }

    fn arn(&self, scope: &ScopeValues, input: &str, value: &str) -> Result<String, FillError> {
        let refuse = || FillError::Value {
            input: input.to_owned(),
            value: value.to_owned(),
            example: self.example.clone().unwrap_or_default(),
        };
        if let Some(meant) = self.meant(value) {
            return Err(FillError::Meant {
                input: input.to_owned(),
                value: value.to_owned(),
                meant,
            });
        }
        let brace = format!("{{{input}}}");
        let arn = if value.starts_with("arn:") {
            let tail = self
                .template
                .split_once(&brace)
                .map_or("", |(_, tail)| tail);
            format!("{value}{tail}")
        } else {
            if self.template.contains("{account}") && scope.account.is_none() {
                return Err(FillError::NoAccount {
                    input: input.to_owned(),
                    value: value.to_owned(),
                });
            }
            self.filled(scope).replace(&brace, value)
        };
        let plain =
            !value.is_empty() && !value.starts_with('/') && !value.contains(char::is_whitespace);
        match Arn::parse(&arn) {
            Ok(parsed)
                if plain && self.is_of_my_service(parsed.service) && names_a_bucket(&parsed) =>
            {
                Ok(arn)
            }
            _ => Err(refuse()),
        }
    }

    fn filled(&self, scope: &ScopeValues) -> String {
        let account = scope.account.map(|account| account.to_string());
        self.template
            .replace("{partition}", &scope.partition)
            .replace("{account}", &account.unwrap_or_default())
    }

    /// What would be right instead of a value that is an ARN, or the end of one, of another kind of thing.
    fn meant(&self, value: &str) -> Option<String> {
        let arn = Arn::parse(value).ok();
        let resource = arn.as_ref().map_or(value, |arn| arn.resource);
        let is_own = |kind: &str| self.resource_types.iter().any(|own| own == kind);
        if is_own("kms:key") && resource.starts_with("alias/") {
            return Some(format!(
                "the ARN of the key that the alias stands for, because policies name keys (`aws kms describe-key --key-id {value}` prints it)"
            ));
        }
        let of_s3 = is_own("s3:bucket") || is_own("s3:object");
        if of_s3
            && let Some(arn) = &arn
            && arn.service == "s3"
            && !arn.account.is_empty()
        {
            return Some("the name or the ARN of the bucket, not of an access point".to_owned());
        }
        if !is_own("iam:role") {
            return None;
        }
        match (resource.strip_prefix("role/"), arn) {
            (Some(name), None) => Some(format!(
                "`{name}`, without `role/`; where the role's path is `/role/`, its whole ARN"
            )),
            (None, Some(_)) => Some("the name or the ARN of a role".to_owned()),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    fn is_of_my_service(&self, service: &str) -> bool {
        self.resource_types
            .iter()
            .any(|kind| kind.split(':').next() == Some(service))
    }
}

/// Whether what stands in front of the first slash can be a bucket's name, in an ARN of S3. Old buckets may have capitals and
/// underscores.
fn names_a_bucket(arn: &Arn<'_>) -> bool {
    let name = arn.resource.split('/').next().unwrap_or_default();
    let mut letters = name.bytes();
    arn.service != "s3"
        || (!name.is_empty()
            && letters.all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)))
}
