//! Objects: what does the hub's bucket hold?
//!
//! S3 is asked by [signed calls](crate::signed): two calls do not pay for its client crate. Both may be repeated, so that an answer that
//! is cut off is asked for again.
//!
//! S3 says of an object that is not there that it is not there only to whoever may list the bucket (`s3:ListBucket`); others are refused.

use aws_smithy_runtime_api::box_error::BoxError;
use iam::AccountId;

use crate::failure::Failure;
use crate::session::Session;
use crate::signed::bucket::{EXPECTED_OWNER, S3, address};
use crate::signed::{SignedRequest, Signer, encoded};

/// The longest object that is read, in bytes: what is expected of an organisation of ten thousand accounts is less.
const MOST: usize = 32 << 20;
/// What S3 answers where no byte of an object is in the range that was asked for.
const NO_BYTES: &str = "InvalidRange";
/// What S3 answers where there is no such object.
const NO_OBJECT: &str = "NoSuchKey";

/// The bucket of a hub.
#[derive(Clone, Debug)]
pub struct Objects {
    signer: Signer,
    bucket: String,
    /// Whose bucket it is.
    owner: AccountId,
}

/// Why an object could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GetError {
    /// S3 did not answer, or refused.
    #[error("the object `{key}` of the hub's bucket cannot be read")]
    Call {
        /// Which object.
        key: String,
        /// Why.
        #[source]
        failure: Failure,
    },
    /// The object is too long to be one of ours.
    #[error("the object `{key}` of the hub's bucket has more than {most} bytes")]
    TooLong {
        /// Which object.
        key: String,
        /// How many bytes are read.
        most: usize,
    },
}

/// Why an object could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the object `{key}` of the hub's bucket cannot be written")]
pub struct StoreError {
    /// Which object.
    pub key: String,
    /// Why.
    #[source]
    pub failure: Failure,
}

impl Objects {
    /// A bucket in the session's region that belongs to that account; S3 refuses where it is another's.
    #[must_use]
    pub fn new(session: &Session, bucket: &str, owner: AccountId) -> Self {
        Self {
            signer: Signer::new(session),
            bucket: bucket.to_owned(),
            owner,
        }
    }

    /// The bytes of an object, at most 32 MiB; `None` if there is no such object.
    ///
    /// # Errors
    /// [`GetError`].
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, GetError> {
        self.get_at_most(key, MOST).await
    }

    async fn get_at_most(&self, key: &str, most: usize) -> Result<Option<Vec<u8>>, GetError> {
        // One byte more, to see that there are more.
        let range = ("range", format!("bytes=0-{most}"));
        let got = self.send("GetObject", "GET", key, vec![range], Vec::new());
        match got.await {
            Ok(bytes) if bytes.len() > most => Err(GetError::TooLong {
                key: key.to_owned(),
                most,
            }),
            Ok(bytes) => Ok(Some(bytes)),
            Err(Failure::Refused { code, .. }) if code == NO_OBJECT => Ok(None),
            Err(Failure::Refused { code, .. }) if code == NO_BYTES => Ok(Some(Vec::new())),
            Err(failure) => Err(GetError::Call {
                key: key.to_owned(),
                failure,
            }),
        }
    }

    /// Writes an object, in the place of one that may be there. `content_type`: such as `application/json`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(
        &self,
        key: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<(), StoreError> {
        let header = ("content-type", content_type.to_owned());
        let put = self.send("PutObject", "PUT", key, vec![header], body).await;
        put.map(drop).map_err(|failure| StoreError {
            key: key.to_owned(),
            failure,
        })
    }

    async fn send(
        &self,
        operation: &'static str,
        method: &'static str,
        key: &str,
        mut headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Failure> {
        let region = self.signer.region();
        let region = region.ok_or_else(|| Failure::Unprepared("no region".to_owned()))?;
        let endpoint = self.signer.url(S3, region, None);
        let (host, path) = address(&self.bucket, &endpoint);
        let key: Vec<String> = key.split('/').map(encoded).collect();
        headers.push((EXPECTED_OWNER, self.owner.to_string()));
        let request = SignedRequest {
            operation,
            method,
            uri: format!("{path}/{}", key.join("/")),
            headers,
            body,
        };
        let read = |body: &[u8]| -> Result<Vec<u8>, BoxError> { Ok(body.to_vec()) };
        let url = self.signer.url(S3, region, host);
        let sent = self.signer.send(S3, region, &url, request, read).await;
        sent.map_err(|error| Failure::of(&error))
    }
}

#[cfg(test)]
mod tests;
