//! Values of options: is what stands on the command line of the right form?

/// An ARN, or `*`: a request for anything else is none that could be made.
pub(super) fn resource(text: &str) -> Result<String, String> {
    if text != "*" {
        iam::Arn::parse(text).map_err(|error| format!("{error}, or `*`"))?;
    }
    Ok(text.to_owned())
}

/// `NAME=VALUE` of a scope, neither empty.
pub(super) fn scope(text: &str) -> Result<(String, String), String> {
    pair(text).ok_or_else(|| "expected NAME=VALUE, such as bucket=backups-eu".to_owned())
}

/// `KEY=VALUE` of a request's context, neither empty.
pub(super) fn context(text: &str) -> Result<(String, String), String> {
    pair(text)
        .ok_or_else(|| "expected KEY=VALUE, such as aws:RequestedRegion=eu-central-1".to_owned())
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

/// The ARN of a role, which can be assumed.
pub(super) fn role(text: &str) -> Result<String, String> {
    match text.parse::<iam::PrincipalArn>() {
        Ok(arn) if arn.kind() == iam::PrincipalKind::Role => Ok(text.to_owned()),
        Ok(_) | Err(_) => Err(
            "expected the ARN of a role, such as arn:aws:iam::111122223333:role/audit".to_owned(),
        ),
    }
}

/// The name of a partition.
pub(super) fn partition(text: &str) -> Result<String, String> {
    match iam::PARTITIONS.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("expected one of {}", iam::PARTITIONS.join(", "))),
    }
}
