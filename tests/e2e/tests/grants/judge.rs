//! What a role of a template may do, by our own evaluator.

use std::collections::BTreeSet;

use e2e::template::Place;
use iam::{ActionName, Context, Decision, Document, Layers, Policy, Request, evaluate};

use crate::needs::Need;

/// The organisation of whatever a request is about.
pub(crate) const ORGANIZATION: &str = "o-a1b2c3d4e5";

/// The documents of a role.
pub(crate) fn documents(place: &Place<'_>, role: &str) -> Vec<Document> {
    let policies = place.part(&["Resources", role, "Properties", "Policies"]);
    let policies = policies
        .as_array()
        .expect("a role of ours has inline policies");
    policies
        .iter()
        .map(|policy| {
            Document::parse(&policy["PolicyDocument"].to_string())
                .expect("a policy of ours can be read")
        })
        .collect()
}

pub(crate) fn allows(place: &Place<'_>, documents: &[Document], wanted: &Need) -> bool {
    let layers = Layers {
        identity: documents
            .iter()
            .map(|document| Policy {
                name: "role".into(),
                document: Ok(document),
            })
            .collect(),
        ..Layers::default()
    };
    let mut context = Context::complete();
    if let Some(service) = wanted.via {
        let suffix = if place.partition == "aws-cn" {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        context.set_one(
            "kms:ViaService",
            format!("{service}.{}.{suffix}", place.region),
        );
    }
    context.set_one("aws:ResourceOrgID", ORGANIZATION);
    let action: ActionName = wanted.action.parse().expect("an action name");
    let request = Request {
        principal: None,
        action: &action,
        // A pattern stands for any name that it matches.
        resource: &match wanted.resource.as_str() {
            "*" => "*".to_owned(),
            pattern => pattern.replace('*', "any-name"),
        },
        context: &context,
    };
    evaluate(&layers, &request).decision == Decision::Allowed
}

#[track_caller]
pub(crate) fn grants_exactly(place: &Place<'_>, role: &str, needs: &[Need]) {
    let documents = documents(place, role);
    let lacking: Vec<String> = needs
        .iter()
        .filter(|need| !allows(place, &documents, need))
        .map(|need| format!("{} on {} (via {:?})", need.action, need.resource, need.via))
        .collect();
    assert!(
        lacking.is_empty(),
        "{role} in {} lacks {lacking:#?}",
        place.partition
    );

    // Each action and resource that a statement names must be one that is needed, word for word.
    let needed: BTreeSet<(&str, &str)> = needs
        .iter()
        .map(|need| (need.action, need.resource.as_str()))
        .collect();
    let mut needless = Vec::new();
    for document in &documents {
        for statement in &document.statements {
            assert!(
                !statement.action.negated && !statement.resource.negated,
                "{role} names what it may not do, and so grants what nobody listed"
            );
            for action in &statement.action.patterns {
                for resource in &statement.resource.patterns {
                    if !needed.contains(&(action, resource)) {
                        needless.push(format!("{action} on {resource}"));
                    }
                }
            }
        }
    }
    assert!(
        needless.is_empty(),
        "{role} grants what nothing calls: {needless:#?}"
    );
}
