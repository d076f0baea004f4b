//! The topic: how is a message for people sent through SNS?
//!
//! SNS refuses what breaks its limits, and a refused message is lost, so texts are adapted to them. A subject is printable ASCII,
//! at most 100 characters, without line breaks, and begins with a letter or digit; body and attributes together are at most
//! 256 KiB.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;

use futures_util::StreamExt;
use futures_util::stream;

use crate::failure::Failure;
use crate::session::Session;

/// The longest subject, in characters.
const SUBJECT: usize = 100;
/// The longest message, in bytes. AWS says that attributes count with name, type and value, and of the subject nothing; it is
/// counted too.
const MESSAGE: usize = 262_144;
/// The type of an attribute that is a text.
const TEXT: &str = "String";
/// The type of an attribute that is a list of texts, as JSON.
const LIST: &str = "String.Array";
/// Messages that are sent at the same time.
const IN_FLIGHT: usize = 8;
/// Ends a body that was cut.
const CUT: &str = "\n[cut: the message is longer than SNS takes]\n";

/// An SNS topic.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

/// A message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// For subscription filters: name and value, neither empty.
    pub attributes: Vec<(&'static str, String)>,
    /// The same with several values: a filter selects a message by any of them.
    pub lists: Vec<(&'static str, Vec<String>)>,
}

impl Note {
    /// A message for a program that reads only the body.
    #[must_use]
    pub fn json(body: String) -> Self {
        Self {
            subject: "permdrift".to_owned(),
            body,
            attributes: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// Name, type and value of each attribute; SNS takes none that is empty.
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        let texts = self.attributes.iter();
        let texts = texts.map(|(name, value)| (*name, TEXT, value.clone()));
        let lists = self.lists.iter().filter(|(_, values)| !values.is_empty());
        let lists = lists.map(|(name, values)| {
            // Texts in a list: there is nothing in it that JSON cannot say.
            (
                *name,
                LIST,
                serde_json::to_string(values).unwrap_or_default(),
            )
        });
        texts.chain(lists).collect()
    }
}

impl Topic {
    /// The topic of that ARN.
    #[must_use]
    pub fn new(session: &Session, arn: &str) -> Self {
        Self {
            client: Client::new(&session.config),
            arn: arn.to_owned(),
        }
    }

    /// Publishes messages, in any order. Each is tried, whatever becomes of the others.
    ///
    /// # Errors
    /// The first [`Failure`] unless SNS took all.
    pub async fn publish_all(&self, notes: &[Note]) -> Result<(), Failure> {
        let calls: Vec<_> = notes.iter().map(|note| self.publish(note)).collect();
        let mut sending = stream::iter(calls).buffer_unordered(IN_FLIGHT);
        let mut all = Ok(());
        while let Some(sent) = sending.next().await {
            all = all.and(sent);
        }
        all
    }

    /// Publishes one message.
    ///
    /// # Errors
    /// [`Failure`] where SNS did not take it.
    pub async fn publish(&self, note: &Note) -> Result<(), Failure> {
        let subject = subject(&note.subject);
        let attributes = note.typed();
        let sizes = attributes.iter();
        let sizes = sizes.map(|(name, of, value)| name.len() + of.len() + value.len());
        let beside = subject.len() + sizes.sum::<usize>();
        let mut publish = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(subject)
            .message(body(&note.body, MESSAGE.saturating_sub(beside)));
        for (name, of, value) in attributes {
            let value = MessageAttributeValue::builder()
                .data_type(of)
                .string_value(value)
                .build();
            if let Ok(value) = value {
                publish = publish.message_attributes(name, value);
            }
        }
        let sent = publish.send().await;
        sent.map(|_| ()).map_err(|error| Failure::of(&error))
    }
}

fn subject(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|letter| match letter {
            ' '..='~' => letter,
            '\u{2013}' | '\u{2014}' => '-',
            _ if letter.is_whitespace() => ' ',
            _ => '?',
        })
        .collect();
    let plain = plain.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let plain = plain.trim_end();
    if plain.is_empty() {
        return "permdrift".to_owned();
    }
    if plain.len() <= SUBJECT {
        return plain.to_owned();
    }
    let kept: String = plain.chars().take(SUBJECT - 3).collect();
    format!("{}...", kept.trim_end())
}

fn body(text: &str, limit: usize) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = (0..=limit.saturating_sub(CUT.len()))
        .rev()
        .find(|&end| text.is_char_boundary(end))
        .unwrap_or(0);
    format!("{}{CUT}", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{Replay, refusal};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = subject(text);
        assert_eq!(found, expected);
        assert!(found.len() <= 100);
    }

    #[test]
    fn a_subject_is_what_sns_takes() {
        check("[drifted] Veeam: 3 actions", "drifted] Veeam: 3 actions");
        check("restore\nfails \u{2014} caf\u{e9}", "restore fails - caf?");
        check("\u{e9}\u{e9}", "permdrift");
        check("", "permdrift");
        check(&"a".repeat(100), &"a".repeat(100));
        check(&"a".repeat(101), &format!("{}...", "a".repeat(97)));
    }

    /// The size of a note that was sent, as SNS counts it, and its text.
    async fn sent(body: String, attributes: Vec<(&'static str, String)>) -> (usize, String) {
        let accepted = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
        let replay = Replay::of(vec![(200, accepted.to_owned())]);
        let topic = Topic::new(
            &replay.session(),
            "arn:aws:sns:eu-west-1:123456789012:people",
        );
        let note = Note {
            subject: "a".repeat(200),
            body,
            attributes,
            lists: vec![
                (
                    "ou",
                    vec!["r-ab12".to_owned(), "ou-ab12-11111111".to_owned()],
                ),
                ("none", Vec::new()),
            ],
        };
        topic.publish(&note).await.unwrap();
        let form = &replay.sent()[0].form;
        let counted = form.iter().filter(|(field, _)| {
            *field == "Message" || *field == "Subject" || field.starts_with("MessageAttributes.")
        });
        (
            counted.map(|(_, value)| value.len()).sum(),
            form["Message"].clone(),
        )
    }

    #[tokio::test]
    async fn a_body_is_cut_at_a_character_and_within_the_limit() {
        let attributes = vec![
            ("kind", "opened".to_owned()),
            ("account", "123456789012".to_owned()),
            ("code", "missing-instance-profile".to_owned()),
        ];
        for attributes in [attributes, Vec::new()] {
            let (counted, text) = sent("\u{20ac}".repeat(100_000), attributes).await;
            assert!(
                counted <= 262_144 && counted > 262_144 - 4,
                "{counted} bytes"
            );
            assert!(text.ends_with(CUT));
        }
        let (_, text) = sent("short".to_owned(), Vec::new()).await;
        assert_eq!(text, "short");
    }

    #[tokio::test]
    async fn a_topic_that_does_not_exist_is_a_failure() {
        let replay = Replay::of(vec![refusal(404, "NotFound", "Topic does not exist")]);
        let topic = Topic::new(
            &replay.session(),
            "arn:aws:sns:eu-west-1:123456789012:people",
        );
        let note = Note {
            subject: "one".into(),
            body: "two".into(),
            attributes: vec![("kind", "opened".into())],
            lists: vec![("ou", vec!["r-ab12".into(), "ou-ab12-11111111".into()])],
        };
        let failure = topic.publish(&note).await.unwrap_err();
        assert_eq!(
            failure.to_string(),
            "AWS refused: NotFound: Topic does not exist"
        );
        let sent = &replay.sent()[0].form;
        assert_eq!(sent["Subject"], "one");
        assert_eq!(sent["Message"], "two");
        // In no order.
        let sent = |name: &str| {
            let fields = |at: usize, field: &str| {
                sent[format!("MessageAttributes.entry.{at}.{field}").as_str()].clone()
            };
            let at = (1..=2).find(|&at| fields(at, "Name") == name).unwrap();
            (
                fields(at, "Value.DataType"),
                fields(at, "Value.StringValue"),
            )
        };
        let of = |kind: &str, value: &str| (kind.to_owned(), value.to_owned());
        assert_eq!(sent("kind"), of("String", "opened"));
        assert_eq!(
            sent("ou"),
            of("String.Array", r#"["r-ab12","ou-ab12-11111111"]"#)
        );
    }
}
