//! The example's roles: one for each way in which a role can be right or wrong.

use catalog::{ProductVersion, ScopeValues};

use super::making::{Making, VERSION};
use crate::document::{Statement, allow, allow_all_but, deny, document, trust};
use crate::grants;
use crate::parts::{Holdings, tags};

const DEFAULT: &str = "vbaws-role-default-backup-restore";

/// Roles that Veeam uses.
pub(super) fn veeam(making: &mut Making) {
    default_roles(making);
    denied(making);
    bounded(making);
    repositories(making);
    unknowns(making);

    // Right as they are.
    making.role(
        "VeeamImpersonation",
        "vbaws-role-impersonation",
        &[],
        Holdings::default().write(
            "AssumeBackupRoles",
            document([allow(["sts:AssumeRole"], ["*"])]),
        ),
    );
    let by_service = grants::by_service(&making.catalog, "vbaws-role-efs-backup", VERSION);
    making.role(
        "VeeamEfsBackup",
        "vbaws-role-efs-backup",
        &[],
        Holdings::default().write("WholeServices", by_service),
    );
    let by_verb = grants::by_verb(&making.catalog, "vbaws-role-worker-configuration", VERSION);
    making.role(
        "VeeamWorkerConfiguration",
        "vbaws-role-worker-configuration",
        &[],
        Holdings::default().write("ReadNetworks", by_verb),
    );
    let two = ["vbaws-role-rds-instance-restore", "vbaws-role-rds-backup"];
    let mut both = making.set_policies("VeeamRdsRestore", two[0], VERSION);
    both.attached.extend(
        making
            .set_policies("VeeamRdsBackup", two[1], VERSION)
            .attached,
    );
    making.role("VeeamRdsBackupRestore", &two.join(" "), &[], both);

    // The policy is right; who may assume the role is not.
    let holds = making.set_policies("VeeamDynamoDb", "vbaws-role-dynamodb-backup", VERSION);
    let trusts = making.parts.appliance_trust(&["ec2.amazonaws.com"]);
    making.role_with(
        "VeeamDynamoDbBackup",
        "vbaws-role-dynamodb-backup",
        &[],
        holds,
        trusts,
        false,
    );
}

fn default_roles(making: &mut Making) {
    let newest = making.set_policies("VeeamBackupDefault", DEFAULT, VERSION);
    let older = making.set_policies("VeeamBackupDefault-V10", DEFAULT, ProductVersion::V10);
    making.role("VeeamBackupRestore-Prod", DEFAULT, &[], newest.clone());
    // After the upgrade to version 11 nobody updated the policies.
    making.role("VeeamBackupRestore-Stage", DEFAULT, &[], older.clone());
    // An appliance that is not upgraded yet, and says so.
    making.role(
        "VeeamBackupRestore-Legacy",
        DEFAULT,
        &[("veeam:product-version", "v10")],
        older,
    );
    // `NotAction` leaves all of IAM out.
    let power_user = making.aws_policy(
        "PowerUserAccess",
        document([
            allow_all_but(["iam:*", "organizations:*", "account:*"]),
            allow(
                [
                    "account:GetAccountInformation",
                    "iam:CreateServiceLinkedRole",
                    "iam:DeleteServiceLinkedRole",
                    "iam:ListRoles",
                    "organizations:DescribeOrganization",
                ],
                ["*"],
            ),
        ]),
    );
    making.role(
        "VeeamBackupRestore-Dev",
        DEFAULT,
        &[],
        Holdings::default().attach(&power_user),
    );
    // No instance profile.
    let trusts = making.trust_for(DEFAULT);
    making.role_with("VeeamBackupRestore-Dr", DEFAULT, &[], newest, trusts, false);
}

