//! Shapes: what of the answers in XML is kept, and what does the AWS CLI call it?
//!
//! Of volumes and databases only what an audit reads is kept, of buckets everything: an unknown part of a lifecycle rule may be an
//! action.

use crate::signed::xml::Shape::{self, Fields, Flag, List, Number, Open, Text};
use crate::signed::xml::{field, repeated};

pub(super) const REGIONS: Shape = Fields(&[field(
    "regionInfo",
    "Regions",
    List(
        "item",
        &Fields(&[
            field("regionName", "RegionName", Text),
            field("regionEndpoint", "Endpoint", Text),
            field("optInStatus", "OptInStatus", Text),
        ]),
    ),
)]);

pub(super) const DEFAULT_KEY: Shape = Fields(&[field("kmsKeyId", "KmsKeyId", Text)]);

pub(super) const BY_DEFAULT: Shape = Fields(&[
    field("ebsEncryptionByDefault", "EbsEncryptionByDefault", Flag),
    field("sseType", "SseType", Text),
]);

pub(super) const VOLUMES: Shape = Fields(&[
    field(
        "volumeSet",
        "Volumes",
        List(
            "item",
            &Fields(&[
                field("volumeId", "VolumeId", Text),
                field("encrypted", "Encrypted", Flag),
                field("kmsKeyId", "KmsKeyId", Text),
            ]),
        ),
    ),
    field("nextToken", "NextToken", Text),
]);

pub(super) const ENDPOINTS: Shape = Fields(&[
    field(
        "vpcEndpointSet",
        "VpcEndpoints",
        List(
            "item",
            &Fields(&[
                field("vpcEndpointId", "VpcEndpointId", Text),
                field("vpcEndpointType", "VpcEndpointType", Text),
                field("vpcId", "VpcId", Text),
                field("serviceName", "ServiceName", Text),
                field("state", "State", Text),
                field("policyDocument", "PolicyDocument", Text),
                field("privateDnsEnabled", "PrivateDnsEnabled", Flag),
            ]),
        ),
    ),
    field("nextToken", "NextToken", Text),
]);

pub(super) const DB_INSTANCES: Shape = Fields(&[field(
    "DescribeDBInstancesResult",
    "Result",
    Fields(&[
        field(
            "DBInstances",
            "DBInstances",
            List(
                "DBInstance",
                &Fields(&[
                    field("DBInstanceIdentifier", "DBInstanceIdentifier", Text),
                    field("StorageEncrypted", "StorageEncrypted", Flag),
                    field("KmsKeyId", "KmsKeyId", Text),
                ]),
            ),
        ),
        field("Marker", "Marker", Text),
    ]),
)]);

pub(super) const DB_CLUSTERS: Shape = Fields(&[field(
    "DescribeDBClustersResult",
    "Result",
    Fields(&[
        field(
            "DBClusters",
            "DBClusters",
            List(
                "DBCluster",
                &Fields(&[
                    field("DBClusterIdentifier", "DBClusterIdentifier", Text),
                    field("StorageEncrypted", "StorageEncrypted", Flag),
                    field("KmsKeyId", "KmsKeyId", Text),
                ]),
            ),
        ),
        field("Marker", "Marker", Text),
    ]),
)]);

pub(super) const BUCKETS: Shape = Fields(&[
    field(
        "Buckets",
        "Buckets",
        List(
            "Bucket",
            &Fields(&[
                field("Name", "Name", Text),
                field("BucketRegion", "BucketRegion", Text),
            ]),
        ),
    ),
    field("ContinuationToken", "ContinuationToken", Text),
]);

pub(super) const VERSIONING: Shape = Fields(&[
    field("Status", "Status", Text),
    field("MfaDelete", "MFADelete", Text),
]);

pub(super) const OBJECT_LOCK: Shape = Open(&[field(
    "Rule",
    "Rule",
    Open(&[field(
        "DefaultRetention",
        "DefaultRetention",
        Open(&[
            field("Days", "Days", Number),
            field("Years", "Years", Number),
        ]),
    )]),
)]);

pub(super) const ENCRYPTION: Shape = Open(&[repeated(
    "Rule",
    "Rules",
    Open(&[field("BucketKeyEnabled", "BucketKeyEnabled", Flag)]),
)]);

const FILTER: Shape = Open(&[field(
    "And",
    "And",
    Open(&[repeated("Tag", "Tags", Open(&[]))]),
)]);

/// What a lifecycle rule does, and when.
const ACTION: Shape = Open(&[
    field("Days", "Days", Number),
    field("DaysAfterInitiation", "DaysAfterInitiation", Number),
    field("NoncurrentDays", "NoncurrentDays", Number),
    field("NewerNoncurrentVersions", "NewerNoncurrentVersions", Number),
    field(
        "ExpiredObjectDeleteMarker",
        "ExpiredObjectDeleteMarker",
        Flag,
    ),
]);

pub(super) const LIFECYCLE: Shape = Open(&[repeated(
    "Rule",
    "Rules",
    Open(&[
        field("Filter", "Filter", FILTER),
        field("Expiration", "Expiration", ACTION),
        repeated("Transition", "Transitions", ACTION),
        field(
            "NoncurrentVersionExpiration",
            "NoncurrentVersionExpiration",
            ACTION,
        ),
        repeated(
            "NoncurrentVersionTransition",
            "NoncurrentVersionTransitions",
            ACTION,
        ),
        field(
            "AbortIncompleteMultipartUpload",
            "AbortIncompleteMultipartUpload",
            ACTION,
        ),
    ]),
)]);

pub(super) const REPLICATION: Shape = Open(&[repeated(
    "Rule",
    "Rules",
    Open(&[field("Filter", "Filter", FILTER)]),
)]);

pub(super) const LOCATION: Shape = Text;

pub(super) const PAYMENT: Shape = Fields(&[field("Payer", "Payer", Text)]);
