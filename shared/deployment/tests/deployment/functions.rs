//! Functions of CloudFormation: what does each come to, and what stays open?

use crate::summary::{held, try_read};

/// A template with parameters, mappings and conditions of every kind; a role's policy allows `s3:*` on what is put in.
fn template(resource: &str) -> String {
    format!(
        r#"
Parameters:
  Given: {{Type: String, Default: given}}
  Open: {{Type: String}}
  Names: {{Type: CommaDelimitedList, Default: "a, b"}}
  Dynamic: {{Type: String, Default: "{{{{resolve:ssm:/d}}}}"}}
  Looked: {{Type: "AWS::SSM::Parameter::Value<String>", Default: /path}}
Mappings:
  Places: {{eu: {{bucket: mapped, dynamic: "{{{{resolve:ssm:/m}}}}"}}}}
Conditions:
  Holds: !Equals [!Ref Given, given]
  Fails: !Not [!Condition Holds]
  Perhaps: !Equals [!Ref Open, x]
  Both: !And [!Condition Holds, !Condition Perhaps]
  Neither: !And [!Condition Fails, !Condition Perhaps]
  Either: !Or [!Condition Holds, !Condition Perhaps]
  Circle: !Not [!Condition Circle]
Resources:
  Named: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub "${{Given}}-bucket"}}}}
  Unnamed: {{Type: AWS::S3::Bucket}}
  Queue: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q}}}}
  Other: {{Type: Custom::Thing}}
  Self: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Ref Self}}}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: []}}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              Effect: Allow
              Action: s3:*
              Resource: {resource}
"#
    )
}

#[track_caller]
fn check(resource: &str, expected: &[&str]) {
    check_with(resource, &[], expected);
}

#[track_caller]
fn check_with(resource: &str, parameters: &[(&str, &str)], expected: &[&str]) {
    let deployment = try_read(&template(resource), parameters).unwrap();
    let held = held(&deployment, "Role");
    let found: Vec<&str> = held
        .iter()
        .map(|one| {
            let (_, statement) = one.split_once("): ").unwrap();
            statement
                .strip_prefix("Allow s3:* on ")
                .unwrap_or(statement)
        })
        .collect();
    assert_eq!(found, expected, "{resource}");
}

const LINE: &str = "t.yaml:35";

