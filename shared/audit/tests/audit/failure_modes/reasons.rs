//! The reasons, in our words, and whether an audit can see them.

use Seen::{Declared, NotLookedAt, OutOfReach, Yes};

/// Whether an audit can see a reason, given what it reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// With what a snapshot holds, and the buckets, regions and assumers that tags name.
    Yes,
    /// Where a tag or the settings say what AWS cannot tell, such as which key or vault.
    Declared,
    /// It could be read, and is not.
    NotLookedAt,
    /// Nothing that can be read tells it.
    OutOfReach,
}

/// So many rows there are.
pub(super) const ROWS: usize = 58;
/// By the id of the row.
pub(super) const REASONS: [(&str, &str, Seen); ROWS] = [
    (
        "K1",
        "the key policy admits neither the role nor the account's IAM",
        Declared,
    ),
    (
        "K2",
        "the role lacks an action on the key that AWS asks of users of encrypted volumes",
        Declared,
    ),
    (
        "K3",
        "a key of AWS, and a worker in another account",
        Declared,
    ),
    (
        "K4",
        "the default key in the worker's account cannot be used by the restoring role",
        Declared,
    ),
    (
        "K5",
        "a replica policy names no target key, or one of another region",
        OutOfReach,
    ),
    (
        "K6",
        "a key of another account, of which one half of the permission is missing",
        Declared,
    ),
    (
        "K7",
        "the key is disabled, is to be deleted, or has no key material",
        Declared,
    ),
    (
        "K8",
        "the repository's key is asymmetric, AWS managed, or in another region",
        Declared,
    ),
    (
        "K9",
        "the key is allowed through another service only",
        Declared,
    ),
    ("K10", "`kms:CreateGrant` is denied or left out", Declared),
    (
        "K11",
        "the key is allowed from certain addresses only, and a service calls",
        Declared,
    ),
    (
        "K12",
        "the default key for new volumes cannot be used by the deploying user",
        Yes,
    ),
    (
        "K13",
        "a restore with a helper appliance, and volumes encrypted by default",
        Yes,
    ),
    (
        "K14",
        "the key policy names somebody by the id of a deleted role",
        Declared,
    ),
    (
        "K15",
        "the vault's key cannot be used by the job's role",
        Declared,
    ),
    ("S1", "the bucket policy denies the identity", Yes),
    (
        "S2",
        "the bucket is locked to the id of a role that was made anew",
        Yes,
    ),
    (
        "S3",
        "the bucket is locked to an endpoint, a VPC or addresses",
        Yes,
    ),
    ("S4", "the bucket policy asks for a version of TLS", Yes),
    (
        "S5",
        "the bucket policy asks for a header of encryption",
        Yes,
    ),
    ("S6", "the bucket encrypts with KMS by default", Yes),
    ("S7", "versioning and Object Lock do not fit", Yes),
    ("S8", "the bucket has a default retention", Yes),
    (
        "S9",
        "Object Lock on a bucket of repositories without immutability",
        Yes,
    ),
    ("S10", "the bucket policy limits retentions", Yes),
    ("S11", "a lifecycle rule reaches Veeam's files", Yes),
    ("S12", "the bucket is another account's", Yes),
    (
        "S13",
        "the bucket is replicated, or lets the caller pay",
        Yes,
    ),
    ("S14", "temporary buckets and roles may not be made", Yes),
    (
        "B1",
        "the vault's policy denies what the set needs",
        Declared,
    ),
    (
        "B2",
        "the vault is the one that AWS made for EFS, whose policy denies copies and restores",
        Declared,
    ),
    ("B3", "the vault is locked, or air-gapped", Declared),
    (
        "B4",
        "the resource type is not opted in, and the role may not opt it in",
        Yes,
    ),
    ("B5", "the advanced features of DynamoDB are off", Yes),
    ("B6", "the region has no vault", Yes),
    (
        "B7",
        "a copy of FSx from or to a region that must be enabled",
        NotLookedAt,
    ),
    (
        "B8",
        "the role of AWS Backup is missing and may not be made",
        Yes,
    ),
    (
        "T1",
        "the trust policy names neither the appliance nor its account, or the id of its deleted role",
        Yes,
    ),
    (
        "T2",
        "the trust policy asks for an external id that Veeam does not send",
        Declared,
    ),
    (
        "T3",
        "the trust policy asks for a second factor, an organisation, an address",
        Yes,
    ),
    (
        "T4",
        "a service is not trusted, or tied to another account",
        Yes,
    ),
    ("T5", "STS is switched off in the region", OutOfReach),
    ("T6", "an RCP denies that the role is assumed", Yes),
    (
        "T7",
        "chained sessions last an hour, which breaks nothing by itself",
        OutOfReach,
    ),
    (
        "N1",
        "an endpoint that workers need is missing or cannot be used",
        Declared,
    ),
    (
        "N2",
        "the policy of an endpoint does not allow the request",
        Declared,
    ),
    (
        "N3",
        "public access is blocked in the VPC, or has no route",
        NotLookedAt,
    ),
    (
        "N4",
        "quotas: cores, addresses, users and policies",
        NotLookedAt,
    ),
    ("N5", "the region is not enabled", Yes),
    ("N6", "an RCP fences buckets, keys or secrets", Yes),
    (
        "N7",
        "an SCP has conditions, so that Veeam's own check cannot run",
        Yes,
    ),
    (
        "N8",
        "Systems Manager does not manage the instance",
        NotLookedAt,
    ),
    (
        "N9",
        "the option for backups of SQL Server is missing in RDS",
        NotLookedAt,
    ),
    ("N10", "the file system cannot be mounted", NotLookedAt),
    ("N11", "the allowed images leave out Veeam's", NotLookedAt),
    (
        "N12",
        "the instance's image forbids to attach its volume",
        NotLookedAt,
    ),
    ("N13", "a member account lacks its role", NotLookedAt),
    (
        "N14",
        "the original is protected from being stopped or deleted",
        NotLookedAt,
    ),
];

impl Seen {
    pub(super) fn words(self) -> &'static str {
        match self {
            Yes => "seen",
            Declared => "seen if declared",
            NotLookedAt => "told as not looked at",
            OutOfReach => "out of reach",
        }
    }
}
