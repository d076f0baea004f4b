//! Rates: does AWS take one more call now?
//!
//! Each caller and kind of call has a bucket of tokens that refills: the second number of AWS's quotas is what it holds, the first what
//! comes in a second.

use std::collections::BTreeMap;
use std::time::Instant;

/// How many calls a second, and how many at once after a pause.
pub(super) type Quota = (f64, f64);

/// The buckets.
#[derive(Debug, Default)]
pub(super) struct Rates(BTreeMap<(String, &'static str), (f64, Option<Instant>)>);

impl Rates {
    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, caller: &str, kind: &'static str, quota: Quota) -> bool {
        let (rate, burst) = quota;
        let bucket = self.0.entry((caller.to_owned(), kind));
        let (tokens, at) = bucket.or_insert((burst, None));
        let now = Instant::now();
        let passed = at.map_or(0.0, |at| now.duration_since(at).as_secs_f64());
        *at = Some(now);
        *tokens = (*tokens + passed * rate).min(burst);
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

/// The quota of a call of Organizations, by AWS's documentation of its throttling ("Quotas and service limits").
pub(super) fn of_organizations(operation: &str) -> Option<(&'static str, Quota)> {
    Some(match operation {
        "DescribeOrganization" => ("DescribeOrganization", (1.0, 2.0)),
        "ListAccounts" => ("ListAccounts", (8.0, 12.0)),
        "ListParents" => ("ListParents", (5.0, 8.0)),
        "ListPolicies" => ("ListPolicies", (5.0, 8.0)),
        "ListPoliciesForTarget" => ("ListPoliciesForTarget", (5.0, 8.0)),
        "ListTargetsForPolicy" => ("ListTargetsForPolicy", (5.0, 8.0)),
        "DescribePolicy" => ("DescribePolicy", (2.0, 2.0)),
        _ => return None,
    })
}

/// Of IAM, for each account. AWS tells no number; about 180 quick calls were refused.
pub(super) const IAM: Quota = (20.0, 180.0);
/// Of `AssumeRole`, for the account that calls.
pub(super) const STS: Quota = (600.0, 600.0);
