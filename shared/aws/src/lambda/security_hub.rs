//! Security Hub: how are findings imported?
//!
//! Only one of its calls is made, `BatchImportFindings`, so that is a [signed call](crate::signed): the crate for all of Security Hub is
//! larger than all other SDK crates together.
//!
//! One call takes at most a hundred findings, and may accept some and refuse others; a refused one is an error. Importing a
//! finding again updates it, so a call may be repeated.

use aws_smithy_runtime_api::box_error::BoxError;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::session::Session;
use crate::signed::{Service, SignedRequest, Signer};

/// The most findings that one call takes.
const BATCH: usize = 100;
const SERVICE: Service = Service {
    name: "securityhub",
    id: "SecurityHub",
    is_storage: false,
};

/// Security Hub in the session's region.
#[derive(Clone, Debug)]
pub struct SecurityHub {
    signer: Signer,
}

/// Why not all findings were accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] Failure),
    /// Security Hub accepted the call and refused findings.
    #[error("Security Hub refused {count} finding(s), first `{id}`: {code}: {message}")]
    Findings {
        /// How many.
        count: usize,
        /// The first refused finding.
        id: String,
        /// Why.
        code: String,
        /// The same in words.
        message: String,
    },
}

/// What Security Hub answers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Imported {
    failed_count: usize,
    failed_findings: Vec<Refused>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Refused {
    id: String,
    error_code: String,
    error_message: String,
}

impl SecurityHub {
    /// Security Hub of the session's account and region.
    #[must_use]
    pub fn new(session: &Session) -> Self {
        Self {
            signer: Signer::new(session),
        }
    }

    /// Imports findings in ASFF, each as JSON.
    ///
    /// # Errors
    /// [`ImportError`] unless every one was accepted. The others are sent all the same.
    pub async fn import(&self, findings: &[Box<RawValue>]) -> Result<(), ImportError> {
        let mut failed = None;
        for batch in findings.chunks(BATCH) {
            if let Err(error) = self.import_batch(batch).await {
                failed = failed.or(Some(error));
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn import_batch(&self, findings: &[Box<RawValue>]) -> Result<(), ImportError> {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Batch<'a> {
            findings: &'a [Box<RawValue>],
        }
        let unprepared = |text: String| Failure::Unprepared(text);
        let body = serde_json::to_vec(&Batch { findings })
            .map_err(|error| unprepared(error.to_string()))?;
        let region = self
            .signer
            .region()
            .ok_or_else(|| unprepared("no region".to_owned()))?;
        let request = SignedRequest {
            operation: "BatchImportFindings",
            method: "POST",
            uri: "/findings/import".to_owned(),
            headers: vec![("content-type", "application/json".to_owned())],
            body,
        };
        let url = self.signer.url(SERVICE, region, None);
        let imported = self
            .signer
            .send(SERVICE, region, &url, request, read)
            .await
            .map_err(|error| Failure::of(&error))?;
        let first = imported.failed_findings.into_iter().next();
        if imported.failed_count == 0 && first.is_none() {
            return Ok(());
        }
        let first = first.unwrap_or_default();
        Err(ImportError::Findings {
            count: imported.failed_count.max(1),
            id: first.id,
            code: first.error_code,
            message: first.error_message,
        })
    }
}

fn read(body: &[u8]) -> Result<Imported, BoxError> {
    Ok(serde_json::from_slice(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;

    fn finding(id: usize) -> Box<RawValue> {
        RawValue::from_string(format!(r#"{{"Id":"{id}"}}"#)).unwrap()
    }

    fn accepted() -> (u16, String) {
        (
            200,
            r#"{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}"#.to_owned(),
        )
    }

    async fn import(
        answers: Vec<(u16, String)>,
        count: usize,
    ) -> (Result<(), ImportError>, Vec<usize>) {
        let replay = Replay::of(answers);
        let hub = SecurityHub::new(&replay.session());
        let findings: Vec<_> = (0..count).map(finding).collect();
        let result = hub.import(&findings).await;
        let sent = replay.sent().into_iter().map(|sent| {
            let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
            body["Findings"].as_array().unwrap().len()
        });
        (result, sent.collect())
    }

    #[tokio::test]
    async fn a_call_takes_a_hundred_findings() {
        assert_eq!(import(vec![accepted()], 0).await, (Ok(()), vec![]));
        assert_eq!(import(vec![accepted()], 100).await, (Ok(()), vec![100]));
        assert_eq!(
            import(vec![accepted()], 201).await,
            (Ok(()), vec![100, 100, 1])
        );
    }

    #[tokio::test]
    async fn a_refused_finding_is_an_error_and_the_rest_is_sent() {
        let refused = r#"{"FailedCount":1,"SuccessCount":99,"FailedFindings":[
            {"Id":"7","ErrorCode":"InvalidInput","ErrorMessage":"Title is too long"}]}"#;
        let (result, sent) = import(vec![(200, refused.to_owned()), accepted()], 101).await;
        assert_eq!(
            result.unwrap_err().to_string(),
            "Security Hub refused 1 finding(s), first `7`: InvalidInput: Title is too long"
        );
        assert_eq!(sent, [100, 1]);
    }

    #[tokio::test]
    async fn throttling_and_failures_are_tried_again() {
        let throttled = r#"{"__type":"com.amazonaws.securityhub#TooManyRequestsException","Message":"slow down"}"#;
        let answers = vec![
            (429, throttled.to_owned()),
            (500, String::new()),
            accepted(),
        ];
        assert_eq!(import(answers, 1).await, (Ok(()), vec![1, 1, 1]));
    }

    #[tokio::test]
    async fn an_account_without_security_hub_is_a_failure() {
        let refused = r#"{"Code":"InvalidAccessException","Message":"Account is not subscribed"}"#;
        let (result, sent) = import(vec![(401, refused.to_owned())], 1).await;
        assert_eq!(
            result.unwrap_err().to_string(),
            "AWS refused: InvalidAccessException: Account is not subscribed"
        );
        assert_eq!(sent, [1]);
    }
}
