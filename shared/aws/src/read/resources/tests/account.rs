//! An account without faults, and what AWS answers of it.

use crate::replay::Sent;

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const KEY: &str =
    "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(super) const VAULT: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
pub(super) const BUCKET: &str = "backups-eu";
/// The region of all of them; the session's is another.
pub(super) const REGION: &str = "eu-central-1";

/// What AWS answers.
pub(super) fn answer(sent: &Sent) -> (u16, String) {
    let body = match (
        sent.target.as_str(),
        sent.form.get("Action").map(String::as_str),
    ) {
        ("", None) => of_uri(&sent.uri),
        ("", Some(action)) => of_form(action),
        (target, _) => of_json(target, &sent.body),
    };
    match body {
        Some(body) => (200, body),
        None => storage_refusal(404, none(&sent.uri)),
    }
}

/// The code by which S3 says that there is none.
fn none(uri: &str) -> &'static str {
    match uri.rsplit('?').next().unwrap() {
        "policy" => "NoSuchBucketPolicy",
        "object-lock" => "ObjectLockConfigurationNotFoundError",
        "encryption" => "ServerSideEncryptionConfigurationNotFoundError",
        "lifecycle" => "NoSuchLifecycleConfiguration",
        "replication" => "ReplicationConfigurationNotFoundError",
        other => panic!("nothing answers {other}"),
    }
}

fn of_json(target: &str, body: &str) -> Option<String> {
    let asked: serde_json::Value = serde_json::from_str(body).unwrap();
    let key = asked["KeyId"].as_str().unwrap_or(KEY);
    let id = key.rsplit('/').next().unwrap();
    Some(match target {
        "TrentService.DescribeKey" => format!(
            r#"{{"KeyMetadata":{{"AWSAccountId":"111122223333","Arn":"{key}","CreationDate":1.502910355475E9,"CurrentKeyMaterialId":"96083e4fb6dbc41d77578a213a6b6669c044dd4c46e9b4b9a6f0bd4e1f1a2f9c","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","Description":"","Enabled":true,"EncryptionAlgorithms":["SYMMETRIC_DEFAULT"],"KeyId":"{id}","KeyManager":"CUSTOMER","KeySpec":"SYMMETRIC_DEFAULT","KeyState":"Enabled","KeyUsage":"ENCRYPT_DECRYPT","MultiRegion":false,"Origin":"AWS_KMS"}}}}"#
        ),
        "TrentService.GetKeyPolicy" => r#"{"Policy":"{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {\n    \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {\n      \"AWS\" : \"arn:aws:iam::111122223333:root\"\n    },\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  } ]\n}","PolicyName":"default"}"#.to_owned(),
        "TrentService.ListGrants" => format!(
            r#"{{"Grants":[{{"CreationDate":1.477431461E9,"GrantId":"abcde1237f76e4ba7987489ac329fbfba6ad343d6f7075dbd1ef191f0120514a","GranteePrincipal":"arn:aws:iam::111122223333:role/keys","IssuingAccount":"arn:aws:iam::111122223333:root","KeyId":"{key}","Name":"","Operations":["Encrypt","Decrypt"]}}],"Truncated":false}}"#
        ),
        "AWSOrganizationsV20161128.DescribeOrganization" => r#"{"Organization":{"Arn":"arn:aws:organizations::444455556666:organization/o-exampleorgid","AvailablePolicyTypes":[{"Status":"ENABLED","Type":"SERVICE_CONTROL_POLICY"}],"FeatureSet":"ALL","Id":"o-exampleorgid","MasterAccountArn":"arn:aws:organizations::444455556666:account/o-exampleorgid/444455556666","MasterAccountEmail":"a@example.com","MasterAccountId":"444455556666"}}"#.to_owned(),
        "AWSOrganizationsV20161128.ListParents" => match asked["ChildId"].as_str().unwrap() {
            "111122223333" => r#"{"Parents":[{"Id":"ou-ab12-11111111","Type":"ORGANIZATIONAL_UNIT"}]}"#.to_owned(),
            "ou-ab12-11111111" => r#"{"Parents":[{"Id":"r-ab12","Type":"ROOT"}]}"#.to_owned(),
            other => panic!("nobody has the child {other}"),
        },
        "AWSOrganizationsV20161128.ListPoliciesForTarget" => match asked["Filter"].as_str().unwrap() {
            "SERVICE_CONTROL_POLICY" => r#"{"Policies":[{"Arn":"arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess","AwsManaged":true,"Description":"Allows access to every operation","Id":"p-FullAWSAccess","Name":"FullAWSAccess","Type":"SERVICE_CONTROL_POLICY"}]}"#.to_owned(),
            _ => r#"{"Policies":[]}"#.to_owned(),
        },
        "AWSOrganizationsV20161128.DescribePolicy" => r#"{"Policy":{"Content":"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}","PolicySummary":{"Arn":"arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess","AwsManaged":true,"Description":"Allows access to every operation","Id":"p-FullAWSAccess","Name":"FullAWSAccess","Type":"SERVICE_CONTROL_POLICY"}}}"#.to_owned(),
        other => panic!("nobody answers {other}"),
    })
}

