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

/// The name of a partition: `aws`, `aws-cn`, `aws-us-gov`, ...
pub(super) fn partition(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("aws");
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    match rest {
        Some(rest) if (rest.is_empty() || rest.starts_with('-')) && rest.bytes().all(plain) => {
            Ok(text.to_owned())
        }
        _ => Err("expected a partition: aws, aws-cn, aws-us-gov, ...".to_owned()),
    }
}