#[test]
fn a_parameter_has_its_default_unless_a_value_is_given() {
    check("!Ref Given", &["given"]);
    check_with("!Ref Given", &[("Given", "else")], &["else"]);
    check("!Ref Names", &["a b"]);
    check(r#"[!Join ["", ["x-", !Ref Given]]]"#, &["x-given"]);
}

#[test]
fn a_parameter_without_a_default_may_be_anything() {
    check(
        "!Ref Open",
        &["*? t.yaml:35: parameter `Open` has no Default: give --parameter Open=VALUE"],
    );
    check(
        "!Ref Looked",
        &["*? t.yaml:35: parameter `Looked` is looked up in Parameter Store when it is deployed"],
    );
    check_with("!Ref Open", &[("Open", "x")], &["x"]);
    // What is given for it is only its name.
    check_with(
        "!Ref Looked",
        &[("Looked", "/other")],
        &["*? t.yaml:35: parameter `Looked` is looked up in Parameter Store when it is deployed"],
    );
}

#[test]
fn what_is_known_of_a_text_stays_known() {
    check(
        r#"!Sub "arn:aws:s3:::${Open}/${Given}/*""#,
        &[
            "arn:aws:s3:::*/given/* as arn:aws:s3:::${Open}/given/*? t.yaml:35: parameter `Open` has no Default: give --parameter Open=VALUE",
        ],
    );
    check(
        r#"["arn:aws:s3:::a", !Ref Open]"#,
        &[
            "arn:aws:s3:::a",
            "*? t.yaml:35: parameter `Open` has no Default: give --parameter Open=VALUE",
        ],
    );
}

#[test]
fn pseudo_parameters_are_known_where_they_follow() {
    check(
        r#"!Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/x.${AWS::URLSuffix}""#,
        &["arn:aws:iam::111122223333:role/x.amazonaws.com"],
    );
    check_with(
        r#"!Sub "arn:${AWS::Partition}:s3:${AWS::Region}::x""#,
        &[("AWS::Region", "cn-north-1"), ("AWS::Partition", "aws-cn")],
        &["arn:aws-cn:s3:cn-north-1::x"],
    );
    check(
        r#"!Sub "arn:aws:s3:${AWS::Region}::x""#,
        &[
            "arn:aws:s3:*::x as arn:aws:s3:${AWS::Region}::x? t.yaml:35: `AWS::Region` is not known before it is deployed: give --parameter AWS::Region=VALUE",
        ],
    );
}

#[test]
fn sub_takes_values_of_its_own_and_leaves_literals() {
    check(
        r#"!Sub ["${X}/${Given}", {X: !Ref Given}]"#,
        &["given/given"],
    );
    check(
        r#"!Sub "${!aws:username}/${ Given }""#,
        &["${aws:username}/given"],
    );
    check(r#"!Sub "${Given""#, &["${Given"]);
}

#[test]
fn lists_are_joined_split_selected_and_mapped() {
    check(r#"!Join ["/", !Split ["-", a-b-c]]"#, &["a/b/c"]);
    check(r#"!Select [1, !Split ["-", a-b-c]]"#, &["b"]);
    check(r#"!Select ["1", [a, b]]"#, &["b"]);
    check("!FindInMap [Places, eu, bucket]", &["mapped"]);
    check(
        "!FindInMap [Places, us, bucket]",
        &["*? t.yaml:35: the template maps nothing under Places, us, bucket"],
    );
    check(
        r#"!FindInMap [Places, us, bucket, {DefaultValue: d}]"#,
        &["d"],
    );
    check(
        "!Select [7, [a, b]]",
        &["*? t.yaml:35: `Fn::Select` is not written as it must be, so nobody knows what it gives"],
    );
}

#[test]
fn the_long_and_the_json_form_of_a_function_are_the_same() {
    check(r#"{"Fn::Sub": "${Given}"}"#, &["given"]);
    check(
        r#"{"Fn::GetAtt": ["Named", "Arn"]}"#,
        &["arn:aws:s3:::given-bucket"],
    );
    check("!GetAtt Named.Arn", &["arn:aws:s3:::given-bucket"]);
    check(r#"!Sub "${Named.Arn}/*""#, &["arn:aws:s3:::given-bucket/*"]);
    check(r#"!GetAtt [Named, Arn]"#, &["arn:aws:s3:::given-bucket"]);
}

#[test]
fn a_name_that_is_generated_later_leaves_the_rest_of_the_arn_known() {
    check(
        r#"!Sub "${Unnamed.Arn}/*""#,
        &[
            "arn:aws:s3:::*/* as arn:aws:s3:::${Unnamed}/*? t.yaml:35: `Unnamed` is made up when it is deployed",
        ],
    );
    check_with(
        "!GetAtt Queue.Arn",
        &[("AWS::Region", "eu-west-1")],
        &["arn:aws:sqs:eu-west-1:111122223333:q"],
    );
    check(
        "!GetAtt Other.Arn",
        &["arn:* as arn:${Other.Arn}? t.yaml:35: `Other.Arn` is made up when it is deployed"],
    );
    check(
        "!GetAtt Other.Thing",
        &["*? t.yaml:35: `Other.Thing` is made up when it is deployed"],
    );
    check(
        "!GetAtt Gone.Arn",
        &["*? t.yaml:35: the template has no resource `Gone`"],
    );
    check(
        "!Ref Gone",
        &["*? t.yaml:35: the template has no parameter and no resource `Gone`"],
    );
}

#[test]
fn what_only_the_deployment_can_look_up_is_open() {
    check(
        "!ImportValue shared-bucket",
        &["*? t.yaml:35: `Fn::ImportValue` is followed only when it is deployed"],
    );
    check(
        r#""arn:aws:s3:::{{resolve:ssm:/b:1}}/*""#,
        &[
            "arn:aws:s3:::*/* as arn:aws:s3:::${resolve:ssm:/b:1}/*? t.yaml:35: `{{resolve:ssm:/b:1}}` is looked up when it is deployed",
        ],
    );
}

#[test]
fn a_condition_that_is_known_chooses() {
    check("!If [Holds, a, b]", &["a"]);
    check("!If [Fails, a, b]", &["b"]);
    check("[!If [Fails, a, !Ref AWS::NoValue], b]", &["b"]);
    check("!If [Neither, a, b]", &["b"]);
    check("!If [Either, a, b]", &["a"]);
}

#[test]
fn a_condition_that_is_not_known_leaves_both_in_doubt() {
    let why = format!("{LINE}: parameter `Open` has no Default: give --parameter Open=VALUE");
    let why = why.replace(":35", ":13");
    check("!If [Perhaps, a, b]", &[&format!("a b? {why}")]);
    check(
        "[!If [Both, a, !Ref AWS::NoValue], c]",
        &["c", &format!("a? {why}")],
    );
    check(
        "!If [Circle, a, b]",
        &["a b? t.yaml:17: condition `Circle` depends on itself"],
    );
    check(
        "!If [Gone, a, b]",
        &["a b? t.yaml:35: the template has no condition `Gone`"],
    );
}

#[test]
fn a_name_that_hangs_on_itself_ends() {
    check(
        r#"!Sub "arn:aws:s3:::${Self}""#,
        &[
            "arn:aws:s3:::* as arn:aws:s3:::${Self}? t.yaml:23: the name of `Self` depends on itself",
        ],
    );
}

#[test]
fn a_dynamic_reference_is_open_wherever_it_stands() {
    let open = |name: &str| {
        format!("*? {LINE}: `{{{{resolve:{name}}}}}` is looked up when it is deployed")
    };
    for (resource, name) in [
        (r#""{{resolve:ssm:/x}}""#, "ssm:/x"),
        (r#"!Sub "{{resolve:ssm:/x}}""#, "ssm:/x"),
        (r#"!Sub "{{resolve:ssm:/${Given}/x}}""#, "ssm:/given/x"),
        (r#"!Sub "{{resolve:ssm:/${Open}/x}}""#, "ssm:/${Open}/x"),
        (r#"!Join ["", ["{{resolve:ssm:", "/x", "}}"]]"#, "ssm:/x"),
        (r#"!Join [":", ["{{resolve", "ssm", "/x}}"]]"#, "ssm:/x"),
        ("!Ref Dynamic", "ssm:/d"),
    ] {
        check(resource, &[&open(name)]);
    }
    check(
        "!FindInMap [Places, eu, dynamic]",
        &["*? t.yaml:9: `{{resolve:ssm:/m}}` is looked up when it is deployed"],
    );
    check_with(
        "!Ref Given",
        &[("Given", "{{resolve:ssm:/x}}")],
        &[&open("ssm:/x")],
    );
}

#[test]
fn where_an_item_may_drop_out_nobody_knows_which_one_is_meant() {
    let why = "*? t.yaml:13: parameter `Open` has no Default: give --parameter Open=VALUE";
    let list = "[!If [Perhaps, x, !Ref AWS::NoValue], y, z]";
    check(&format!("!Select [1, {list}]"), &[why]);
    check(&format!("!Join [a, {list}]"), &[why]);
    check(
        "!Select [1, [!If [Perhaps, x, w], y, !If [Perhaps, x, !Ref AWS::NoValue]]]",
        &["y"],
    );
}

#[test]
fn names_that_double_in_each_other_end_soon() {
    let buckets: String = (0..30)
        .map(|at| {
            let next = at + 1;
            format!("  B{at}: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub \"${{B{next}}}${{B{next}}}\"}}}}\n")
        })
        .collect();
    let text = template("!Ref B0").replace("Resources:\n", &format!("Resources:\n{buckets}"));
    let begun = std::time::Instant::now();
    let deployment = try_read(&text, &[]).unwrap();
    let held = held(&deployment, "Role").join("\n");
    assert!(
        held.contains("lead too far") || held.contains("too long"),
        "{held}"
    );
    assert!(begun.elapsed().as_secs() < 10);
}
