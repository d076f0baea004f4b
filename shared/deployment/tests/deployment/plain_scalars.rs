//! Texts without quotes in a template: what does CloudFormation's YAML 1.1 read?

use crate::summary::{held, try_read};

#[test]
fn an_account_id_without_quotes_is_octal_and_told_with_its_line() {
    let text = "Parameters: {Account: {Type: String, Default: 012345670123}}
Mappings:
  Accounts: {017: {Id: 089}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: a
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: a:b, Resource: !Sub 'arn:aws:iam::${Account}:role/x'}
              - {Effect: Allow, Action: a:c, Resource: !FindInMap [Accounts, '15', Id]}
              - {Effect: Allow, Action: a:d, Resource: on}
              - {Effect: Allow, Action: a:e, Resource: 'on'}
";
    let deployment = try_read(text, &[]).unwrap();
    assert_eq!(
        held(&deployment, "Role"),
        [
            "inline a (t.yaml:10): Allow a:b on arn:aws:iam::1402433619:role/x",
            "inline a (t.yaml:10): Allow a:c on *? t.yaml:3: `089` has no quotes, so CloudFormation reads a number and loses its zeros: write \"089\"",
            "inline a (t.yaml:10): Allow a:d on true",
            "inline a (t.yaml:10): Allow a:e on on",
        ]
    );
    assert_eq!(
        deployment.notes,
        [
            "line 1: `012345670123` has no quotes, so CloudFormation (YAML 1.1) reads the number 1402433619: write \"012345670123\" if the text is meant",
            "line 3: `017` has no quotes, so CloudFormation (YAML 1.1) reads the number 15: write \"017\" if the text is meant",
            "line 3: `089` has no quotes, so CloudFormation (YAML 1.1) reads a number without its zeros: write \"089\" if the text is meant",
            "line 15: `on` has no quotes, so CloudFormation (YAML 1.1) reads `true`: write \"on\" if the text is meant",
        ]
    );
}
