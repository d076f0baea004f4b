//! Templates: whom do they make, and what does each hold?

use crate::summary::{gaps, held, principal, read_with, try_read};
use crate::template_text::{TRUST, check};

const OPEN: &str = "? t.yaml:4: parameter `Open` has no Default: give --parameter Open=VALUE";

#[test]
fn a_role_holds_what_stands_in_it_and_what_names_it() {
    check(
        "  Role:
    Type: AWS::IAM::Role
    Properties:
      TRUST
      ManagedPolicyArns: [!Ref Managed, arn:aws:iam::aws:policy/AdministratorAccess]
      Policies: [{PolicyName: own, PolicyDocument: {Statement: {Effect: Allow, Action: a:b, Resource: '*'}}}]
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: c:d, Resource: '*'}}}
  Later:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: later, Roles: [!Ref Role], PolicyDocument: {Statement: {Effect: Deny, Action: e:f, Resource: '*'}}}
  Alone:
    Type: AWS::IAM::RolePolicy
    Properties: {PolicyName: alone, RoleName: !Ref Role, PolicyDocument: {Statement: {Effect: Deny, Action: g:h, Resource: '*'}}}
  Others:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: others, Roles: [SomebodyElse], PolicyDocument: {Statement: {Effect: Deny, Action: '*', Resource: '*'}}}
",
        "Role",
        &[
            "inline own (t.yaml:11): Allow a:b on *",
            "inline later (t.yaml:16): Deny e:f on *",
            "inline alone (t.yaml:19): Deny g:h on *",
            "Managed (t.yaml:13): Allow c:d on *",
            "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *",
        ],
    );
}

#[test]
fn a_managed_policy_may_name_whom_it_is_for() {
    check(
        "  Role: {Type: AWS::IAM::Role, Properties: {RoleName: named, TRUST}}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {ManagedPolicyName: m, Roles: [named], PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: c:d, Resource: '*'}}}
",
        "Role",
        &["Managed (t.yaml:8): Allow c:d on *"],
    );
}

#[test]
fn users_hold_what_their_groups_hold() {
    check(
        "  User: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Group]}}
  Group:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [!Ref Managed]
      Policies: [{PolicyName: g, PolicyDocument: {Statement: {Effect: Allow, Action: a:b, Resource: '*'}}}]
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: c:d, Resource: '*'}}}
  More: {Type: AWS::IAM::Group}
  Addition: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref More, Users: [!Ref User]}}
  ForMore:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: m, Groups: [!Ref More], PolicyDocument: {Statement: {Effect: Deny, Action: e:f, Resource: '*'}}}
",
        "User",
        &[
            "group Group: inline g (t.yaml:11): Allow a:b on *",
            "Managed (t.yaml:13): Allow c:d on *",
            "group More: inline m (t.yaml:18): Deny e:f on *",
        ],
    );
}

#[test]
fn what_may_be_attached_or_not_is_in_doubt() {
    check(
        "  Role:
    Type: AWS::IAM::Role
    Properties:
      TRUST
      ManagedPolicyArns: [!If [Perhaps, !Ref Managed, !Ref AWS::NoValue]]
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: c:d, Resource: '*'}}}
  Later:
    Type: AWS::IAM::Policy
    Condition: Perhaps
    Properties: {PolicyName: later, Roles: [!Ref Role], PolicyDocument: {Statement: {Effect: Deny, Action: e:f, Resource: '*'}}}
  Anywhere:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: any, Roles: [!ImportValue x], PolicyDocument: {Statement: {Effect: Deny, Action: g:h, Resource: '*'}}}
",
        "Role",
        &[
            &format!("inline later (t.yaml:15): Deny e:f on *{OPEN}"),
            "inline any (t.yaml:19): Deny g:h on *? t.yaml:20: `Fn::ImportValue` is followed only when it is deployed",
            &format!("Managed (t.yaml:12), if it is attached: Allow c:d on *{OPEN}"),
        ],
    );
}

