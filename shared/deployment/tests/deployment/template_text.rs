//! Templates as text, made of the lines that matter to a test.

use crate::summary::{gaps, held, try_read};

pub const TRUST: &str = "AssumeRolePolicyDocument: {Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: '*'}}";

/// The policies of each role and user of a template, by its logical id.
#[track_caller]
pub fn check(resources: &str, id: &str, expected: &[&str]) {
    let text = format!("Parameters:\n  Open: {{Type: String}}\nConditions:\n  Perhaps: !Equals [!Ref Open, x]\nResources:\n{resources}")
        .replace("TRUST", TRUST);
    let deployment = try_read(&text, &[]).unwrap();
    assert_eq!(gaps(&deployment), Vec::<String>::new());
    assert_eq!(held(&deployment, id), expected);
}

/// A role with policy `a`, another policy for it, and what both come to.
#[track_caller]
pub fn check_pair(role: &str, other: &str, expected: &[&str]) {
    let document = "PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: a:b, Resource: '*'}}";
    check(
        &format!(
            "  Role:
    Type: AWS::IAM::Role
    Properties: {{TRUST, {role}}}
  Other:
    {}
",
            other.replace("DOCUMENT", document)
        )
        .replace("DOCUMENT", document),
        "Role",
        expected,
    );
}
