//! A trail event as CloudTrail writes it: where in it is a value?

use iam::AccountId;
use serde_json::Value;

use super::event::EventFaultReason;

/// One event, still as JSON.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a> {
    /// The event's object.
    event: &'a Value,
    /// The service, such as `iam.amazonaws.com`.
    pub(super) source: &'a str,
    /// The call, such as `DetachRolePolicy`.
    pub(super) call: &'a str,
}

impl<'a> Raw<'a> {
    /// The event of an object; `None` where it is none.
    pub(super) fn of(event: &'a Value) -> Option<Self> {
        Some(Self {
            source: event.get("eventSource")?.as_str()?,
            call: event.get("eventName")?.as_str()?,
            event,
        })
    }

    /// Whether AWS refused the call. The code itself is of no use: the same fault has several.
    pub(super) fn failed(self) -> bool {
        !self.at("errorCode").is_null()
    }

    /// A value by its path, such as `requestParameters.roleName`; null where it is not there.
    pub(super) fn at(self, path: &str) -> &'a Value {
        const NULL: &Value = &Value::Null;
        let mut keys = path.split('.');
        keys.try_fold(self.event, |value, key| value.get(key))
            .unwrap_or(NULL)
    }

    /// A text that is not empty.
    pub(super) fn text(self, path: &str) -> Option<&'a str> {
        self.at(path).as_str().filter(|text| !text.is_empty())
    }

    /// A text that the event must have.
    pub(super) fn needed(self, path: &str) -> Result<&'a str, EventFaultReason> {
        self.text(path).ok_or_else(|| self.lacks(path))
    }

    /// What to say where a field is not there.
    pub(super) fn lacks(self, field: &str) -> EventFaultReason {
        EventFaultReason::Lacks {
            call: self.call.into(),
            field: field.into(),
        }
    }

    /// A condition that is written as a boolean, or as a text.
    pub(super) fn is_true(self, path: &str) -> bool {
        match self.at(path) {
            Value::Bool(value) => *value,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// The account in which it was recorded.
    pub(super) fn account(self) -> Option<AccountId> {
        self.text("recipientAccountId")?.parse().ok()
    }

    /// The region in which it was recorded.
    pub(super) fn region(self) -> Option<&'a str> {
        self.text("awsRegion")
    }

    /// The ARN of the resource of a type that the event lists.
    pub(super) fn resource(self, of_type: &str) -> Option<&'a str> {
        let resources = self.at("resources").as_array()?;
        let mut of_type = resources
            .iter()
            .filter(|one| one.get("type").and_then(Value::as_str) == Some(of_type));
        of_type.find_map(|one| one.get("ARN").or_else(|| one.get("arn"))?.as_str())
    }
}
