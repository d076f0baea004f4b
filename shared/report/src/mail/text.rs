//! The text of an e-mail, as a topic takes it.

/// A message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line, the most telling words first.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// What a subscription can filter by: name and value.
    pub attributes: Vec<(&'static str, String)>,
    /// The same with several values, any of which a filter can ask for; one that is empty is none.
    pub lists: Vec<(&'static str, Vec<String>)>,
}