fn of_form(action: &str) -> Option<String> {
    const EC2: &str = "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>";
    const RDS: &str = "xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">";
    const ID: &str = "<ResponseMetadata><RequestId>01b2685a-b978-11d3-f272-7cd6cce12cc5</RequestId></ResponseMetadata>";
    let inner = match action {
        "DescribeRegions" => "<regionInfo>\n<item><regionName>eu-central-1</regionName><regionEndpoint>ec2.eu-central-1.amazonaws.com</regionEndpoint>\
             <optInStatus>opt-in-not-required</optInStatus></item>\
             <item><regionName>af-south-1</regionName><regionEndpoint>ec2.af-south-1.amazonaws.com</regionEndpoint>\
             <optInStatus>not-opted-in</optInStatus></item></regionInfo>".to_owned(),
        "GetEbsDefaultKmsKeyId" => format!("<kmsKeyId>{KEY}</kmsKeyId>"),
        "GetEbsEncryptionByDefault" => "<ebsEncryptionByDefault>true</ebsEncryptionByDefault><sseType>sse-kms</sseType>".to_owned(),
        "DescribeVolumes" => format!(
            "<volumeSet><item><volumeId>vol-1234567890abcdef0</volumeId><size>80</size><snapshotId/><availabilityZone>eu-central-1a</availabilityZone>\
             <status>in-use</status><createTime>2026-01-01T10:00:00.000Z</createTime><attachmentSet><item><volumeId>vol-1234567890abcdef0</volumeId>\
             <instanceId>i-1234567890abcdef0</instanceId><device>/dev/sdh</device><status>attached</status><deleteOnTermination>false</deleteOnTermination>\
             </item></attachmentSet><volumeType>gp3</volumeType><encrypted>true</encrypted><kmsKeyId>{KEY}</kmsKeyId><multiAttachEnabled>false</multiAttachEnabled>\
             </item></volumeSet>"
        ),
        "DescribeVpcEndpoints" => "<vpcEndpointSet><item><vpcEndpointId>vpce-0abc</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>\
             <vpcId>vpc-0abc</vpcId><serviceName>com.amazonaws.eu-central-1.ssm</serviceName><state>available</state>\
             <policyDocument>{&quot;Statement&quot;:[{&quot;Action&quot;:&quot;*&quot;,&quot;Effect&quot;:&quot;Allow&quot;,&quot;Principal&quot;:&quot;*&quot;,&quot;Resource&quot;:&quot;*&quot;}]}</policyDocument>\
             <routeTableIdSet/><subnetIdSet><item>subnet-0abc</item></subnetIdSet><privateDnsEnabled>true</privateDnsEnabled>\
             <requesterManaged>false</requesterManaged></item></vpcEndpointSet>".to_owned(),
        "DescribeDBInstances" => format!(
            "<DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>erp</DBInstanceIdentifier><Engine>postgres</Engine>\
             <StorageEncrypted>true</StorageEncrypted><KmsKeyId>{KEY}</KmsKeyId></DBInstance><DBInstance><DBInstanceIdentifier>web</DBInstanceIdentifier>\
             <StorageEncrypted>false</StorageEncrypted></DBInstance></DBInstances></DescribeDBInstancesResult>{ID}"
        ),
        "DescribeDBClusters" => format!("<DescribeDBClustersResult><DBClusters/></DescribeDBClustersResult>{ID}"),
        other => panic!("nobody answers {other}"),
    };
    let opening = if action.contains("DB") { RDS } else { EC2 };
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{action}Response {opening}{inner}</{action}Response>"
    ))
}

