//! A table that the first edition wrote: is it read, written on, and nobody woken for what only this release checks?

use std::sync::Mutex;

use audit::finding::{ChangeOrigin, Message};
use audit::ports::{News, Pause, PublishError, Publisher};
use audit::settings::Settings;
use audit::{Asked, Ports, Saved};
use catalog::Catalog;

use super::*;

/// As DynamoDB gave it. It is never changed: somebody has such a table.
const FIRST_EDITION: &str = include_str!("first-edition.json");

/// Both roles have the set and nothing that it needs: one was fine by the rules of the first edition.
const LISTING: &str = r#"{"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [
    {"Arn": "arn:aws:iam::123456789012:role/fine", "Tags": [{"Key": "veeam:action-sets", "Value": "vbaws-role-worker-configuration"}]},
    {"Arn": "arn:aws:iam::123456789012:role/lacks", "Tags": [{"Key": "veeam:action-sets", "Value": "vbaws-role-worker-configuration"}]}
]}"#;

#[derive(Default)]
struct Published(Mutex<Vec<Message>>);

impl Publisher for Published {
    async fn publish(&self, news: &News<'_>) -> Result<(), PublishError> {
        self.0.lock().unwrap().extend_from_slice(news.messages);
        Ok(())
    }
}

struct Never;

impl Pause for Never {
    async fn pause(&self, _: std::time::Duration) {}
}

#[tokio::test]
async fn an_upgrade_tells_in_one_message_what_is_now_checked_and_keeps_the_rules() {
    let replay = Replay::new(|sent| match operation(sent) {
        "Query" => Ok((200, FIRST_EDITION.to_owned())),
        _ => Ok((200, "{}".to_owned())),
    });
    let (catalog, settings) = (Catalog::embedded(), Settings::default());
    let asked = Asked::new(&catalog, &settings, at("2026-11-22T09:15:00Z"));
    let published = Published::default();
    let environment = Saved {
        inventory: Arc::new(iam::inventory::read(LISTING.as_bytes()).unwrap()),
        service_control: iam::ServiceControl::default(),
        resources: Arc::default(),
    };
    let ports = Ports {
        environment: &environment,
        store: &table(&replay),
        publisher: &published,
        pause: None::<&Never>,
    };
    audit::run(&asked, &ports).await.unwrap();
    let told = published.0.into_inner().unwrap();
    let now_checked: Vec<&Message> = told
        .iter()
        .filter(|message| message.origin == ChangeOrigin::Rules)
        .collect();
    let [message] = now_checked.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(message.level, Level::Notice);
    let opens = |message: &&Message| matches!(message.kind, audit::EventKind::Opened);
    assert_eq!(
        told.iter().filter(opens).count(),
        1,
        "nothing else opens: {told:?}"
    );
    let puts = replay.sent();
    let puts = puts.iter().filter(|sent| operation(sent) == "PutItem");
    let bodies: Vec<Value> = puts.map(body).collect();
    let account = bodies[0]["Item"]["body"]["S"].as_str().unwrap();
    let account: Value = serde_json::from_str(account).unwrap();
    assert_eq!(account["generation"], 42);
    let rules = RulesVersion::current();
    assert_eq!(account["rules"]["version"], rules.rules);
    assert_eq!(account["rules"]["catalog"], *rules.catalog);
}
