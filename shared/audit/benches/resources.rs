//! What the resource side costs: a whole audit of 20,000 roles, from the listing's text to its findings, with and without 3 levels of SCPs
//! and RCPs, 50 keys and 50 buckets. Run with `cargo bench -p audit --bench resources`.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use audit::resources::{Bucket, Key, NamedPolicy, Organization, Reading, Resources};
use audit::{Asked, Findings, Look, Saved, Settings, look, observe};
use catalog::Catalog;
use futures_util::FutureExt as _;
use iam::simulator::ServiceControl;
use iam::{AccountId, Document, Inventory};
use jiff::Timestamp;

const ROLES: usize = 20_000;
const RESOURCES: usize = 50;

static LISTING: LazyLock<Vec<u8>> =
    LazyLock::new(|| generator::account(&generator::Shape::default_role(ROLES), 7).to_json());

fn inventory() -> Inventory {
    let mut inventory = iam::inventory::read(&LISTING).unwrap();
    for principal in &mut inventory.principals {
        principal.tags.retain(|(key, _)| &**key != "veeam:bucket");
    }
    inventory
}

static ACCOUNT: LazyLock<AccountId> = LazyLock::new(|| inventory().account.unwrap());
static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);

fn main() {
    divan::main();
}

fn key(at: usize) -> String {
    let account = *ACCOUNT;
    format!("arn:aws:kms:eu-central-1:{account}:key/{at}")
}

/// Every role works with one of the buckets and one of the keys.
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let mut text = String::new();
    for ending in 0..100 {
        let at = ending % RESOURCES;
        write!(
            text,
            "[[bind]]\nprincipal = \"*{ending:02}\"\naction-sets = [\"vbaws-role-default-backup-restore\"]\nscope = {{ bucket = \"bucket-{at}\", source-key = \"{0}\", repository-key = \"{0}\" }}\n",
            key(at)
        )
        .unwrap();
    }
    Settings::parse(&text).unwrap()
});

fn parsed(text: &str) -> iam::inventory::PolicyText {
    Arc::new(Document::parse_resource_policy(text))
}

static RESOURCE_SIDE: LazyLock<Arc<Resources>> = LazyLock::new(|| {
    let account = *ACCOUNT;
    let mut resources = Resources::default();
    for at in 0..RESOURCES {
        let policy = format!(
            r#"{{"Statement": [{{"Sid": "Enable", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{account}:root"}}, "Action": "kms:*", "Resource": "*"}}]}}"#
        );
        let one = Key {
            policy: Reading::Read(parsed(&policy)),
            ..Key::default()
        };
        resources.keys.insert(key(at).into(), one);
        let policy = format!(
            r#"{{"Statement": [
                {{"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::bucket-{at}", "arn:aws:s3:::bucket-{at}/*"], "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}},
                {{"Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::bucket-{at}", "arn:aws:s3:::bucket-{at}/*"], "Condition": {{"StringNotEquals": {{"aws:PrincipalOrgID": "o-own"}}}}}}
            ]}}"#
        );
        let one = Bucket {
            policy: Reading::Read(Some(parsed(&policy))),
            ..Bucket::default()
        };
        resources.buckets.insert(format!("bucket-{at}").into(), one);
    }
    let full = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*"], "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-own"}}}"#;
    let level = || {
        vec![NamedPolicy {
            name: "perimeter".into(),
            document: parsed(&format!(r#"{{"Statement": [{full}, {deny}]}}"#)),
        }]
    };
    resources.organization = Reading::Read(Some(Organization {
        id: "o-own".into(),
        path: Vec::new(),
        management_account: None,
        service_control: Reading::NotRead,
        resource_control: Reading::Read(vec![level(), level(), level()]),
        refused_service_control: Vec::new(),
        refused_resource_control: Vec::new(),
    }));
    Arc::new(resources)
});

fn audited(resources: &Arc<Resources>) -> (Look, Findings) {
    let now = Timestamp::from_second(1_793_000_000).unwrap();
    let scps: Document = Document::parse(
        r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]}"#,
    )
    .unwrap();
    let policy = iam::Policy {
        name: "scp".into(),
        document: Ok(&scps),
    };
    let levels = match resources.keys.is_empty() {
        true => Vec::new(),
        false => vec![vec![policy]; 3],
    };
    let saved = Saved {
        inventory: Arc::new(inventory()),
        service_control: ServiceControl {
            levels,
            management_account: false,
        },
        resources: Arc::clone(resources),
    };
    let asked = Asked::new(&CATALOG, &SETTINGS, now);
    let looked = look(&asked, &saved).now_or_never().unwrap().unwrap();
    let findings = observe(&looked.assessment, &SETTINGS);
    (looked, findings)
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn a_without() -> (Look, Findings) {
    audited(&Arc::default())
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn b_with() -> (Look, Findings) {
    audited(&RESOURCE_SIDE)
}