#[test]
fn what_the_template_does_not_hold_cannot_be_read() {
    check(
        "  Role:
    Type: AWS::IAM::Role
    Properties:
      TRUST
      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess, !Ref Open]
      PermissionsBoundary: !ImportValue boundary
",
        "Role",
        &[
            "arn:aws:iam::aws:policy/ReadOnlyAccess: unreadable: t.yaml:10: the file does not hold this policy: the listing of an account that does can be given with --auth-details",
            "Open (t.yaml:10): unreadable: t.yaml:10: parameter `Open` has no Default: give --parameter Open=VALUE",
            "boundary Fn::ImportValue (t.yaml:11): unreadable: t.yaml:11: `Fn::ImportValue` is followed only when it is deployed",
        ],
    );
}

#[test]
fn what_the_account_holds_already_is_taken_from_its_listing() {
    let listing = br#"{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": [{"PolicyName": "P",
        "Arn": "arn:aws:iam::111122223333:policy/P", "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true,
        "Document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*"}}}]}], "IsTruncated": false}"#;
    let existing = iam::inventory::read(listing).unwrap();
    let text = format!(
        "Resources: {{Role: {{Type: AWS::IAM::Role, Properties: {{{TRUST}, ManagedPolicyArns: ['arn:aws:iam::111122223333:policy/P']}}}}}}"
    );
    let deployment = read_with(&text, &[], Some(&existing)).unwrap();
    assert_eq!(
        held(&deployment, "Role"),
        ["arn:aws:iam::111122223333:policy/P: Allow a:b on *"]
    );
}

#[test]
fn a_statement_is_in_doubt_as_a_whole_only_where_it_must_be() {
    let check = |statement: &str, expected: &[&str]| {
        let resources = format!(
            "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      TRUST\n      Policies: [{{PolicyName: p, PolicyDocument: {{Version: 2012-10-17, Statement: [{statement}]}}}}]\n"
        );
        let text = format!("Parameters:\n  Open: {{Type: String}}\nConditions:\n  Perhaps: !Equals [!Ref Open, x]\nResources:\n{resources}")
            .replace("TRUST", TRUST);
        let deployment = try_read(&text, &[]).unwrap();
        let found: Vec<String> = held(&deployment, "Role")
            .iter()
            .map(|one| {
                one.replace("inline p (t.yaml:10): ", "").replace(
                    ": parameter `Open` has no Default: give --parameter Open=VALUE",
                    "",
                )
            })
            .collect();
        assert_eq!(found, expected, "{statement}");
    };
    check(
        "{Effect: Allow, Action: [a:b, !Ref Open], Resource: [x, !Ref Open]}, {Effect: Deny, Action: c:d, Resource: '*'}",
        &[
            "Allow a:b on x",
            "Deny c:d on *",
            "Allow a:b on *? t.yaml:10",
            "Allow * on x? t.yaml:10",
            "Allow * on *? t.yaml:10",
        ],
    );
    check(
        "{Effect: Allow, NotAction: [a:b, !Ref Open], NotResource: !Ref Open}",
        &["Allow not a:b on *? t.yaml:10"],
    );
    check(
        "{Effect: Deny, Action: a:b, Resource: x, Condition: {StringEquals: {aws:RequestedRegion: !Ref Open}}}",
        &["Deny a:b on x? t.yaml:10"],
    );
    check(
        "!If [Perhaps, {Effect: Allow, Action: a:b, Resource: x}, !Ref AWS::NoValue]",
        &["Allow a:b on x? t.yaml:4"],
    );
    check(
        "{Effect: Allow, Action: !Sub 's3:${Open}', Resource: x}",
        &["Allow s3:* on x? t.yaml:10"],
    );
    check(
        "{Effect: Allow, Action: a:b, Resource: x, Fn::Transform: {Name: Ours}}",
        &[
            "unreadable: t.yaml:10: `Fn::Transform` stands beside other keys, so nobody knows what it gives",
        ],
    );
    check(
        "{Effect: !Ref Open, Action: a:b, Resource: x}",
        &["unreadable: t.yaml:10"],
    );
    check(
        "{Effect: Allow, Action: a:b}",
        &["unreadable: t.yaml:10: statement 1 has neither `Resource` nor `NotResource`"],
    );
}

