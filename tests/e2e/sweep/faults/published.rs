//! What was published, as a test compares it.

use e2e::rig::Told;

/// One step of a finding, as the bus took it. The same step told twice is equal to itself, if the ids are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    /// The detail type.
    pub(crate) kind: String,
    /// Empty for the account's own.
    pub(crate) principal: String,
    pub(crate) code: String,
    pub(crate) id: String,
}

/// One message, as the topic took it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) kind: String,
    pub(crate) code: String,
    pub(crate) text: String,
}

/// The steps of findings, in the order of telling.
pub(crate) fn steps<'a>(told: impl IntoIterator<Item = &'a Told>) -> impl Iterator<Item = Step> {
    let machines = told.into_iter().flat_map(|told| &told.machines);
    machines
        .filter(|(kind, _)| kind.starts_with("Finding "))
        .map(|(kind, detail)| {
            let field = |name: &str| {
                let text = detail["finding"][name].as_str();
                text.unwrap_or_default().to_owned()
            };
            Step {
                kind: kind.clone(),
                principal: field("principal"),
                code: field("code"),
                id: field("id"),
            }
        })
}

/// The messages for people, in the order of telling.
pub(crate) fn messages<'a>(
    told: impl IntoIterator<Item = &'a Told>,
) -> impl Iterator<Item = Message> {
    let calls = told.into_iter().flat_map(|told| &told.calls);
    calls
        .filter(|call| call.done && call.operation == "sns.Publish")
        .map(|call| {
            let form = call.form();
            let attribute = |name: &str| {
                let number = (1..=10).find(|number| {
                    form.get(&format!("MessageAttributes.entry.{number}.Name"))
                        .is_some_and(|found| found == name)
                });
                number
                    .and_then(|number| {
                        form.get(&format!(
                            "MessageAttributes.entry.{number}.Value.StringValue"
                        ))
                    })
                    .cloned()
                    .unwrap_or_default()
            };
            Message {
                kind: attribute("kind"),
                code: attribute("code"),
                text: form.get("Message").cloned().unwrap_or_default(),
            }
        })
}

impl Message {
    /// As a finding with its life, or as it is where no baseline can be used.
    pub(crate) fn is_of_a_failed_audit(&self) -> bool {
        self.kind == "audit-failed" || self.code == "audit-failed"
    }
}