fn denied(making: &mut Making) {
    let ec2_backup = making.set_policies("VeeamEc2Backup", "vbaws-role-ec2-backup", VERSION);
    let protect = making.policy(
        "ProtectSnapshots",
        [deny(
            ["ec2:DeleteSnapshot", "ec2:ModifySnapshotAttribute"],
            ["arn:aws:ec2:*::snapshot/*", "*"],
        )
        .sid("NobodyDeletesSnapshots")],
    );
    making.role(
        "VeeamEc2Backup-Prod",
        "vbaws-role-ec2-backup",
        &[],
        ec2_backup.attach(&protect),
    );
    // Somebody went back to version 1 while looking for an error, and left it so.
    let newest = making
        .smallest("vbaws-role-vpc-backup", VERSION, &ScopeValues::default())
        .remove(0);
    let mut oldest = newest.clone();
    for statement in &mut oldest.statement {
        statement
            .action
            .0
            .retain(|action| !action.starts_with("ec2:DescribeTransitGateway"));
    }
    let policy = making
        .parts
        .policy("VeeamVpcBackup", vec![oldest, newest.clone(), newest], 0);
    making.account.policies.push(policy.clone());
    making.role(
        "VeeamVpcBackup",
        "vbaws-role-vpc-backup",
        &[],
        Holdings::default().attach(&policy),
    );
}

fn bounded(making: &mut Making) {
    let allows_little = making.policy(
        "WorkloadBoundary",
        [
            allow(["ec2:*", "ebs:*", "kms:*", "ssm:*", "sqs:*"], ["*"]).sid("Workloads"),
            allow(["iam:Get*", "iam:List*"], ["*"]).sid("LookAtRoles"),
        ],
    );
    let denies = making.policy(
        "DataBoundary",
        [
            allow(["*"], ["*"]).sid("Everything"),
            deny(
                ["rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot"],
                ["*"],
            )
            .sid("SnapshotsStay"),
        ],
    );
    let restore = making.set_policies("VeeamEc2Restore", "vbaws-role-ec2-restore", VERSION);
    making.role(
        "VeeamEc2Restore-Prod",
        "vbaws-role-ec2-restore",
        &[],
        restore.bound_by(&allows_little),
    );
    let rds = making.set_inline("vbaws-role-rds-backup", &ScopeValues::default());
    making.role(
        "VeeamRdsBackup-Prod",
        "vbaws-role-rds-backup",
        &[],
        rds.bound_by(&denies),
    );
}

fn repositories(making: &mut Making) {
    let set = "vbaws-role-repository";
    let bucket = |name: &str| ScopeValues::default().with("bucket", name);
    let archive = making.set_inline(set, &bucket("northgrain-veeam-archive"));
    making.role(
        "VeeamRepository-Archive",
        set,
        &[("veeam:bucket", "northgrain-veeam-archive")],
        archive,
    );
    // Nobody says which bucket it is for.
    let legacy = making.set_inline(set, &bucket("northgrain-veeam-2021"));
    making.role("VeeamRepository-Legacy", set, &[], legacy);
    // The repository moved to a new bucket, the policy did not.
    let moved = making.set_inline(set, &bucket("northgrain-veeam-frankfurt"));
    making.role(
        "VeeamRepository-Moved",
        set,
        &[("veeam:bucket", "northgrain-veeam-dublin")],
        moved,
    );
    // Another account assumes it with an external id that nobody here knows.
    let foreign = making.set_policies("VeeamRepository", set, VERSION);
    let services = making.trust_for(set).statement.remove(0);
    let appliance = "arn:aws:iam::444455556666:role/VeeamImpersonation";
    let with_id = trust(&[], &[appliance]).statement.remove(0).when(
        "StringEquals",
        "sts:ExternalId",
        ["ng-4471"],
    );
    making.role_with(
        "VeeamRepository-Shared",
        set,
        &[("veeam:assumed-by", appliance)],
        foreign,
        document([services, with_id]),
        false,
    );
}

