//! Worlds: what was decided while a parameter was open, holds whatever value it gets.
//!
//! Every combination of open and known parts of a statement, decided before, and then again with one value after the other.

use iam::simulator::{ServiceControl, layers, request_context};
use iam::{Cause, Context, Decision, Request, evaluate};

use crate::summary::{principal, try_read};

const ACTIONS: [&str; 6] = [
    "s3:GetObject",
    "!Ref Open",
    "[s3:PutObject, !Ref Open]",
    "!Sub 's3:${Open}'",
    "!If [Perhaps, s3:GetObject, s3:PutObject]",
    "[!If [Perhaps, s3:GetObject, !Ref AWS::NoValue], s3:List*]",
];
const RESOURCES: [&str; 7] = [
    "'*'",
    "arn:aws:s3:::a",
    "!Ref Open",
    "['arn:aws:s3:::a', !Ref Open]",
    "!Sub 'arn:aws:s3:::${Open}'",
    "!If [Perhaps, '*', 'arn:aws:s3:::a']",
    "!Join ['', ['arn:aws:s3', !Ref Open]]",
];
const CONDITIONS: [&str; 4] = [
    "",
    ", Condition: {StringEquals: {aws:RequestedRegion: !Ref Open}}",
    ", Condition: {StringNotLike: {aws:RequestedRegion: [us-*, !Ref Open]}}",
    ", Condition: {StringEquals: {aws:RequestedRegion: [eu-west-1]}, Bool: {aws:SecureTransport: !Ref Open}}",
];
const VALUES: [&str; 6] = [
    "*",
    "x",
    "arn:aws:s3:::a",
    "s3:GetObject",
    ":::b",
    "eu-west-1",
];

/// What a request comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Allowed,
    /// On something narrower than the `*` asked for.
    Narrower,
    Denied,
    Undetermined,
}

fn template(statement: &str) -> String {
    format!(
        "Parameters: {{Open: {{Type: String}}}}
Conditions: {{Perhaps: !Equals [!Ref Open, x]}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: []}}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: 2012-10-17
            Statement:
              - {statement}
"
    )
}

/// The outcome of every request, in one order.
fn outcomes(text: &str, parameters: &[(&str, &str)]) -> Vec<Outcome> {
    let deployment = try_read(text, parameters).unwrap();
    let role = principal(&deployment, "Role");
    let layers = layers(&deployment.inventory, role, &ServiceControl::default());
    let mut context = Context::partial();
    context.set_one("aws:RequestedRegion", "eu-west-1");
    context.set_one("aws:SecureTransport", "true");
    let context = request_context(role, &context);
    let mut found = Vec::new();
    for action in ["s3:GetObject", "s3:PutObject", "s3:ListBucket"] {
        let action = action.parse().unwrap();
        for resource in ["arn:aws:s3:::a", "arn:aws:s3:::b", "*"] {
            let outcome = evaluate(
                &layers,
                &Request {
                    principal: Some(&role.arn),
                    action: &action,
                    resource,
                    context: &context,
                },
            );
            found.push(match (outcome.decision, outcome.cause) {
                (Decision::Allowed, _) => Outcome::Allowed,
                (_, Cause::AllowedOnlyOn { .. }) => Outcome::Narrower,
                (Decision::ImplicitDeny | Decision::ExplicitDeny, _) => Outcome::Denied,
                (Decision::Undetermined, _) => Outcome::Undetermined,
            });
        }
    }
    found
}

/// Whether what was said before holds in a world.
fn holds(before: Outcome, after: Outcome) -> bool {
    match (before, after) {
        (Outcome::Undetermined, _) | (_, Outcome::Undetermined) => true,
        (Outcome::Narrower, after) => after == Outcome::Narrower || after == Outcome::Allowed,
        (before, after) => before == after,
    }
}

#[test]
fn what_was_decided_holds_whatever_an_open_value_becomes() {
    let mut decided = 0;
    let mut at = 0;
    for action in ACTIONS {
        for resource in RESOURCES {
            for condition in CONDITIONS {
                for (not_action, not_resource) in [("", ""), ("Not", ""), ("", "Not")] {
                    for effect in ["Allow", "Deny"] {
                        at += 1;
                        let mut statement = format!(
                            "{{Effect: {effect}, {not_action}Action: {action}, {not_resource}Resource: {resource}{condition}}}"
                        );
                        if at % 3 == 0 {
                            statement = format!("!If [Perhaps, {statement}, !Ref AWS::NoValue]");
                        }
                        if effect == "Deny" {
                            statement.push_str(
                                "\n              - {Effect: Allow, Action: '*', Resource: '*'}",
                            );
                        }
                        let text = template(&statement);
                        let before = outcomes(&text, &[]);
                        let sure = |one: &&Outcome| **one != Outcome::Undetermined;
                        decided += before.iter().filter(sure).count();
                        for value in VALUES {
                            let after = outcomes(&text, &[("Open", value)]);
                            for (place, (before, after)) in before.iter().zip(&after).enumerate() {
                                assert!(
                                    holds(*before, *after),
                                    "{statement}\nrequest {place}: {before:?}, and with `{value}` {after:?}"
                                );
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(decided > 500, "only {decided} were decided before");
}
