//! Stored causes: why something is lacking, as a baseline keeps it.

use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;

use iam::{Cause, Layer, StatementRef};
use serde::{Deserialize, Serialize};

use crate::compare::baseline::LoadBaselineError;

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum StoredCause {
    AllowedBy {
        by: Option<StoredAt>,
    },
    DeniedBy {
        by: Vec<StoredAt>,
    },
    DeniedInLayer {
        layer: String,
    },
    NotAllowedIn {
        layers: Vec<String>,
    },
    AllowedOnlyOn {
        by: Vec<StoredAt>,
        resources: Vec<Box<str>>,
    },
    DeniedOn {
        by: Vec<StoredAt>,
        resources: Vec<Box<str>>,
    },
    MissingContext {
        by: Vec<StoredAt>,
    },
    Unreadable {
        layer: String,
        policy: Arc<str>,
        reason: Arc<str>,
    },
    NotChecked {
        layer: String,
        policy: Arc<str>,
    },
    CannotEvaluate {
        by: StoredAt,
        reason: Arc<str>,
    },
    NoAnswer {
        reason: Arc<str>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredAt {
    layer: String,
    policy: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<Arc<str>>,
}

type Read<T> = Result<T, LoadBaselineError>;

impl StoredCause {
    pub(super) fn of(cause: &Cause) -> Self {
        let ats = |by: &[StatementRef]| by.iter().map(StoredAt::of).collect();
        match cause {
            Cause::AllowedBy(by) => Self::AllowedBy {
                by: by.as_ref().map(StoredAt::of),
            },
            Cause::DeniedBy(by) => Self::DeniedBy { by: ats(by) },
            Cause::DeniedInLayer(layer) => Self::DeniedInLayer {
                layer: layer_text(*layer),
            },
            Cause::NotAllowedIn(layers) => Self::NotAllowedIn {
                layers: layers.iter().map(|layer| layer_text(*layer)).collect(),
            },
            Cause::AllowedOnlyOn { by, resources } => Self::AllowedOnlyOn {
                by: ats(by),
                resources: resources.clone(),
            },
            Cause::DeniedOn { by, resources } => Self::DeniedOn {
                by: ats(by),
                resources: resources.clone(),
            },
            Cause::MissingContext { by } => Self::MissingContext { by: ats(by) },
            Cause::Unreadable {
                layer,
                policy,
                reason,
            } => Self::Unreadable {
                layer: layer_text(*layer),
                policy: Arc::clone(policy),
                reason: Arc::clone(reason),
            },
            Cause::NotChecked { layer, policy } => Self::NotChecked {
                layer: layer_text(*layer),
                policy: Arc::clone(policy),
            },
            Cause::CannotEvaluate { by, reason } => Self::CannotEvaluate {
                by: StoredAt::of(by),
                reason: Arc::clone(reason),
            },
            Cause::NoAnswer { reason } => Self::NoAnswer {
                reason: Arc::clone(reason),
            },
        }
    }

    pub(super) fn into_cause(self) -> Read<Cause> {
        let ats = |by: Vec<StoredAt>| by.into_iter().map(StoredAt::into_ref).collect::<Read<_>>();
        Ok(match self {
            Self::AllowedBy { by } => Cause::AllowedBy(by.map(StoredAt::into_ref).transpose()?),
            Self::DeniedBy { by } => Cause::DeniedBy(ats(by)?),
            Self::DeniedInLayer { layer: text } => Cause::DeniedInLayer(layer(&text)?),
            Self::NotAllowedIn { layers } => {
                Cause::NotAllowedIn(layers.iter().map(|text| layer(text)).collect::<Read<_>>()?)
            }
            Self::AllowedOnlyOn { by, resources } => Cause::AllowedOnlyOn {
                by: ats(by)?,
                resources,
            },
            Self::DeniedOn { by, resources } => Cause::DeniedOn {
                by: ats(by)?,
                resources,
            },
            Self::MissingContext { by } => Cause::MissingContext { by: ats(by)? },
            Self::Unreadable {
                layer: text,
                policy,
                reason,
            } => Cause::Unreadable {
                layer: layer(&text)?,
                policy,
                reason,
            },
            Self::NotChecked {
                layer: text,
                policy,
            } => Cause::NotChecked {
                layer: layer(&text)?,
                policy,
            },
            Self::CannotEvaluate { by, reason } => Cause::CannotEvaluate {
                by: by.into_ref()?,
                reason,
            },
            Self::NoAnswer { reason } => Cause::NoAnswer { reason },
        })
    }
}

impl StoredAt {
    pub(crate) fn of(at: &StatementRef) -> Self {
        Self {
            layer: layer_text(at.layer),
            policy: Arc::clone(&at.policy),
            index: at.index,
            sid: at.sid.clone(),
        }
    }

    pub(crate) fn into_ref(self) -> Read<StatementRef> {
        Ok(StatementRef {
            layer: layer(&self.layer)?,
            policy: self.policy,
            index: self.index,
            sid: self.sid,
        })
    }
}

fn layer_text(layer: Layer) -> String {
    match layer {
        Layer::Identity => "identity".to_owned(),
        Layer::Boundary => "boundary".to_owned(),
        Layer::Session => "session".to_owned(),
        Layer::ServiceControl { level: None } => "scp".to_owned(),
        Layer::ServiceControl { level: Some(level) } => format!("scp:{level}"),
        Layer::ResourceControl { level: None } => "rcp".to_owned(),
        Layer::ResourceControl { level: Some(level) } => format!("rcp:{level}"),
        Layer::Resource => "resource".to_owned(),
        Layer::Grant => "grant".to_owned(),
        Layer::Endpoint => "endpoint".to_owned(),
    }
}

fn layer(text: &str) -> Read<Layer> {
    Ok(match text {
        "identity" => Layer::Identity,
        "boundary" => Layer::Boundary,
        "session" => Layer::Session,
        "scp" => Layer::ServiceControl { level: None },
        "rcp" => Layer::ResourceControl { level: None },
        "resource" => Layer::Resource,
        "grant" => Layer::Grant,
        "endpoint" => Layer::Endpoint,
        _ => match text.strip_prefix("rcp:") {
            Some(level) => Layer::ResourceControl {
                level: Some(parse(level)?),
            },
            None => Layer::ServiceControl {
                level: Some(parse(text.strip_prefix("scp:").unwrap_or(text))?),
            },
        },
    })
}

pub(crate) fn parse<T: FromStr<Err: Into<Box<dyn Error + Send + Sync>>>>(text: &str) -> Read<T> {
    text.parse()
        .map_err(|error: T::Err| LoadBaselineError::Value {
            text: text.into(),
            source: error.into(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_is_read_as_it_was_stored() {
        let with_level = [None, Some(0), Some(4)].into_iter();
        let with_level = with_level.flat_map(|level| {
            [
                Layer::ServiceControl { level },
                Layer::ResourceControl { level },
            ]
        });
        let others = [
            Layer::Identity,
            Layer::Boundary,
            Layer::Session,
            Layer::Resource,
            Layer::Grant,
            Layer::Endpoint,
        ];
        for one in with_level.chain(others) {
            assert_eq!(layer(&layer_text(one)).unwrap(), one);
        }
        assert!(layer("vault").is_err());
    }
}
