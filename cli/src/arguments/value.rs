//! Values of options: is what stands on the command line of the right form?

/// An ARN, or `*`: a request for anything else is none that could be made.
pub(super) fn resource(text: &str) -> Result<String, String> {
    if text != "*" {
        iam::Arn::parse(text).map_err(|error| format!("{error}, or `*`"))?;
    }
    Ok(text.to_owned())
}

/// `NAME=VALUE`, neither empty.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("expected NAME=VALUE, such as bucket=backups-eu".to_owned()),
    }
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
