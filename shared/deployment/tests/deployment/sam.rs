//! SAM: which roles does its transform make?

use crate::summary::{held, principal, try_read};

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
            "inline S3ReadPolicy (t.yaml:13): Allow * on *? t.yaml:13: what SAM's policy template `S3ReadPolicy` allows is not followed here",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole: Allow logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents on *",
            "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *",
            "boundary Boundary (t.yaml:5): Allow * on *",
        ]
    );
    let worker = principal(&deployment, "WorkerRole");
    assert_eq!(worker.tag("team"), Some("backup"));
}
