//! Stock: the policies and groups that have nothing to do with a set, and some of AWS's.

use crate::document::{Document, allow, allow_all_but, deny, document};
use crate::listing::{Group, ManagedPolicy};
use crate::parts::{Holdings, Parts};
use crate::shape::Shape;

/// Policies and groups that have nothing to do with a set, and some of AWS's.
pub(crate) struct Stock {
    pub(crate) admin: ManagedPolicy,
    pub(crate) power_user: ManagedPolicy,
    /// A boundary that leaves all sets their actions.
    pub(crate) boundary: ManagedPolicy,
    /// One that does not.
    pub(crate) narrow: ManagedPolicy,
    pub(crate) policies: Vec<ManagedPolicy>,
    pub(crate) groups: Vec<Group>,
}

const SERVICES: [&str; 12] = [
    "dynamodb",
    "sqs",
    "sns",
    "lambda",
    "logs",
    "cloudwatch",
    "s3",
    "kms",
    "secretsmanager",
    "ssm",
    "states",
    "events",
];

impl Stock {
    pub(crate) fn new(parts: &mut Parts, shape: &Shape) -> Self {
        let principals = shape.roles + shape.users;
        let policies: Vec<ManagedPolicy> = (0..principals / 12 + 8)
            .map(|at| {
                let service = *parts.draw.pick(&SERVICES);
                let versions = (0..=parts.draw.below(3))
                    .map(|_| application(parts, service, at))
                    .collect::<Vec<_>>();
                let default = versions.len() - 1;
                parts.policy(&format!("app-{service}-{at:05}"), versions, default)
            })
            .collect();
        let groups = (0..principals / 60 + 3)
            .map(|at| {
                let policy = parts.draw.pick(&policies).clone();
                let holds = Holdings::default()
                    .attach(&policy)
                    .write("team", application(parts, "s3", at));
                parts.group(&format!("team-{at:03}"), holds)
            })
            .collect();
        Self {
            admin: parts.aws_policy("AdministratorAccess", document([allow(["*"], ["*"])])),
            power_user: parts.aws_policy(
                "PowerUserAccess",
                document([
                    allow_all_but(["iam:*", "organizations:*", "account:*"]),
                    allow(["iam:CreateServiceLinkedRole", "iam:ListRoles"], ["*"]),
                ]),
            ),
            boundary: parts.policy(
                "workload-boundary",
                vec![document([
                    allow(["*"], ["*"]),
                    deny(["organizations:LeaveOrganization", "account:*"], ["*"])
                        .sid("KeepTheAccount"),
                ])],
                0,
            ),
            narrow: parts.policy(
                "storage-boundary",
                vec![document([allow(
                    ["s3:*", "kms:*", "logs:*", "ec2:Describe*"],
                    ["*"],
                )])],
                0,
            ),
            policies,
            groups,
        }
    }

    /// What somebody who has nothing to do with Veeam holds.
    pub(crate) fn any(&self, parts: &mut Parts) -> Holdings {
        let mut holds = Holdings::default();
        for _ in 0..=parts.draw.below(3) {
            let policy = parts.draw.pick(&self.policies);
            if !holds
                .attached
                .iter()
                .any(|one| one.policy_arn == policy.arn)
            {
                holds = holds.attach(policy);
            }
        }
        holds
    }
}

/// A policy of some application of the company's.
pub(crate) fn application(parts: &mut Parts, service: &str, at: usize) -> Document {
    let region = *parts.draw.pick(&["eu-central-1", "eu-west-1"]);
    let resource = match service {
        "s3" => format!("arn:aws:s3:::app-{at}-*"),
        _ => format!("arn:aws:{service}:{region}:{}:app-{at}-*", parts.account),
    };
    let mut statements = vec![
        allow(
            [format!("{service}:Get*"), format!("{service}:List*")],
            ["*"],
        )
        .sid("Read"),
        allow([format!("{service}:*")], [resource.clone()]).sid("Own"),
    ];
    if parts.draw.percent(30) {
        statements.push(
            deny([format!("{service}:Delete*")], [resource])
                .sid("KeepWhatIsProtected")
                .when("StringNotEquals", "aws:PrincipalTag/team", ["platform"]),
        );
    }
    if parts.draw.percent(20) {
        statements.push(allow(["kms:Decrypt"], ["*"]).when(
            "StringLike",
            "kms:ViaService",
            [format!("{service}.*.amazonaws.com")],
        ));
    }
    document(statements)
}
