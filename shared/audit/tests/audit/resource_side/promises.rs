//! Promises: what holds whatever the policies of resources say.

use std::collections::BTreeSet;

use audit::resources::{NamedPolicy, Reading};
use audit::verdict::Verdict;

use super::case::{ADMINISTRATORS, ALL, ALL_BUT_KEYS, Case, HAND_OVER, KEY, VAULT, policy};

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

const CONDITIONS: [&str; 6] = [
    "",
    r#", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}"#,
    r#", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}"#,
    r#", "Condition": {"StringEquals": {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}}"#,
    r#", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/veeam"}}"#,
    r#", "Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}}"#,
];

const PRINCIPALS: [&str; 4] = [
    r#""Principal": "*""#,
    r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/veeam"}"#,
    r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#,
    r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/other"}"#,
];

fn cases() -> Vec<Case> {
    let repository = Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", KEY),
        ("bucket", "backups"),
    ]);
    let worker = Case::role(&[
        ("action-sets", "vbaws-role-worker-deployment"),
        ("source-key", KEY),
    ]);
    let efs = Case::role(&[("action-sets", "vbaws-role-efs-backup"), ("vault", VAULT)]);
    let with = |case: Case| {
        [
            case.clone()
                .key(KEY, &[HAND_OVER])
                .bucket("backups", &[])
                .vault(&[], Some(KEY)),
            case.clone()
                .organization(&[ALL], &[])
                .key(KEY, &[ADMINISTRATORS])
                .bucket("backups", &[]),
            case.may(&[ALL_BUT_KEYS]).key(KEY, &[HAND_OVER]),
        ]
    };
    [repository, worker, efs]
        .into_iter()
        .flat_map(with)
        .collect()
}