fn unknowns(making: &mut Making) {
    // Allowed in one region only: the tag says that no other is used.
    let in_ireland = |statements: Vec<Statement>| {
        document(statements.into_iter().map(|statement| {
            statement.when(
                "StringEquals",
                "aws:RequestedRegion",
                ["eu-west-1", "us-east-1"],
            )
        }))
    };
    let smallest = making
        .smallest("vbaws-role-ec2-backup", VERSION, &ScopeValues::default())
        .remove(0);
    making.role(
        "VeeamEc2Backup-Ireland",
        "vbaws-role-ec2-backup",
        &[("veeam:regions", "eu-west-1")],
        Holdings::default().write("InIreland", in_ireland(smallest.statement)),
    );
    // Allowed through one VPC endpoint only: nobody can say whether the worker comes from there.
    let worker = making
        .smallest("vbaws-role-flr-worker", VERSION, &ScopeValues::default())
        .remove(0);
    making.role(
        "VeeamFlrWorker",
        "vbaws-role-flr-worker",
        &[],
        Holdings::default().write(
            "ThroughTheEndpoint",
            document(worker.statement.into_iter().map(|statement| {
                statement.when("StringEquals", "aws:SourceVpce", ["vpce-0a1b2c3d4e5f60718"])
            })),
        ),
    );
    // A document that IAM would not store today.
    let mut broken = making.set_inline("vbaws-role-fsx-backup", &ScopeValues::default());
    broken.inline[0].policy_document.statement[0].effect = "Alow";
    making.role("VeeamFsxBackup", "vbaws-role-fsx-backup", &[], broken);
    // A managed policy that is attached and not in the listing.
    let unlisted = making
        .parts
        .policy("VeeamRedshift-Operators", Vec::new(), 0);
    making.role(
        "VeeamRedshiftBackup",
        "vbaws-role-redshift-backup",
        &[],
        Holdings::default().attach(&unlisted),
    );
    // The same for a boundary.
    let holds = making.set_policies("VeeamOrgRescan", "vbaws-role-organization-rescan", VERSION);
    let unlisted = making.parts.policy("SecurityBoundary", Vec::new(), 0);
    making.role(
        "VeeamOrgRescan",
        "vbaws-role-organization-rescan",
        &[],
        holds.bound_by(&unlisted),
    );
}

/// Roles that Veeam does not use, or that nobody tagged.
pub(super) fn others(making: &mut Making) {
    let admin = making.aws_policy("AdministratorAccess", document([allow(["*"], ["*"])]));
    let lambda = making.aws_policy(
        "AWSLambdaBasicExecutionRole",
        document([allow(
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
            ],
            ["*"],
        )]),
    );
    let read_only = making.aws_policy(
        "ViewOnlyAccess",
        document([allow(
            [
                "cloudwatch:Describe*",
                "cloudwatch:List*",
                "ec2:Describe*",
                "iam:List*",
                "s3:List*",
            ],
            ["*"],
        )]),
    );
    let worker = making.set_policies(
        "VeeamProductionWorker",
        "vbaws-role-production-worker",
        VERSION,
    );
    // Made by the vendor's template, which sets no tags: the settings bind it.
    let trusts = making.trust_for("vbaws-role-production-worker");
    let mut role = making
        .parts
        .role("/vendor/", "VeeamProductionWorker", trusts, worker);
    making.parts.profile(&mut role);
    making.account.role_detail_list.push(role);

    let untagged = [
        (
            "VeeamBackupRole-old",
            "ec2.amazonaws.com",
            Holdings::default().attach(&read_only),
        ),
        (
            "veeam-cleanup-lambda",
            "lambda.amazonaws.com",
            Holdings::default().attach(&lambda),
        ),
        (
            "grafana-reader",
            "ec2.amazonaws.com",
            Holdings::default().attach(&read_only),
        ),
        (
            "order-import",
            "ecs-tasks.amazonaws.com",
            Holdings::default().attach(&lambda),
        ),
    ];
    for (name, service, holds) in untagged {
        let mut role = making.parts.role("/", name, trust(&[service], &[]), holds);
        role.tags = tags([("environment", "prod")]);
        making.account.role_detail_list.push(role);
    }
    let organization = trust(&[], &["arn:aws:iam::444455556666:root"]);
    let role = making.parts.role(
        "/",
        "OrganizationAccountAccessRole",
        organization,
        Holdings::default().attach(&admin),
    );
    making.account.role_detail_list.push(role);
    let service_linked = making.aws_policy(
        "AWSBackupServiceLinkedRolePolicyForBackup",
        document([allow(
            [
                "ec2:CreateSnapshot",
                "ec2:DescribeSnapshots",
                "elasticfilesystem:Backup",
            ],
            ["*"],
        )]),
    );
    let role = making.parts.role(
        "/aws-service-role/backup.amazonaws.com/",
        "AWSServiceRoleForBackup",
        trust(&["backup.amazonaws.com"], &[]),
        Holdings::default().attach(&service_linked),
    );
    making.account.role_detail_list.push(role);
}
