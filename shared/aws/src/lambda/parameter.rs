//! The parameter: which settings are stored in SSM?
//!
//! Without such a parameter the defaults apply. One that cannot be read is a failure: an audit with the defaults would look as
//! if it had followed the stored settings.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;

use crate::failure::Failure;
use crate::session::Session;

/// The text of a parameter; `None` if there is no such parameter.
///
/// # Errors
/// [`Failure`] where SSM did not answer, or refused.
pub async fn parameter(session: &Session, name: &str) -> Result<Option<String>, Failure> {
    let answer = Client::new(&session.config)
        .get_parameter()
        .name(name)
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(answer.parameter.and_then(|parameter| parameter.value)),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetParameterError::is_parameter_not_found) =>
        {
            Ok(None)
        }
        Err(error) => Err(Failure::of(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;

    async fn check(status: u16, body: &str, expected: Result<Option<&str>, &str>) {
        let replay = Replay::of(vec![(status, body.to_owned())]);
        let found = parameter(&replay.session(), "/permdrift/settings").await;
        let found = found.map_err(|failure| failure.to_string());
        assert_eq!(
            found,
            expected
                .map(|text| text.map(Into::into))
                .map_err(Into::into)
        );
        assert_eq!(replay.sent()[0].target, "AmazonSSM.GetParameter");
    }

    #[tokio::test]
    async fn absent_is_not_the_same_as_unreadable() {
        check(
            200,
            r#"{"Parameter":{"Name":"/permdrift/settings","Type":"String","Value":"fail_on = \"high\"\n"}}"#,
            Ok(Some("fail_on = \"high\"\n")),
        )
        .await;
        check(400, r#"{"__type":"ParameterNotFound"}"#, Ok(None)).await;
        check(
            400,
            r#"{"__type":"AccessDeniedException","Message":"not authorized"}"#,
            Err("AWS refused: AccessDeniedException: not authorized"),
        )
        .await;
    }
}
