//! AWS managed policies that many files attach: what do they allow?
//!
//! Only those whose content is documented and does not change. Every other AWS managed policy is unknown, which is not the
//! same as "allows nothing".

use std::sync::Arc;

use iam::Document;
use iam::inventory::PolicyText;

/// By the end of the ARN: its statement.
const KNOWN: [(&str, &str); 2] = [
    (
        "/AdministratorAccess",
        r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
    ),
    (
        "/service-role/AWSLambdaBasicExecutionRole",
        r#"{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}"#,
    ),
];

/// The document of a policy of AWS, by its ARN.
pub(super) fn document(arn: &str) -> Option<PolicyText> {
    let (front, name) = arn.split_once(":policy/")?;
    if !front.starts_with("arn:aws") || !front.ends_with(":iam::aws") {
        return None;
    }
    let (_, statement) = KNOWN
        .iter()
        .find(|(known, _)| known.strip_prefix('/') == Some(name))?;
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    Some(Arc::new(Document::parse(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_policies_of_aws_are_known() {
        let known = |arn: &str| document(arn).is_some_and(|document| document.is_ok());
        assert!(known("arn:aws:iam::aws:policy/AdministratorAccess"));
        assert!(known(
            "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        ));
        assert!(!known(
            "arn:aws:iam::111122223333:policy/AdministratorAccess"
        ));
        assert!(!known("arn:aws:iam::aws:policy/ReadOnlyAccess"));
    }
}
