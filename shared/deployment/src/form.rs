//! Forms: what kinds of files can be checked?

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An IAM policy document, or a list of them.
    Policy,
    /// A CloudFormation template.
    CloudFormation,
    /// A CloudFormation template with SAM's transform.
    Sam,
    /// A Terraform plan as JSON.
    Terraform,
}

impl Form {
    /// What people call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy document",
            Self::CloudFormation => "CloudFormation template",
            Self::Sam => "SAM template",
            Self::Terraform => "Terraform plan",
        }
    }
}
