//! Templates in which two things have one name, or may have: which of them counts?

use crate::template_text::check_pair;

#[test]
fn two_inline_policies_of_one_name_are_both_in_doubt() {
    let own = "Policies: [{PolicyName: a, DOCUMENT}]";
    let other = |name: &str| {
        format!(
            "{{Type: AWS::IAM::Policy, Properties: {{PolicyName: {name}, Roles: [!Ref Role], DOCUMENT}}}}"
        )
    };
    let why = |name: &str, at: usize, other: usize| {
        format!(
            "? t.yaml:{at}: the policy on line {other} may have the same name, `{name}`, and nobody knows which of them stays"
        )
    };
    check_pair(
        own,
        &other("a"),
        &[
            &format!("inline a (t.yaml:8): Allow a:b on *{}", why("a", 8, 10)),
            &format!("inline a (t.yaml:10): Allow a:b on *{}", why("a", 10, 8)),
        ],
    );
    check_pair(
        own,
        &other("!Ref Open"),
        &[
            &format!(
                "inline a (t.yaml:8): Allow a:b on *{}",
                why("${Open}", 8, 10)
            ),
            &format!(
                "inline ${{Open}} (t.yaml:10): Allow a:b on *{}",
                why("${Open}", 10, 8)
            ),
        ],
    );
    for name in ["b", "!Sub '${Open}-b'"] {
        let shown = name.trim_start_matches("!Sub ").replace('\'', "");
        check_pair(
            own,
            &other(name),
            &[
                "inline a (t.yaml:8): Allow a:b on *",
                &format!("inline {shown} (t.yaml:10): Allow a:b on *"),
            ],
        );
    }
}

#[test]
fn a_name_that_may_be_that_of_a_role_or_policy_is_in_doubt() {
    let other =
        "{Type: AWS::IAM::Policy, Properties: {PolicyName: d, Roles: [veeam-prod], DOCUMENT}}";
    check_pair(
        "RoleName: !Sub 'veeam-${Open}'",
        other,
        &[
            "inline d (t.yaml:10): Allow a:b on *? t.yaml:10: `veeam-prod` may be `Role`, of whose name not all is known",
        ],
    );
    check_pair("RoleName: !Sub 'other-${Open}'", other, &[]);
    check_pair("Path: /", other, &[]);
    let managed = "{Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: !Sub 'm${Open}', DOCUMENT}}";
    check_pair(
        "ManagedPolicyArns: ['arn:aws:iam::111122223333:policy/mp']",
        managed,
        &[
            "arn:aws:iam::111122223333:policy/mp: unreadable: t.yaml:8: this may be `Other`, of whose name not all is known",
        ],
    );
}
