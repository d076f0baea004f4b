//! Size: does a principal that lost every action everywhere fit into an item of 400 KB?

use std::fmt::Write as _;
use std::sync::Arc;

use audit::{Asked, Saved, Settings, Step, look};
use catalog::Catalog;

use super::*;

/// AWS's limit for an item, names of attributes included.
const LIMIT: usize = 409_600;
const ROLE: &str = "arn:aws:iam::123456789012:role/appliance";
const REGIONS: usize = 30;

/// Every set that there is, everything that can be asked asked, in so many regions on so many buckets and keys.
fn settings(resources: usize) -> Settings {
    let catalog = Catalog::embedded();
    let list = |texts: &mut dyn Iterator<Item = String>| {
        let quoted: Vec<String> = texts.map(|text| format!("{text:?}")).collect();
        quoted.join(", ")
    };
    let mut text = format!(
        "regions = [{}]\n[answers]\n",
        list(&mut (0..REGIONS).map(region))
    );
    for (condition, _) in catalog.conditions() {
        writeln!(text, "{condition} = true").unwrap();
    }
    let key = |number: usize| {
        let region = region(number % REGIONS);
        format!(
            "arn:aws:kms:{region}:123456789012:key/{:08x}-12ab-34cd-56ef-{number:012}",
            number.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF
        )
    };
    write!(
        text,
        "[[bind]]\nprincipal = \"*\"\naction-sets = [{}]\nscope.bucket = [{}]\nscope.kms-key = [{}]\n",
        list(&mut catalog.sets().map(|set| set.id.to_string())),
        list(&mut (0..resources).map(|number| format!("veeam-backups-of-site-{number:04}"))),
        list(&mut (0..resources).map(key)),
    )
    .unwrap();
    let settings = Settings::parse(&text).unwrap();
    settings.check(&catalog).unwrap();
    settings
}

fn region(number: usize) -> String {
    format!("ap-southeast-{number}")
}

/// The first audit of a role with that policy.
async fn audited(policy: &Value, resources: usize) -> Step {
    let listing = json!({ "UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [{
        "Arn": ROLE, "RoleName": "appliance", "RoleId": "AROAEXAMPLE", "Path": "/",
        "CreateDate": "2026-01-01T00:00:00Z", "InstanceProfileList": [], "AttachedManagedPolicies": [],
        "RolePolicyList": [{ "PolicyName": "guard", "PolicyDocument": policy }],
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Action": "sts:AssumeRole", "Principal": { "Service": "ec2.amazonaws.com" } }] } }] });
    let inventory = iam::inventory::read(listing.to_string().as_bytes()).unwrap();
    let settings = settings(resources);
    let catalog = Catalog::embedded();
    let asked = Asked::new(&catalog, &settings, at("2026-11-22T03:15:00Z"));
    let saved = Saved {
        inventory: Arc::new(inventory),
        service_control: iam::ServiceControl::default(),
        resources: Arc::default(),
    };
    let look = look(&asked, &saved).await.unwrap();
    let sets = look.assessment.verdicts.len();
    assert!(sets >= 70, "{sets} sets only");
    let assessment = look.assessment;
    let findings = audit::observe(&assessment, &settings);
    let baseline = Baseline::empty(account());
    let changes = audit::compare(&assessment, &findings, &baseline, &settings);
    audit::advance(baseline, &assessment, changes, &settings)
}

/// Commits, and loads what was committed. Gives back how long the role's entry would be as text, and its item.
async fn kept(step: &Step) -> (usize, usize) {
    let replay = Replay::of(vec![(200, "{}".to_owned())]);
    let commit = Commit {
        account: step.account,
        baseline: &step.baseline,
        principals: &step.touched,
    };
    table(&replay).commit(&commit).await.unwrap();
    let items: Vec<Value> = replay
        .sent()
        .iter()
        .map(|sent| body(sent)["Item"].clone())
        .collect();
    assert_eq!(
        load(&[json!({ "Items": items })]).await.unwrap(),
        step.baseline
    );
    let [_, of_role] = items.as_slice() else {
        panic!("one role: {} items", items.len())
    };
    let role = ROLE.parse().unwrap();
    let record = &step.baseline.principals[&role];
    (
        stored::principal_entry(&role, record, Form::Plain).len(),
        size(of_role),
    )
}

/// The bytes of an item as DynamoDB counts them, at the most.
fn size(item: &Value) -> usize {
    let attributes = item.as_object().unwrap().iter();
    attributes
        .map(|(name, value)| {
            let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
            let text = value.as_str().unwrap();
            let value = match kind.as_str() {
                "S" => text.len(),
                // About a byte for two digits, and one more; never more than 21.
                "N" => 21,
                "B" => text.len() / 4 * 3,
                other => panic!("no attribute is of type {other}"),
            };
            name.len() + value
        })
        .sum()
}

/// A policy that allows nothing of any set.
fn nothing() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*" }] })
}

#[tokio::test]
async fn a_role_that_lost_every_set_in_every_region_fits_into_an_item() {
    let (text, item) = kept(&audited(&nothing(), 15).await).await;
    assert!(text > 20 * LIMIT, "{text} bytes are nothing to pack");
    // The rest is for a catalog that grows, and for findings that are over and stay for a while.
    assert!(item < LIMIT / 4, "{text} bytes as text, {item} as an item");
}

#[tokio::test]
async fn so_does_one_that_each_region_denies_for_a_cause_of_its_own() {
    let denials = (0..REGIONS).map(|number| {
        json!({ "Sid": format!("NotIn{number}"), "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": { "StringEquals": { "aws:RequestedRegion": region(number) } } })
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": denials.collect::<Vec<_>>() });
    let (text, item) = kept(&audited(&policy, 5).await).await;
    assert!(text > 20 * LIMIT, "{text} bytes are nothing to pack");
    assert!(item < LIMIT / 4, "{text} bytes as text, {item} as an item");
}

#[tokio::test]
async fn what_is_short_stays_text_for_people() {
    let replay = Replay::of(vec![(200, "{}".to_owned())]);
    commit(&replay, 7).await.unwrap();
    let puts = replay.sent();
    let puts = puts.iter().filter(|sent| operation(sent) == "PutItem");
    for item in puts.map(|sent| body(sent)["Item"].clone()) {
        assert_eq!(item["format"]["N"], "1");
        assert!(item["body"]["S"].is_string(), "{item}");
    }
}

#[tokio::test]
async fn what_an_older_release_kept_as_text_is_read_however_long() {
    let step = audited(&nothing(), 0).await;
    let role = ROLE.parse().unwrap();
    let entry = stored::principal_entry(&role, &step.baseline.principals[&role], Form::Plain);
    let old = |sort: &str, body: &str| {
        json!({ "account": { "S": "123456789012" }, "item": { "S": sort }, "format": { "N": "1" },
            "generation": { "N": "1" }, "body": { "S": body } })
    };
    let items = json!([
        old(
            "account",
            &stored::account_entry(&step.baseline, Form::Plain)
        ),
        old(&format!("principal#{ROLE}"), &entry),
    ]);
    assert!(entry.len() > LIMIT);
    let found = load(&[json!({ "Items": items })]).await.unwrap();
    let mut expected = step.baseline;
    for record in expected.principals.values_mut() {
        // Older releases counted none.
        record.generation = 0;
    }
    assert_eq!(found, expected);
}