#[test]
fn a_resource_whose_condition_does_not_hold_is_not_there() {
    let text = format!(
        "Conditions: {{No: !Equals [a, b]}}\nResources:\n  Role: {{Type: AWS::IAM::Role, Properties: {{{TRUST}}}}}\n  Gone: {{Type: AWS::IAM::Role, Condition: No, Properties: {{{TRUST}}}}}"
    );
    let deployment = try_read(&text, &[]).unwrap();
    assert_eq!(deployment.origins.len(), 1);
}

#[test]
fn names_paths_and_tags_are_those_of_the_template() {
    let text = format!(
        "Parameters: {{Open: {{Type: String}}}}
Resources:
  Named:
    Type: AWS::IAM::Role
    Properties: {{RoleName: veeam, Path: /backup/, {TRUST}, Tags: [{{Key: a, Value: b}}, {{Key: c, Value: !Ref Open}}]}}
  Unnamed: {{Type: AWS::IAM::User, Properties: {{UserName: !Ref Open}}}}
  Profile: {{Type: AWS::IAM::InstanceProfile, Properties: {{Roles: [!Ref Named]}}}}"
    );
    let deployment = try_read(&text, &[]).unwrap();
    let named = principal(&deployment, "Named");
    assert_eq!(
        named.arn.as_str(),
        "arn:aws:iam::111122223333:role/backup/veeam"
    );
    assert_eq!(named.tag("a"), Some("b"));
    assert_eq!(
        named.unsettled,
        [
            "aws:PrincipalTag/c".into(),
            "aws:PrincipalTag/*".into(),
            "aws:userid".into()
        ]
    );
    assert_eq!(named.instance_profiles, ["Profile".into()]);
    let unnamed = principal(&deployment, "Unnamed");
    assert_eq!(unnamed.arn.name(), "Unnamed");
    assert!(unnamed.unsettled.contains(&"aws:PrincipalArn".into()));
    assert!(unnamed.unsettled.contains(&"aws:username".into()));
}

#[test]
fn a_tag_that_would_bind_and_is_not_known_is_a_gap() {
    let text = format!(
        "Parameters: {{Open: {{Type: String}}}}\nResources: {{Role: {{Type: AWS::IAM::Role, Properties: {{{TRUST}, Tags: [{{Key: veeam:action-sets, Value: !Ref Open}}]}}}}}}"
    );
    let gaps = gaps(&try_read(&text, &[]).unwrap());
    assert!(gaps[0].contains("Role, tag veeam:action-sets"), "{gaps:?}");
}

#[test]
fn a_trust_policy_is_in_doubt_only_where_it_is_open() {
    let text = "Parameters: {Open: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Action: sts:AssumeRole
          Principal: {Service: ec2.amazonaws.com, AWS: !Sub 'arn:aws:iam::${Open}:root'}
";
    let deployment = try_read(text, &[]).unwrap();
    let trust = principal(&deployment, "Role").trust.clone().unwrap();
    let statements = &trust.as_ref().as_ref().unwrap().statements;
    let told: Vec<(&str, bool)> = statements
        .iter()
        .map(|one| (&*one.principals[0].1, one.doubt.is_some()))
        .collect();
    assert_eq!(told, [("ec2.amazonaws.com", false), ("*", true)]);
}

#[test]
fn macros_and_loops_are_gaps() {
    let text = format!(
        "Transform: [AWS::Serverless-2016-10-31, Ours]\nResources:\n  Role: {{Type: AWS::IAM::Role, Properties: {{{TRUST}}}}}\n  'Fn::ForEach::Roles': [A, [b], {{}}]"
    );
    let gaps = gaps(&try_read(&text, &[]).unwrap());
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps[0].contains("`Ours`") && gaps[1].contains("Fn::ForEach::Roles"));
}