fn of_uri(uri: &str) -> Option<String> {
    const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const NAMESPACE: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    if uri.contains("://backup.") {
        return Some(match uri.split_once(".com").unwrap().1 {
            "/backup-vaults/veeam" => format!(
                r#"{{"BackupVaultArn":"{VAULT}","BackupVaultName":"veeam","CreationDate":1.7E9,"CreatorRequestId":"c","EncryptionKeyArn":"{KEY}","LockDate":null,"Locked":false,"MaxRetentionDays":null,"MinRetentionDays":null,"NumberOfRecoveryPoints":3,"VaultState":"AVAILABLE","VaultType":"BACKUP_VAULT"}}"#
            ),
            "/backup-vaults/veeam/access-policy" => format!(
                r#"{{"BackupVaultArn":"{VAULT}","BackupVaultName":"veeam","Policy":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"backup:DeleteRecoveryPoint\",\"Resource\":\"*\"}}]}}"}}"#
            ),
            "/account-settings" => r#"{"ResourceTypeManagementPreference":{"DynamoDB":true,"EFS":true},"ResourceTypeOptInPreference":{"DynamoDB":true,"EBS":true,"EFS":true}}"#.to_owned(),
            "/backup-vaults?maxResults=1000" => format!(
                r#"{{"BackupVaultList":[{{"BackupVaultArn":"arn:aws:backup:eu-central-1:111122223333:backup-vault:Default","BackupVaultName":"Default","CreationDate":1.7E9,"CreatorRequestId":"c","EncryptionKeyArn":"{KEY}","EncryptionKeyType":"CUSTOMER_MANAGED_KMS_KEY","LockDate":null,"Locked":false,"MaxRetentionDays":null,"MinRetentionDays":null,"NumberOfRecoveryPoints":3,"VaultState":"AVAILABLE","VaultType":"BACKUP_VAULT"}},{{"BackupVaultArn":"arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam","BackupVaultName":"veeam","CreationDate":1.7E9,"CreatorRequestId":"c","EncryptionKeyArn":"{KEY}","EncryptionKeyType":"CUSTOMER_MANAGED_KMS_KEY","LockDate":null,"Locked":false,"MaxRetentionDays":null,"MinRetentionDays":null,"NumberOfRecoveryPoints":3,"VaultState":"AVAILABLE","VaultType":"BACKUP_VAULT"}}],"NextToken":null}}"#
            ),
            other => panic!("nobody answers {other}"),
        });
    }
    let query = uri.split_once('?').unwrap().1;
    Some(match query {
        "max-buckets=1000" => format!(
            "{XML}<ListAllMyBucketsResult {NAMESPACE}><Owner><ID>AIDACKCEVSQ6C2EXAMPLE</ID></Owner><Buckets><Bucket><BucketArn>arn:aws:s3:::{BUCKET}</BucketArn>\
             <BucketRegion>eu-central-1</BucketRegion><CreationDate>2025-12-11T23:32:47+00:00</CreationDate><Name>{BUCKET}</Name></Bucket></Buckets></ListAllMyBucketsResult>"
        ),
        "location" => {
            format!("{XML}<LocationConstraint {NAMESPACE}>eu-central-1</LocationConstraint>")
        }
        "versioning" => format!("{XML}<VersioningConfiguration {NAMESPACE}/>"),
        "encryption" => format!(
            "{XML}<ServerSideEncryptionConfiguration {NAMESPACE}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
             </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
        ),
        "requestPayment" => format!(
            "{XML}<RequestPaymentConfiguration {NAMESPACE}><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
        ),
        "policy" | "object-lock" | "lifecycle" | "replication" => return None,
        other => panic!("nobody answers {other}"),
    })
}

/// As AWS answers in JSON.
pub(super) fn json_refusal(status: u16, code: &str) -> (u16, String) {
    let body = format!(
        r#"{{"__type":"{code}","message":"User: arn:aws:iam::{ACCOUNT}:role/audit is not authorized"}}"#
    );
    (status, body)
}

/// As S3 answers.
pub(super) fn storage_refusal(status: u16, code: &str) -> (u16, String) {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>It is so</Message><BucketName>{BUCKET}</BucketName>\
         <RequestId>79104EXAMPLEB723</RequestId><HostId>IOWQ4fDEXAMPLEQM+ey7N9WgVhSnQ6JEXAMPLEZb7hSQDASK</HostId></Error>"
    );
    (status, body)
}
