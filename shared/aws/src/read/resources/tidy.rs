//! Tidying: which of the answers does the reader of snapshots not understand?
//!
//! A snapshot is read whole or not at all, since somebody may have edited it. Of what AWS answered, a part that is not understood is
//! put away with a word why, and the rest counts.

use audit::resources::Resources;
use audit::saved::snapshot::{ReadSnapshotError, SCHEMA_VERSION, read_resources};
use serde_json::{Map, Value, json};
use tracing::warn;

use super::ask::error;

/// What stands in the place of an answer that is not understood.
const NOT_UNDERSTOOD: &str = "NotUnderstood";
const GROUPS: [&str; 4] = ["keys", "buckets", "vaults", "regions"];

/// What the parts say, and the parts that say it.
pub(super) fn read(mut parts: Map<String, Value>) -> (Resources, Map<String, Value>) {
    parts.insert("schemaVersion".to_owned(), json!(SCHEMA_VERSION));
    match understand(&parts) {
        Ok(resources) => return (resources, parts),
        Err(error) => warn!(%error, "AWS answered what is not understood"),
    }
    put_away(&mut parts);
    match understand(&parts) {
        Ok(resources) => (resources, parts),
        Err(_) => (Resources::default(), Map::new()),
    }
}

fn understand(parts: &Map<String, Value>) -> Result<Resources, ReadSnapshotError> {
    read_resources(&Value::Object(parts.clone()).to_string())
}

/// Puts an error in the place of each answer that is not understood by itself, and drops what is not understood even so.
fn put_away(parts: &mut Map<String, Value>) {
    let frame: Map<String, Value> = ["schemaVersion", "account"]
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), parts.get(key)?.clone())))
        .collect();
    let is_understood = |key: &str, value: Value| {
        let mut alone = frame.clone();
        alone.insert(key.to_owned(), value);
        understand(&alone).map_err(|error| error.to_string())
    };
    for group in GROUPS {
        let Some(Value::Object(things)) = parts.get_mut(group) else {
            continue;
        };
        for (name, thing) in things.iter_mut() {
            let Value::Object(answers) = thing else {
                continue;
            };
            for (command, answer) in answers.iter_mut() {
                let alone = json!({ name: { command: answer.clone() } });
                if let Err(why) = is_understood(group, alone) {
                    *answer = error(NOT_UNDERSTOOD, &why);
                }
            }
        }
        things.retain(|name, thing| is_understood(group, json!({ name: thing.clone() })).is_ok());
    }
    for key in ["list-buckets", "describe-regions"] {
        if let Some(answer) = parts.get_mut(key)
            && let Err(why) = is_understood(key, answer.clone())
        {
            *answer = error(NOT_UNDERSTOOD, &why);
        }
    }
    if let Some(organization) = parts.get_mut("organization")
        && is_understood("organization", organization.clone()).is_err()
    {
        for answer in organization.as_object_mut().into_iter().flatten() {
            let (command, answer) = answer;
            if let Err(why) = is_understood("organization", json!({ command: answer.clone() })) {
                *answer = error(NOT_UNDERSTOOD, &why);
            }
        }
    }
}
