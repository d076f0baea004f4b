//! Calls: which AWS calls does permdrift make, and on what?
//!
//! The template's roles and `permdrift print-policy` are made and tested from this list. Whoever adds a call adds it here;
//! a call that is not here is refused by AWS.

use iam::AccountId;

/// A call and what it is made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The IAM action that allows it.
    pub action: &'static str,
    /// What it is made on.
    pub on: On,
    /// Who makes it.
    pub by: By,
    /// Why it is made, in a few words.
    pub why: &'static str,
}

/// What a call is made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// IAM takes no resource for it, or it is about the whole account.
    All,
    /// Users and roles of the audited account.
    Principals,
    /// Users of the audited account.
    Users,
    /// The baseline table.
    Table,
    /// The topic for people.
    Topic,
    /// The topic for chats.
    ChatTopic,
    /// Our product in Security Hub: the account's own default.
    Product,
    /// The bus for machines.
    Bus,
    /// The function's own queue.
    Remainder,
    /// The settings' SSM parameter.
    Parameter,
    /// The key that table, topic and queue are encrypted with; the services use it in the caller's name.
    Key,
    /// The function's log streams.
    Log,
    /// Roles in other accounts, for whoever audits from outside.
    OtherRoles,
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// Every audit, the command line's too.
    Audit,
    /// The sweep Lambda.
    Sweep,
    /// Lambda and the encrypted services, with the role of the sweep Lambda.
    Platform,
    /// The sweep Lambda or the command line, where it audits another account.
    Hub,
}

/// All of them.
pub const CALLS: &[Call] = &[
    Call {
        action: "iam:GetAccountAuthorizationDetails",
        on: On::All,
        by: By::Audit,
        why: "list users, roles, groups and policies with their tags",
    },
    Call {
        action: "iam:SimulatePrincipalPolicy",
        on: On::Principals,
        by: By::Audit,
        why: "have AWS decide",
    },
    Call {
        action: "iam:ListAccessKeys",
        on: On::Users,
        by: By::Audit,
        why: "judge the access keys of users whose sets need one",
    },
    Call {
        action: "sts:AssumeRole",
        on: On::OtherRoles,
        by: By::Hub,
        why: "audit another account",
    },
    Call {
        action: "ssm:GetParameter",
        on: On::Parameter,
        by: By::Sweep,
        why: "read the settings",
    },
    Call {
        action: "dynamodb:Query",
        on: On::Table,
        by: By::Sweep,
        why: "load the baseline",
    },
    Call {
        action: "dynamodb:PutItem",
        on: On::Table,
        by: By::Sweep,
        why: "commit the baseline",
    },
    Call {
        action: "dynamodb:DeleteItem",
        on: On::Table,
        by: By::Sweep,
        why: "forget principals that left",
    },
    Call {
        action: "sns:Publish",
        on: On::Topic,
        by: By::Sweep,
        why: "tell people",
    },
    Call {
        action: "sns:Publish",
        on: On::ChatTopic,
        by: By::Sweep,
        why: "tell chats, where that is switched on",
    },
    Call {
        action: "securityhub:BatchImportFindings",
        on: On::Product,
        by: By::Sweep,
        why: "tell Security Hub, where that is switched on",
    },
    Call {
        action: "events:PutEvents",
        on: On::Bus,
        by: By::Sweep,
        why: "tell machines",
    },
    Call {
        action: "events:DescribeEventBus",
        on: On::Bus,
        by: By::Sweep,
        why: "see that it is there, because EventBridge takes events for a bus that is not",
    },
    Call {
        action: "sqs:SendMessage",
        on: On::Remainder,
        by: By::Sweep,
        why: "hand on what a run could not reach",
    },
    Call {
        action: "sqs:ReceiveMessage",
        on: On::Remainder,
        by: By::Platform,
        why: "start the run that takes the remainder",
    },
    Call {
        action: "sqs:DeleteMessage",
        on: On::Remainder,
        by: By::Platform,
        why: "start the run that takes the remainder",
    },
    Call {
        action: "sqs:GetQueueAttributes",
        on: On::Remainder,
        by: By::Platform,
        why: "start the run that takes the remainder",
    },
    Call {
        action: "kms:Decrypt",
        on: On::Key,
        by: By::Platform,
        why: "use the encrypted table, topic and queue",
    },
    Call {
        action: "kms:GenerateDataKey",
        on: On::Key,
        by: By::Platform,
        why: "use the encrypted table, topic and queue",
    },
    Call {
        action: "logs:CreateLogStream",
        on: On::Log,
        by: By::Platform,
        why: "write the log",
    },
    Call {
        action: "logs:PutLogEvents",
        on: On::Log,
        by: By::Platform,
        why: "write the log",
    },
];

/// The policy that an audit from the command line needs, as JSON. `None` for the account: any.
#[must_use]
pub fn audit_policy(partition: &str, account: Option<AccountId>) -> String {
    let account = account.map_or_else(|| "*".to_owned(), |account| account.to_string());
    let statements: Vec<serde_json::Value> = CALLS
        .iter()
        .filter(|call| call.by == By::Audit)
        .map(|call| {
            let arn = |path: &str| format!("arn:{partition}:iam::{account}:{path}");
            let resource = match call.on {
                On::Principals => vec![arn("user/*"), arn("role/*")],
                On::Users => vec![arn("user/*")],
                On::All
                | On::Table
                | On::Topic
                | On::ChatTopic
                | On::Product
                | On::Bus
                | On::Remainder
                | On::Parameter
                | On::Key
                | On::Log
                | On::OtherRoles => vec!["*".to_owned()],
            };
            let sid: String = call
                .action
                .split_once(':')
                .map_or(call.action, |(_, name)| name)
                .to_owned();
            serde_json::json!({
                "Sid": sid,
                "Effect": "Allow",
                "Action": call.action,
                "Resource": resource,
            })
        })
        .collect();
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
    format!("{policy:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn nothing_here_changes_iam() {
        for call in CALLS {
            let name = call.action.strip_prefix("iam:").unwrap_or("Get");
            assert!(
                ["Get", "List", "Simulate"]
                    .iter()
                    .any(|verb| name.starts_with(verb)),
                "{}",
                call.action
            );
        }
        let actions: BTreeSet<_> = CALLS.iter().map(|call| call.action).collect();
        let calls: BTreeSet<_> = CALLS.iter().map(|call| (call.action, call.on)).collect();
        assert_eq!(calls.len(), CALLS.len(), "each call once");
        assert!(
            actions.len() + 1 >= CALLS.len(),
            "only publishing is done on two things"
        );
    }

    #[test]
    fn the_audits_policy_grants_what_an_audit_calls() {
        let policy = audit_policy("aws-cn", "123456789012".parse().ok());
        let document = iam::Document::parse(&policy).unwrap();
        let granted: Vec<_> = document
            .statements
            .iter()
            .map(|statement| {
                (
                    &*statement.action.patterns[0],
                    &*statement.resource.patterns[0],
                )
            })
            .collect();
        assert_eq!(
            granted,
            [
                ("iam:GetAccountAuthorizationDetails", "*"),
                (
                    "iam:SimulatePrincipalPolicy",
                    "arn:aws-cn:iam::123456789012:user/*"
                ),
                ("iam:ListAccessKeys", "arn:aws-cn:iam::123456789012:user/*"),
            ]
        );
    }
}
