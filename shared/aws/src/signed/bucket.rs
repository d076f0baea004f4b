//! Buckets: where is one called?

use super::{Service, Url};

/// Amazon S3.
pub(crate) const S3: Service = Service {
    name: "s3",
    id: "S3",
    is_storage: true,
};
/// S3 refuses whoever asks about a bucket of another account by mistake.
pub(crate) const EXPECTED_OWNER: &str = "x-amz-expected-bucket-owner";

/// What stands before the endpoint's name, and the path of the bucket without a slash at its end. `endpoint`: where S3 is called
/// without a bucket.
pub(crate) fn address<'b>(bucket: &'b str, endpoint: &Url) -> (Option<&'b str>, String) {
    // The certificates of S3 hold for one label before its name; servers of an environment may know no names of buckets at all.
    let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match !endpoint.is_set && bucket.bytes().all(is_label) {
        true => (Some(bucket), String::new()),
        false => (None, format!("/{bucket}")),
    }
}
