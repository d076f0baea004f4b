//! SAM: which roles does its transform make?

use crate::summary::{gap_texts, held, principal, try_read};

#[test]
fn sam_makes_a_role_for_a_function_without_one() {
    let text = "Transform: AWS::Serverless-2016-10-31
Globals: {Function: {PermissionsBoundary: !Ref Boundary, Tags: {team: backup}}}
Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: '*', Resource: '*'}}}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AdministratorAccess
        - Statement: {Effect: Allow, Action: a:b, Resource: '*'}
        - S3ReadPolicy: {BucketName: x}
      Tracing: Active
  WithRole: {Type: AWS::Serverless::Function, Properties: {Role: arn:aws:iam::111122223333:role/r}}
";
    let deployment = try_read(text, &[]).unwrap();
    assert_eq!(deployment.form, deployment::Form::Sam);
    assert_eq!(deployment.origins.len(), 1);
    assert_eq!(
        held(&deployment, "WorkerRole"),
        [
            "inline Tracing (t.yaml:14): Allow * on *? t.yaml:14: what SAM allows for `Tracing` is not followed here",
            "inline WorkerRolePolicy1 (t.yaml:12): Allow a:b on *",
            "inline S3ReadPolicy (t.yaml:13): Allow s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:GetLifecycleConfiguration on arn:aws:s3:::x arn:aws:s3:::x/*",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole: Allow logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents on *",
            "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *",
            "boundary Boundary (t.yaml:5): Allow * on *",
        ]
    );
    let worker = principal(&deployment, "WorkerRole");
    assert_eq!(worker.tag("team"), Some("backup"));
}

#[test]
fn a_role_that_sam_may_make_is_checked_with_a_gap() {
    let text = "Transform: AWS::Serverless-2016-10-31
Parameters: {RoleArn: {Type: String}}
Conditions: {HasRole: !Not [!Equals [!Ref RoleArn, '']]}
Resources:
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      Role: !If [HasRole, !Ref RoleArn, !Ref AWS::NoValue]
      Policies: [{Statement: {Effect: Allow, Action: a:b, Resource: '*'}}]
";
    let read = |parameters: &[(&str, &str)]| try_read(text, parameters).unwrap();
    let open = read(&[]);
    let gaps: Vec<String> = open
        .principal_gaps
        .values()
        .flatten()
        .map(|gap| format!("{gap:?}"))
        .collect();
    assert!(
        matches!(gaps.as_slice(), [gap] if gap.contains(
            "whether SAM makes this role is not known: parameter `RoleArn` has no Default: give --parameter RoleArn=VALUE")),
        "{gaps:?}"
    );
    assert!(read(&[("RoleArn", "")]).principal_gaps.is_empty());
    // With a role of its own there is none to make.
    assert!(try_read(text, &[("RoleArn", "arn:aws:iam::111122223333:role/r")]).is_err());
}

#[test]
fn a_connector_in_a_resource_leaves_in_doubt_what_it_adds() {
    let text = "Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Connectors:
      ToTable:
        Properties: {Destination: {Id: Table}, Permissions: [Read]}
  Table: {Type: AWS::Serverless::SimpleTable}
";
    let deployment = try_read(text, &[]).unwrap();
    assert_eq!(
        held(&deployment, "WorkerRole")[0],
        "inline ToTable (t.yaml:7): Allow * on *? t.yaml:7: connector `ToTable` adds policies that are not followed here"
    );
}

/// What a function's role holds beside its log policy, and what cannot be read, if these are its policies.
fn with_policies(policies: &str) -> (Vec<String>, Vec<String>) {
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31
Parameters: {{Open: {{Type: String}}}}
Conditions: {{Perhaps: !Equals [!Ref Open, x]}}
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Policies: {policies}
  Table: {{Type: AWS::Serverless::SimpleTable}}
"
    );
    let deployment = try_read(&text, &[]).unwrap();
    let mut held = held(&deployment, "WorkerRole");
    held.retain(|line| line.starts_with("inline"));
    (held, gap_texts(&deployment))
}

#[test]
fn a_policy_template_is_expanded_with_what_is_known() {
    let (held, gaps) = with_policies(
        "[DynamoDBReconfigurePolicy: {TableName: !Ref Table}, VPCAccessPolicy: {}, !If [Perhaps, {KMSDecryptPolicy: {KeyId: k}}, !Ref AWS::NoValue]]",
    );
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(
        held,
        [
            "inline DynamoDBReconfigurePolicy (t.yaml:8): Allow dynamodb:UpdateTable on arn:aws:dynamodb:*:111122223333:table/* as arn:aws:dynamodb:${AWS::Region}:111122223333:table/${Table}? t.yaml:8: `AWS::Region` is not known before it is deployed: give --parameter AWS::Region=VALUE",
            "inline VPCAccessPolicy (t.yaml:8): Allow ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ec2:DetachNetworkInterface on *",
            "inline KMSDecryptPolicy (t.yaml:8): Allow kms:Decrypt on arn:aws:kms:*:111122223333:key/k? t.yaml:3: parameter `Open` has no Default: give --parameter Open=VALUE",
        ]
    );
}

#[test]
fn a_policy_template_that_sam_refuses_is_a_gap() {
    for (policies, expected) in [
        (
            "[S3ReadPolicy: {Bucket: x}]",
            "SAM refuses the policy template `S3ReadPolicy`: its parameter `BucketName` has no value",
        ),
        (
            "[VPCAccessPolicy: ]",
            "SAM refuses the policy template `VPCAccessPolicy`: its values are nothing, where a map was expected, `{}` if it has no parameters",
        ),
        (
            "[{VPCAccessPolicy: {}, EC2DescribePolicy: {}}]",
            "SAM refuses the policy: expected a policy document, or one policy template with its values",
        ),
    ] {
        let (held, gaps) = with_policies(policies);
        assert!(held.is_empty(), "{held:?}");
        assert_eq!(gaps, [format!("`WorkerRole`, t.yaml:8: {expected}")]);
    }
}

#[test]
fn a_policy_template_that_is_not_known_may_allow_anything() {
    let (held, gaps) = with_policies("[NewServicePolicy: {Name: x}]");
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(
        held,
        [
            "inline NewServicePolicy (t.yaml:8): Allow * on *? t.yaml:8: what SAM's policy template `NewServicePolicy` allows is not known here"
        ]
    );
}
