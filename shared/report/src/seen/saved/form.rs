//! The JSON form of a saved audit, as far as it is read; unknown fields are passed over.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use audit::Level;
use iam::PrincipalArn;
use jiff::Timestamp;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// A value that is written as text.
pub(super) struct Parsed<T>(pub(super) T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

pub(super) type Arn = Parsed<PrincipalArn>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) generator: String,
    pub(super) account: Parsed<iam::AccountId>,
    pub(super) at: Timestamp,
    pub(super) failure: Option<String>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) access_keys: Vec<Keys>,
    pub(super) excess: Option<Vec<Excess>>,
    pub(super) root_access_keys: Option<u64>,
    pub(super) binding_faults: Vec<FaultForm>,
    pub(super) coverage: Coverage,
    pub(super) findings: Vec<Finding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verdict {
    pub(super) principal: Arn,
    pub(super) action_set: Box<str>,
    pub(super) title: Arc<str>,
    pub(super) product_version: Box<str>,
    pub(super) level: Parsed<Level>,
    pub(super) missing: Vec<Lack>,
    pub(super) unknown: Vec<Lack>,
    pub(super) trust: Option<Trust>,
    pub(super) instance_profile_missing: bool,
    pub(super) notices: Vec<Notice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Lack {
    pub(super) cause: Cause,
    #[serde(default)]
    pub(super) context_keys: Vec<Box<str>>,
    pub(super) places: Vec<Place>,
}

#[derive(Deserialize)]
pub(super) struct Cause {
    pub(super) text: String,
}

#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) resource: Box<str>,
    pub(super) region: Option<Box<str>>,
    pub(super) actions: Vec<Arc<str>>,
}

#[derive(Deserialize)]
pub(super) struct Trust {
    pub(super) missing: Vec<Box<str>>,
    pub(super) unknown: Vec<Box<str>>,
    pub(super) reason: Option<Box<str>>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum Notice {
    Optional {
        because: Arc<str>,
        places: Vec<Place>,
    },
    Asked {
        condition: Box<str>,
        places: Vec<Place>,
    },
    AllowedOnlyOn {
        resources: Vec<Box<str>>,
        places: Vec<Place>,
    },
    #[serde(other)]
    AboutThePlan,
}

#[derive(Deserialize)]
pub(super) struct Keys {
    pub(super) principal: Arn,
    pub(super) level: Parsed<Level>,
    pub(super) faults: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
pub(super) struct Excess {
    pub(super) principal: Arn,
    pub(super) unknown: Vec<Danger>,
}

#[derive(Deserialize)]
pub(super) struct Danger {
    pub(super) policy: Option<Arc<str>>,
    pub(super) what: Option<Arc<str>>,
    pub(super) text: Option<Arc<str>>,
    pub(super) actions: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct FaultForm {
    pub(super) principal: Arn,
    pub(super) place: Box<str>,
    pub(super) text: Box<str>,
    pub(super) kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Coverage {
    pub(super) bound: Vec<Arn>,
    pub(super) gaps: Vec<Gap>,
    pub(super) not_reached: Vec<Arn>,
    pub(super) selected_principals: Option<Vec<Arn>>,
    pub(super) selected_action_sets: Option<Vec<Box<str>>>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum Gap {
    Truncated,
    Item {
        what: Box<str>,
        reason: Box<str>,
        #[serde(default)]
        line: usize,
    },
    Part {
        what: Box<str>,
        reason: Box<str>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    pub(super) code: String,
    pub(super) level: Parsed<Level>,
    pub(super) principal: Option<Arn>,
    #[serde(default)]
    pub(super) action_set: Box<str>,
    pub(super) title: Arc<str>,
    pub(super) items: Vec<ItemForm>,
}

#[derive(Deserialize)]
pub(super) struct ItemForm {
    pub(super) name: Arc<str>,
    #[serde(default)]
    pub(super) place: Arc<str>,
}
