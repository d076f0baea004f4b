//! The example's users and groups, and the credential report about them.

use catalog::ScopeValues;

use super::making::{ACCOUNT, KEY, Making, VERSION};
use crate::document::{Document, allow, deny, document};
use crate::parts::{Holdings, tags};

/// Adds the users; gives back the credential report.
pub(super) fn all(making: &mut Making) -> String {
    groups(making);
    deployers(making);
    restorers(making);
    repositories(making);
    people(making);
    report(making)
}

fn groups(making: &mut Making) {
    let connect = making.set_policies("VeeamConnect", "vbaws-appliance-connect", VERSION);
    let operators = making.parts.group("VeeamOperators", connect);
    let baseline = Holdings::default().write(
        "NoNewRoles",
        document([
            deny(["iam:CreateRole", "iam:PutRolePolicy"], ["*"]).sid("RolesComeFromThePipeline")
        ]),
    );
    let baseline = making.parts.group("SecurityBaseline", baseline);
    making
        .account
        .group_detail_list
        .extend([operators, baseline]);
}

fn deployers(making: &mut Making) {
    let deploy = making.set_policies("VeeamDeploy", "vbaws-appliance-deploy", VERSION);
    // Right as they are.
    making.user(
        "veeam-appliance-connect",
        "vbaws-appliance-connect",
        &[],
        Holdings::default().join("VeeamOperators"),
    );
    // The account's SCP does not allow alarms.
    making.user(
        "veeam-appliance-deploy",
        "vbaws-appliance-deploy",
        &[],
        deploy,
    );
    // One-time keys that stayed.
    let one_time = making.set_inline("vbaws-one-time-access-keys", &ScopeValues::default());
    making.user(
        "veeam-one-time-keys",
        "vbaws-one-time-access-keys",
        &[],
        one_time,
    );
}

fn restorers(making: &mut Making) {
    let admin = making
        .account
        .policies
        .iter()
        .find(|policy| policy.policy_name == "AdministratorAccess")
        .cloned()
        .expect("made with the roles");
    let set = "vbr-restore-to-ec2";
    // May do anything, as Veeam recommends; an SCP denies imports all the same.
    making.user(
        "veeam-restore-ec2",
        set,
        &[],
        Holdings::default().attach(&admin),
    );
    // A group's policy denies what its own allows.
    let own = making.set_policies("VeeamRestoreEc2", set, VERSION);
    making.user(
        "veeam-restore-ec2-dr",
        set,
        &[],
        own.clone().join("SecurityBaseline"),
    );
    // Somebody trimmed the policy.
    let mut trimmed = making.set_inline(set, &ScopeValues::default());
    for statement in &mut trimmed.inline[0].policy_document.statement {
        statement.action.0.retain(|action| {
            ![
                "ec2:CreateVolume",
                "ec2:ModifyVolume",
                "ec2:ImportVolume",
                "ec2:ImportImage",
            ]
            .contains(&action.as_str())
        });
    }
    making.user("veeam-restore-ec2-lab", set, &[], trimmed);
}

fn repositories(making: &mut Making) {
    let set = "vbr-s3-immutability";
    let scope = ScopeValues::default().with("bucket", "northgrain-veeam-capacity");
    let own = making.set_inline(set, &scope);
    let bucket = ("veeam:bucket", "northgrain-veeam-capacity");
    making.user(
        "veeam-s3-capacity",
        set,
        &[bucket, ("veeam:bucket-not-named", "no")],
        own.clone(),
    );
    making.user(
        "veeam-s3-capacity-2",
        set,
        &[bucket, ("veeam:bucket-not-named", "no")],
        own,
    );
    // Written in the older language, where `${aws:username}` is no variable but plain text.
    let older = by_username();
    making.user(
        "berlin",
        set,
        &[
            ("veeam:bucket", "northgrain-veeam-berlin"),
            ("veeam:bucket-not-named", "no"),
        ],
        Holdings::default().write(
            "OwnBucket",
            Document {
                version: Some("2008-10-17"),
                ..older.clone()
            },
        ),
    );
    // The same in the newer one.
    making.user(
        "hamburg",
        set,
        &[
            ("veeam:bucket", "northgrain-veeam-hamburg"),
            ("veeam:bucket-not-named", "no"),
        ],
        Holdings::default().write("OwnBucket", older),
    );
    let kms = making.set_inline(
        "vbaws-repository-kms-encryption",
        &ScopeValues::default().with("kms_key", KEY),
    );
    making.user(
        "veeam-repository-keys",
        "vbaws-repository-kms-encryption",
        &[("veeam:kms-key", KEY)],
        kms,
    );
    // A slip in the tag.
    let glacier = making.set_policies(
        "VeeamGlacier",
        "vbr-glacier-immutability-archiver-new",
        VERSION,
    );
    making.user(
        "veeam-glacier",
        "vbr-glacier-immutability-archiver-nwe",
        &[],
        glacier,
    );
    let mut agents = making.set_inline("vbr-agents-s3-direct", &ScopeValues::default());
    let repository = making.set_inline("vbr-s3-no-immutability", &ScopeValues::default());
    agents.inline.extend(repository.inline);
    making.user(
        "veeam-agents",
        "vbr-agents-s3-direct vbr-s3-no-immutability",
        &[],
        agents,
    );
}

