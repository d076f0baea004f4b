//! Forms of resources: what can the ARN of a snapshot of this account be?
//!
//! In: an ARN as AWS prints it, `arn:${Partition}:s3:::${BucketName}/${ObjectName}`, and what is known of its variables. Out: a
//! [`Form`], in which places are open. Samples are made of it by [`sample`](super::sample).

use catalog::{id_prefix, usual_folder};

/// What is known of the resources.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArnValues<'a> {
    pub(super) partition: &'a str,
    /// `None` where no region was declared.
    pub(super) region: Option<&'a str>,
    /// The principal's account.
    pub(super) account: &'a str,
    /// Resources of other accounts count as well.
    pub(super) any_account: bool,
}

/// An ARN with open places.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Letter(char),
    Open(Open),
}

/// A place that takes one or more characters.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// What it gets where no pattern asks for something else.
    pub(super) name: Box<str>,
    pub(super) takes: Takes,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    Digits,
    /// Anything but the separators of an ARN.
    Name,
    Anything,
}

/// A name that no policy holds: letters that nobody uses, and few of them, so that patterns such as `*-*` or `?????*` do not
/// match it by chance.
const NAME: &str = "\u{e000}\u{e001}";
/// A name that AWS takes, and that a policy does not mean by accident.
const PLAIN_NAME: &str = "permdrift";

impl Form {
    /// The form of an ARN as AWS prints it.
    pub(super) fn new(arn: &str, arn_values: ArnValues<'_>) -> Self {
        let mut form = Self { pieces: Vec::new() };
        let mut rest = arn;
        while let Some((before, after)) = rest.split_once("${") {
            form.text(before);
            let (variable, after) = after.split_once('}').unwrap_or((after, ""));
            form.variable(arn, variable, arn_values);
            rest = after;
        }
        form.text(rest);
        form
    }

    /// The form of what a pattern with a star at its end stands for.
    pub(super) fn of_pattern(pattern: &str) -> Self {
        let mut form = Self { pieces: Vec::new() };
        form.text(pattern.trim_end_matches('*'));
        form.pieces.push(open(NAME, Takes::Anything));
        form
    }

    /// The form of a region.
    pub(super) fn region() -> Self {
        Self {
            pieces: vec![open(NAME, Takes::Name)],
        }
    }

    /// A form that any resource has.
    pub(super) fn anything() -> Self {
        Self {
            pieces: vec![open(NAME, Takes::Anything)],
        }
    }

    fn text(&mut self, text: &str) {
        let pieces = text.chars().map(|letter| match letter {
            '*' => open(NAME, Takes::Name),
            letter => Piece::Letter(letter),
        });
        self.pieces.extend(pieces);
    }

    fn variable(&mut self, arn: &str, variable: &str, arn_values: ArnValues<'_>) {
        match variable {
            "Partition" => self.text(arn_values.partition),
            "Region" => match arn_values.region {
                Some(region) => self.text(region),
                None => self.pieces.push(open(NAME, Takes::Name)),
            },
            "Account" if arn_values.any_account => {
                self.pieces.push(open(arn_values.account, Takes::Digits));
            }
            "Account" => self.text(arn_values.account),
            _ => {
                let takes = if variable.ends_with("Path") || variable == "ObjectName" {
                    Takes::Anything
                } else {
                    Takes::Name
                };
                self.text(id_prefix(arn, variable));
                let folder = usual_folder(arn, variable);
                self.pieces.push(open(&format!("{folder}{NAME}"), takes));
            }
        }
    }

    /// The resource of this form that no policy names.
    pub(super) fn unnamed(&self) -> String {
        let mut resource = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Letter(letter) => resource.push(*letter),
                Piece::Open(open) => resource.push_str(&open.name),
            }
        }
        resource
    }
}

/// Whether the region of a resource is one that no policy names.
pub(super) fn is_in_any_region(resource: &str) -> bool {
    resource.split(':').nth(3) == Some(NAME)
}

/// The resource with names as AWS has them in the place of those that no policy holds, and this region where it has none.
pub(super) fn plain(resource: &str, region: &str) -> String {
    let mut parts: Vec<&str> = resource.splitn(6, ':').collect();
    if let Some(part) = parts.get_mut(3).filter(|part| **part == NAME) {
        *part = region;
    }
    parts.join(":").replace(NAME, PLAIN_NAME)
}

fn open(name: &str, takes: Takes) -> Piece {
    Piece::Open(Open {
        name: name.into(),
        takes,
    })
}

impl Takes {
    pub(super) fn takes(self, letter: char) -> bool {
        match self {
            Self::Digits => letter.is_ascii_digit(),
            Self::Name => letter != '/' && letter != ':',
            Self::Anything => true,
        }
    }
}
