//! Other shapes: JSON that is no listing of an account, but the output of which command?
//!
//! In: the top-level keys. Out: what it is, in words, and what to do instead. The table holds what people really mix up
//! with `get-account-authorization-details`.

/// What a page with these keys is, and what would be right.
pub(super) fn recognise<'k>(keys: impl Iterator<Item = &'k str> + Clone) -> (String, &'static str) {
    let known = KNOWN
        .iter()
        .find(|(key, ..)| keys.clone().any(|found| found == *key));
    if let Some((_, what, advice)) = known {
        return ((*what).to_owned(), advice);
    }
    let named: Vec<String> = keys.map(|key| format!("`{key}`")).collect();
    let found = if named.is_empty() {
        "an empty object".to_owned()
    } else {
        format!("an object with {}", named.join(", "))
    };
    (found, RUN)
}

/// What to do with most of them.
pub(super) const RUN: &str = "pass what `aws iam get-account-authorization-details` prints";

const WHOLE: &str = "it holds neither policies nor tags as a whole, so pass what `aws iam get-account-authorization-details` prints";
const QUERY: &str =
    "pass all that `aws iam get-account-authorization-details` prints, without `--query`";
const PRINCIPALS: &str = "a part of the listing";

/// A key that gives the shape away, what it is, and what to do. The first that fits counts.
const KNOWN: &[(&str, &str, &str)] = &[
    ("Roles", "the output of `aws iam list-roles`", WHOLE),
    ("Role", "the output of `aws iam get-role`", WHOLE),
    ("Group", "the output of `aws iam get-group`", WHOLE),
    ("Users", "the output of `aws iam list-users`", WHOLE),
    ("User", "the output of `aws iam get-user`", WHOLE),
    ("Groups", "the output of `aws iam list-groups`", WHOLE),
    (
        "InstanceProfiles",
        "the output of `aws iam list-instance-profiles`",
        WHOLE,
    ),
    ("AttachedPolicies", "a list of attached policies", WHOLE),
    ("PolicyNames", "a list of inline policies", WHOLE),
    (
        "AccessKeyMetadata",
        "the output of `aws iam list-access-keys`",
        RUN,
    ),
    (
        "PolicyVersion",
        "the output of `aws iam get-policy-version`",
        RUN,
    ),
    ("Policy", "the output of `aws iam get-policy`", RUN),
    ("PolicyDocument", "one inline policy", RUN),
    ("PolicyVersionList", PRINCIPALS, QUERY),
    ("AssumeRolePolicyDocument", PRINCIPALS, QUERY),
    ("AttachedManagedPolicies", PRINCIPALS, QUERY),
    (
        "Statement",
        "a policy document, not a listing of an account",
        RUN,
    ),
    (
        "ReportFormat",
        "the output of `aws iam get-credential-report`",
        RUN,
    ),
    (
        "SummaryMap",
        "the output of `aws iam get-account-summary`",
        RUN,
    ),
    (
        "EvaluationResults",
        "the output of a policy simulation",
        RUN,
    ),
    ("UserId", "the output of `aws sts get-caller-identity`", RUN),
    ("schemaVersion", "an output of permdrift itself", RUN),
];

/// Keys of a snapshot, which holds the listing under one of them.
pub(super) const OF_SNAPSHOTS: [&str; 12] = [
    "schemaVersion",
    "account",
    "takenAt",
    "listing",
    "accessKeys",
    "organization",
    "keys",
    "buckets",
    "vaults",
    "regions",
    "list-buckets",
    "describe-regions",
];

/// What to do with a listing beside such keys.
pub(super) const SNAPSHOT_ADVICE: &str =
    "put the listing under `listing`, as in docs/schemas/snapshot-1.json";

/// What a list of managed policies without their versions is.
pub(super) const POLICIES_ONLY: &str = "the output of `aws iam list-policies`";

/// What to do instead of listing policies only.
pub(super) const POLICIES_ADVICE: &str = WHOLE;

/// What to do with a text that is no JSON at all.
pub(super) fn advice_for_text(text: &str) -> &'static str {
    let start = text.trim_ascii_start();
    let starts = |with: &[&str]| with.iter().any(|with| start.starts_with(with));
    if starts(&["<"]) {
        "this looks like XML or HTML; pass what `aws iam get-account-authorization-details --output json` prints"
    } else if starts(&[
        "UserDetailList:",
        "GroupDetailList:",
        "USERDETAILLIST",
        "GROUPDETAILLIST",
        "ROLEDETAILLIST",
        "---",
    ]) {
        "this is another of the AWS CLI's forms; run the command again with `--output json`"
    } else if starts(&["user,arn,"]) {
        "this is the credential report, not the listing"
    } else if starts(&["{", "["]) {
        "the listing is damaged; run the command again, and do not edit what it prints"
    } else {
        "pass what `aws iam get-account-authorization-details --output json` prints"
    }
}

/// How to call an item that could not be understood.
pub(super) fn name_of(item: &str, kind: &str) -> String {
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(item).unwrap_or_default();
    let names = ["Arn", "RoleName", "UserName", "GroupName", "PolicyName"];
    let name = names
        .iter()
        .find_map(|name| fields.get(*name).and_then(serde_json::Value::as_str));
    match name {
        Some(name) => format!("{kind} `{name}`"),
        None => format!("{kind} without a name"),
    }
}