fn by_username() -> Document {
    let arn = "arn:aws:s3:::northgrain-veeam-${aws:username}".to_owned();
    document([allow(["s3:*"], [arn.clone(), format!("{arn}/*")]).sid("OwnBucket")])
}

/// People and machines that have nothing to do with Veeam, or nobody said so.
fn people(making: &mut Making) {
    let view = making
        .account
        .policies
        .iter()
        .find(|policy| policy.policy_name == "ViewOnlyAccess")
        .cloned()
        .expect("made with the roles");
    for (name, team) in [
        ("anna.berg", "platform"),
        ("jonas.weber", "finance"),
        ("terraform", "platform"),
        ("veeam-test", "backup"),
    ] {
        let holds = Holdings::default().attach(&view);
        let mut user = making.parts.user("/", name, holds);
        user.tags = tags([("team", team)]);
        making.account.user_detail_list.push(user);
    }
}

/// A key in the report: whether it is active, when it was made, when it was used.
type Key = Option<(bool, &'static str, &'static str)>;

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

fn report(making: &Making) -> String {
    let healthy: Key = Some((
        true,
        "2026-04-14T07:21:40+00:00",
        "2026-11-20T23:04:00+00:00",
    ));
    let keys = |name: &str| -> [Key; 2] {
        match name {
            // None at all.
            "veeam-agents" | "jonas.weber" => [None, None],
            // A rotation that was not finished.
            "veeam-s3-capacity-2" => [healthy, Some((true, "2026-10-02T11:40:09+00:00", "N/A"))],
            // Switched off.
            "veeam-restore-ec2-lab" => [
                Some((
                    false,
                    "2026-02-01T08:00:12+00:00",
                    "2026-08-30T02:11:00+00:00",
                )),
                None,
            ],
            // Nobody rotated it.
            "veeam-restore-ec2-dr" => [
                Some((
                    true,
                    "2019-05-06T13:45:51+00:00",
                    "2026-11-19T22:48:00+00:00",
                )),
                None,
            ],
            _ => [healthy, None],
        }
    };
    let mut lines = vec![
        HEADER.to_owned(),
        format!(
            "<root_account>,arn:aws:iam::{ACCOUNT}:root,2019-01-15T10:00:00+00:00,not_supported,\
             2025-12-03T09:14:02+00:00,not_supported,not_supported,true,{},{},false,N/A,false,N/A",
            key(None),
            key(None)
        ),
    ];
    for user in &making.account.user_detail_list {
        let [first, second] = keys(&user.user_name).map(key);
        let line = format!(
            "{},{},{},false,N/A,N/A,N/A,false,{first},{second},false,N/A,false,N/A",
            user.user_name, user.arn, user.create_date
        );
        lines.push(line);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn key(key: Key) -> String {
    match key {
        None => "false,N/A,N/A,N/A,N/A".to_owned(),
        Some((active, made, "N/A")) => format!("{active},{made},N/A,N/A,N/A"),
        Some((active, made, used)) => format!("{active},{made},{used},eu-central-1,s3"),
    }
}