/// The case with one more statement that denies, in one of its policies.
fn with_deny(mut case: Case, numbers: &mut Numbers) -> Case {
    let action = numbers.one_of(&[
        "*",
        "s3:*",
        "s3:PutObject",
        "kms:*",
        "kms:Decrypt",
        "kms:CreateGrant",
        "backup:StartBackupJob",
    ]);
    let principal = numbers.one_of(&PRINCIPALS);
    let condition = numbers.one_of(&CONDITIONS);
    let of_resource = format!(
        r#"{{"Sid": "More", "Effect": "Deny", {principal}, "Action": "{action}", "Resource": "*"{condition}}}"#
    );
    let own = format!(r#"{{"Effect": "Deny", "Action": "{action}", "Resource": "*"{condition}}}"#);
    let add = |text: &mut iam::inventory::PolicyText, statement: &str| {
        let more = policy(&[statement]);
        let mut all = (**text).clone().unwrap();
        all.statements.extend((*more).clone().unwrap().statements);
        *text = std::sync::Arc::new(Ok(all));
    };
    match numbers.below(5) {
        0 => {
            let more = iam::Document::parse(&super::case::document(&[&own])).unwrap();
            let inline = &mut case.principal.inline[0];
            let mut all = (*inline.document).clone().unwrap();
            all.statements.extend(more.statements);
            inline.document = std::sync::Arc::new(Ok(all));
        }
        1 => {
            for key in case.resources.keys.values_mut() {
                if let Reading::Read(text) = &mut key.policy {
                    add(text, &of_resource);
                }
            }
        }
        2 => {
            for bucket in case.resources.buckets.values_mut() {
                match &mut bucket.policy {
                    Reading::Read(Some(text)) => add(text, &of_resource),
                    other => *other = Reading::Read(Some(policy(&[&of_resource]))),
                }
            }
        }
        3 => {
            for vault in case.resources.vaults.values_mut() {
                match &mut vault.policy {
                    Reading::Read(Some(text)) => add(text, &of_resource),
                    other => *other = Reading::Read(Some(policy(&[&of_resource]))),
                }
            }
        }
        _ => {
            let full = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
            if let Reading::Read(Some(organization)) = &mut case.resources.organization {
                let document = policy(&[full, &of_resource.replace(principal, PRINCIPALS[0])]);
                let name = "more".into();
                if let Reading::Read(levels) = &mut organization.resource_control {
                    levels.push(vec![NamedPolicy { name, document }]);
                }
            }
        }
    }
    case
}

#[test]
fn one_more_deny_never_makes_a_verdict_better() {
    let mut numbers = Numbers(7);
    let mut worse = 0;
    for case in cases() {
        for _ in 0..40 {
            let before = with_deny(case.clone(), &mut numbers);
            let after = with_deny(before.clone(), &mut numbers);
            let (before, after) = (before.verdict(), after.verdict());
            let told = |verdict: &Verdict| format!("{:?} {:?}", verdict.missing, verdict.unknown);
            let both = || format!("{}\n{}", told(&before), told(&after));
            assert!(after.judgement() >= before.judgement(), "{}", both());
            let (lacked, lacks) = (before.missing_actions(), after.missing_actions());
            assert!(lacked.is_subset(&lacks), "{}", both());
            worse += usize::from(after.judgement() > before.judgement());
        }
    }
    assert!(worse > 10, "{worse}");
}

/// One statement of a random policy.
struct Line {
    denies: bool,
    /// An action, or all.
    action: &'static str,
    /// Whom it names; nobody in an identity policy.
    principal: &'static str,
}

impl Line {
    fn some(numbers: &mut Numbers, actions: &[&'static str], principals: bool) -> Vec<Self> {
        let count = numbers.below(4);
        let line = |_| Self {
            denies: numbers.below(4) == 0,
            action: actions[numbers.below(actions.len())],
            principal: if principals {
                PRINCIPALS[numbers.below(PRINCIPALS.len())]
            } else {
                ""
            },
        };
        (0..count).map(line).collect()
    }

    fn json(&self, resource: &str) -> String {
        let effect = if self.denies { "Deny" } else { "Allow" };
        let principal = match self.principal {
            "" => String::new(),
            principal => format!(", {principal}"),
        };
        let action = self.action;
        format!(
            r#"{{"Effect": "{effect}"{principal}, "Action": "{action}", "Resource": {resource}}}"#
        )
    }

    fn is_about(&self, action: &str) -> bool {
        self.action == action || self.action.ends_with('*')
    }

    fn names(&self, which: &[usize]) -> bool {
        which.iter().any(|&at| self.principal == PRINCIPALS[at])
    }
}

/// The rules of one account without conditions, written down once more.
fn is_allowed(action: &str, identity: &[Line], own: &[Line], is_key: bool) -> bool {
    let of = |lines: &'_ [Line], denies: bool, names: &[usize]| {
        lines.iter().any(|line| {
            line.denies == denies
                && line.is_about(action)
                && (line.principal.is_empty() || line.names(names))
        })
    };
    if of(identity, true, &[]) || of(own, true, &[0, 1, 2]) {
        return false;
    }
    let by_identity = of(identity, false, &[]);
    let directly = of(own, false, &[0, 1]);
    let by_account = of(own, false, &[2]);
    directly || (by_identity && (by_account || !is_key))
}

#[test]
fn a_second_implementation_of_union_and_root_of_trust_agrees() {
    const OF_S3: [&str; 4] = ["s3:*", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"];
    const OF_KMS: [&str; 4] = ["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"];
    let mut numbers = Numbers(11);
    let mut seen = BTreeSet::new();
    for round in 0..600 {
        let is_key = round % 2 == 0;
        let actions = if is_key { OF_KMS } else { OF_S3 };
        let identity = Line::some(&mut numbers, &actions, false);
        let own = Line::some(&mut numbers, &actions, true);
        let rest = if is_key { "kms:*" } else { "s3:*" };
        let mut statements = vec![format!(
            r#"{{"Effect": "Allow", "NotAction": "{rest}", "Resource": "*"}}"#
        )];
        statements.extend(identity.iter().map(|line| line.json(r#""*""#)));
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        let resource = match is_key {
            true => r#""*""#,
            false => r#"["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"]"#,
        };
        let mut policies: Vec<String> = own.iter().map(|line| line.json(resource)).collect();
        // A key always has a policy.
        policies.push(match is_key {
            true => ADMINISTRATORS.to_owned(),
            false => format!(
                r#"{{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::111122223333:role/other"}}, "Action": "s3:*", "Resource": {resource}}}"#
            ),
        });
        let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
        let case = Case::role(&[
            ("action-sets", "vbaws-role-repository"),
            if is_key {
                ("repository-key", KEY)
            } else {
                ("bucket", "backups")
            },
        ]);
        let case = case.may(&statements);
        let verdict = match is_key {
            true => case.key(KEY, &policies).verdict(),
            false => case.bucket("backups", &policies).verdict(),
        };
        assert!(verdict.unknown.is_empty(), "{:?}", verdict.unknown);
        let missing: BTreeSet<(usize, u16)> = verdict
            .missing
            .iter()
            .flat_map(|missing| &missing.places)
            .flat_map(|place| place.actions.iter().map(|at| (place.question, *at)))
            .collect();
        let checks = verdict.requirement.checks.iter().enumerate();
        let front = if is_key { KEY } else { "arn:aws:s3:::backups" };
        for (question, check) in
            checks.filter(|(_, check)| check.question.resource.starts_with(front))
        {
            for (at, action) in (0_u16..).zip(check.question.actions.iter()) {
                let expected = is_allowed(action.as_str(), &identity, &own, is_key);
                let found = !missing.contains(&(question, at));
                assert_eq!(found, expected, "{action}: {statements:?} {policies:?}");
                seen.insert((is_key, expected));
            }
        }
    }
    assert_eq!(seen.len(), 4);
}
