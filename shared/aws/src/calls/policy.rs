//! The policy that grants an audit its calls.

use iam::AccountId;

use super::call::{By, Call, On};
use super::list::CALLS;

/// What a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Audits, and `permdrift doctor`.
    Audits,
    /// `permdrift snapshot --organization` as well.
    WholeOrganization,
}

/// The policy that the command line needs, as JSON. `None` for the account: any.
#[must_use]
pub fn audit_policy(partition: &str, account: Option<AccountId>, covers: Covers) -> String {
    let account = account.map_or_else(|| "*".to_owned(), |account| account.to_string());
    let audits = CALLS.iter().filter(|call| match call.by {
        By::Audit | By::Doctor => true,
        By::WholeOrganization => covers == Covers::WholeOrganization,
        By::Functions
        | By::Sweep
        | By::Change
        | By::Platform
        | By::Hub
        | By::HubFunctions
        | By::HubReaders
        | By::Roster
        | By::HubSweep
        | By::HubChange
        | By::Gather => false,
    });
    let names = |call: &'static Call| call.action.split_once(':').unwrap_or(("", call.action));
    // A service's calls on the same things are one statement: a policy has room for so many characters.
    let mut statements: Vec<(&str, On, Vec<&str>)> = Vec::new();
    for call in audits {
        let (service, _) = names(call);
        let known = statements
            .iter_mut()
            .find(|(of, on, _)| *of == service && *on == call.on && service != "iam");
        match known {
            Some((_, _, actions)) => actions.push(call.action),
            None => statements.push((service, call.on, vec![call.action])),
        }
    }
    let statements = statements.into_iter().map(|(service, on, actions)| {
        let (sid, action) = match actions.as_slice() {
            [one] => {
                let name = one.split_once(':').map_or(*one, |(_, name)| name);
                (name.to_owned(), serde_json::json!(one))
            }
            many => (sid(service, on), serde_json::json!(many)),
        };
        serde_json::json!({
            "Sid": sid,
            "Effect": "Allow",
            "Action": action,
            "Resource": on.of_account(partition, &account),
        })
    });
    let statements: Vec<serde_json::Value> = statements.collect();
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
    format!("{policy:#}\n")
}

/// The name of a statement for several calls, such as `ReadKmsKeys`.
fn sid(service: &str, on: On) -> String {
    let mut letters = service.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let service: String = first.into_iter().chain(letters).collect();
    match on {
        On::All | On::Organization => format!("Read{service}"),
        on => format!("Read{service}{on:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[track_caller]
    fn check(covers: Covers, makes: &[By]) {
        let policy = audit_policy("aws-cn", "123456789012".parse().ok(), covers);
        let document = iam::Document::parse(&policy).unwrap();
        let mut granted = BTreeSet::new();
        for statement in &document.statements {
            for action in &statement.action.patterns {
                for resource in &statement.resource.patterns {
                    granted.insert((action.to_string(), resource.to_string()));
                }
            }
        }
        let mut needed = BTreeSet::new();
        for call in CALLS.iter().filter(|call| makes.contains(&call.by)) {
            for resource in call.on.of_account("aws-cn", "123456789012") {
                assert!(
                    resource == "*" || resource.starts_with("arn:aws-cn:"),
                    "{resource}"
                );
                needed.insert((call.action.to_owned(), resource));
            }
        }
        assert_eq!(granted, needed);
        let characters = policy.chars().filter(|one| !one.is_whitespace());
        assert!(characters.count() <= 6144, "a managed policy takes no more");
    }

    #[test]
    fn the_policy_grants_what_is_called() {
        check(Covers::Audits, &[By::Audit, By::Doctor]);
        check(
            Covers::WholeOrganization,
            &[By::Audit, By::Doctor, By::WholeOrganization],
        );
    }
}
