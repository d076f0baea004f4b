//! The resource side of one line: what does the request meet where the resource is?
//!
//! In: the keys `resource`, `rcp`, `grants` and `endpoint` of the line's policies, and `resourceAccount` of its request. Out: the
//! documents, ready for [`ResourceSide`]; nothing where a line has none of these keys and so asks about the principal's side only.

use iam::AccountId;
use iam::evaluate::{Caller, ResourceSide, account_of};
use serde_json::value::RawValue;

use super::documents::{Documents, Form, Named, policies};

/// The keys as written.
pub(super) struct WrittenResourceSide<'a> {
    pub(super) resource: Option<&'a RawValue>,
    pub(super) rcp: Option<Vec<Vec<&'a RawValue>>>,
    pub(super) grants: Option<Vec<&'a RawValue>>,
    pub(super) endpoint: Option<&'a RawValue>,
    pub(super) account: Option<String>,
}

/// The documents of a resource side.
pub(super) struct NamedResourceSide {
    caller: Caller,
    account: Option<AccountId>,
    resource: Option<Named>,
    rcp: Vec<Vec<Named>>,
    grants: Vec<Named>,
    endpoint: Option<Named>,
}

impl WrittenResourceSide<'_> {
    /// Understands what is written of the resource side of a request by `caller` on `resource`.
    ///
    /// # Errors
    /// What is wrong with the account.
    pub(super) fn understand(
        self,
        caller: Caller,
        resource: &str,
        documents: &mut Documents,
    ) -> Result<Option<NamedResourceSide>, String> {
        let is_given = self.resource.is_some()
            || self.rcp.is_some()
            || self.grants.is_some()
            || self.endpoint.is_some()
            || self.account.is_some();
        if !is_given {
            return Ok(None);
        }
        let account = match self.account {
            Some(account) => Some(
                account
                    .parse()
                    .map_err(|error| format!("`request.resourceAccount`: {error}"))?,
            ),
            None => account_of(resource),
        };
        let mut named = |json: &RawValue, form: Form, name: String| Named {
            name: name.into(),
            document: documents.get(json.get(), form),
        };
        let levels = self.rcp.unwrap_or_default();
        let mut rcp = Vec::with_capacity(levels.len());
        for (level, list) in levels.into_iter().enumerate() {
            let list = list.into_iter().enumerate();
            let named = list.map(|(at, json)| {
                named(json, Form::ResourceControl, format!("rcp[{level}][{at}]"))
            });
            rcp.push(named.collect());
        }
        let grants = self.grants.unwrap_or_default().into_iter().enumerate();
        Ok(Some(NamedResourceSide {
            caller,
            account,
            rcp,
            grants: grants
                .map(|(at, json)| named(json, Form::Grant, format!("grants[{at}]")))
                .collect(),
            resource: self
                .resource
                .map(|json| named(json, Form::Resource, "resource".to_owned())),
            endpoint: self
                .endpoint
                .map(|json| named(json, Form::Resource, "endpoint".to_owned())),
        }))
    }
}

impl NamedResourceSide {
    pub(super) fn as_layers(&self) -> ResourceSide<'_> {
        ResourceSide {
            account: self.account,
            policy: policies(self.resource.as_slice()).pop(),
            grants: policies(&self.grants),
            resource_control: self.rcp.iter().map(|level| policies(level)).collect(),
            endpoint: policies(self.endpoint.as_slice()).pop(),
            ..ResourceSide::of(self.caller.clone())
        }
    }
}