#[test]
fn json_and_yaml_are_the_same_template() {
    let yaml = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: r\n      AssumeRolePolicyDocument: {Statement: []}\n";
    let json = r#"{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties":
        {"RoleName": "r", "AssumeRolePolicyDocument": {"Statement": []}}}}}"#;
    let read = |text: &str| try_read(text, &[]).unwrap().inventory.principals;
    assert_eq!(read(yaml), read(json));
}

#[test]
fn aliases_are_followed_and_do_not_explode() {
    let text = format!(
        "Shared: &shared {{Statement: {{Effect: Allow, Action: a:b, Resource: '*'}}}}\nResources: {{Role: {{Type: AWS::IAM::Role, Properties: {{{TRUST}, Policies: [{{PolicyName: p, PolicyDocument: *shared}}]}}}}}}"
    );
    let deployment = try_read(&text, &[]).unwrap();
    assert_eq!(
        held(&deployment, "Role"),
        ["inline p (t.yaml:2): Allow a:b on *"]
    );
    let merged = text.replace(
        "PolicyDocument: *shared",
        "PolicyDocument: {<<: *shared, Version: 2012-10-17}",
    );
    let deployment = try_read(&merged, &[]).unwrap();
    assert_eq!(
        held(&deployment, "Role"),
        ["inline p (t.yaml:2): Allow a:b on *"]
    );
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        bomb.push_str(&format!("a{level}: &a{level} [*a{below}, *a{below}]\n"));
    }
    assert!(try_read(&bomb, &[]).is_err());
}

#[test]
fn a_stack_within_the_stack_is_named_because_nobody_looks_into_it() {
    let text = "Resources:\n  Roles:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: roles.yaml}\n  Role:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {Statement: []}}\n";
    let deployment = try_read(text, &[]).unwrap();
    let told = |note: &String| note.starts_with("`Roles` (line 3) is a stack of its own");
    assert!(deployment.notes.iter().any(told), "{:?}", deployment.notes);
}

#[test]
fn a_statement_that_is_oddly_written_is_in_doubt() {
    let template = |elements: &str| {
        format!(
            "Resources:
  t:
    Type: AWS::IAM::Role
    Properties:
      {TRUST}
      Policies: [{{PolicyName: a, PolicyDocument: {{Statement: {{Resource: '*', {elements}}}}}}}]"
        )
    };
    for (elements, expected) in [
        (
            "Effect: Allow, Action: a:b, Conditon: {Bool: {'aws:x': 'true'}}",
            "Allow a:b on *? t.yaml:6: `Conditon` is no element of a statement, so nobody knows what the statement is meant to say",
        ),
        (
            "Effect: Allow, Action: a:b, Conditon: !Ref AWS::NoValue",
            "Allow a:b on *",
        ),
        (
            "Effect: Deny, NotAction: []",
            "Deny not  on *? t.yaml:6: `NotAction` is an empty list, so nobody knows what the statement is about",
        ),
    ] {
        let held = held(&try_read(&template(elements), &[]).unwrap(), "t");
        assert_eq!(held, [format!("inline a (t.yaml:6): {expected}")]);
    }
}

#[test]
fn what_cloudformation_would_not_take_is_a_gap() {
    for (resource, expected) in [
        (
            "{Type: AWS::IAM::Role, Properties: {PermissionBoundary: x}}",
            "`PermissionBoundary` is no property of `AWS::IAM::Role`: expected one of AssumeRolePolicyDocument,",
        ),
        (
            "{Type: AWS::IAM::Polcy}",
            "`AWS::IAM::Polcy` is no type of IAM's",
        ),
        (
            "{Type: AWS::IAM::Policy, Properties: {'Fn::If': [C, {}, {}]}}",
            "`Fn::If` cannot make all of the `Properties`",
        ),
        ("{Type: 'My::Guard::MODULE'}", "a module may hold users"),
    ] {
        let text = format!("Resources:\n  Other: {resource}\n");
        let gaps = gaps(&try_read(&text, &[]).unwrap()).join("");
        assert!(
            gaps.contains(expected) && gaps.contains("t.yaml:2"),
            "{gaps}"
        );
    }
}
