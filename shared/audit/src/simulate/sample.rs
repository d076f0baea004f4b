//! Sample resources: which concrete ARN of one kind do given patterns match?
//!
//! In: a [`Form`] and patterns of policies. Out: an ARN in which each open place and each wildcard has a value. A name that no
//! pattern asks for is one that no policy is likely to name, so that a sample within `backups-*` stands for any bucket within
//! `backups-*`.

use std::collections::HashSet;

use iam::glob::{Pattern, Token};

use super::form::{Form, Open, Piece};

/// A resource that is of a kind and matches patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) resource: String,
    /// The same with `*` for what no pattern asks for.
    pub(super) pattern: String,
}

/// More states than this are not searched. Patterns as people write them take a few hundred.
const MOST_STATES: usize = 4_000;

impl Form {
    /// A resource of this form that all these patterns match, if there is one.
    pub(super) fn within(&self, patterns: &[&Pattern]) -> Option<Sample> {
        Search::new(self, patterns).run()
    }
}

/// For each pattern, the positions that it can be in after what was written so far.
type Positions = Vec<Vec<u16>>;

/// A state of the search: the piece that comes next, what an open place has got already, and where the patterns are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    piece: usize,
    /// The open place has got some character.
    begun: bool,
    /// It has got its name.
    named: bool,
    positions: Positions,
}

/// A state, and what was written to come there.
struct Step {
    state: State,
    /// How much of what is written stays: of the resource, and of the pattern.
    keep: (usize, usize),
    resource: Box<str>,
    pattern: Box<str>,
}

struct Search<'a> {
    form: &'a Form,
    patterns: &'a [&'a Pattern],
    resource: String,
    pattern: String,
}

impl<'a> Search<'a> {
    fn new(form: &'a Form, patterns: &'a [&'a Pattern]) -> Self {
        Self {
            form,
            patterns,
            resource: String::new(),
            pattern: String::new(),
        }
    }

    /// Goes on with the first choice that leads somewhere, and comes back to the next where it does not.
    fn run(mut self) -> Option<Sample> {
        let begin = self
            .patterns
            .iter()
            .map(|pattern| closure(pattern, vec![0]));
        let mut waiting = vec![Step {
            state: State {
                piece: 0,
                begun: false,
                named: false,
                positions: begin.collect(),
            },
            keep: (0, 0),
            resource: "".into(),
            pattern: "".into(),
        }];
        let mut seen: HashSet<State> = HashSet::new();
        while let Some(step) = waiting.pop() {
            if seen.len() >= MOST_STATES || !seen.insert(step.state.clone()) {
                continue;
            }
            self.resource.truncate(step.keep.0);
            self.resource.push_str(&step.resource);
            self.pattern.truncate(step.keep.1);
            self.pattern.push_str(&step.pattern);
            match self.form.pieces.get(step.state.piece) {
                None if self.is_end(&step.state.positions) => {
                    return Some(Sample {
                        resource: self.resource,
                        pattern: self.pattern,
                    });
                }
                None => {}
                Some(Piece::Letter(letter)) => {
                    let next = self.write(&step.state, &letter.to_string());
                    waiting.extend(next.map(|state| {
                        let letter = letter.to_string();
                        self.step(behind(state), &letter, &letter)
                    }));
                }
                Some(Piece::Open(open)) => {
                    // The last that is pushed is tried first.
                    let steps = self.open(&step.state, open);
                    waiting.extend(steps.into_iter().rev());
                }
            }
        }
        None
    }

    /// What an open place can get next, the best first.
    fn open(&self, state: &State, open: &Open) -> Vec<Step> {
        let begun = |state: State| State {
            begun: true,
            ..state
        };
        let mut steps = Vec::new();
        if !state.named
            && let Some(state) = self.write(state, &open.name)
        {
            let state = State {
                named: true,
                ..begun(state)
            };
            steps.push(self.step(state, &open.name, "*"));
        }
        let (letters, any) = self.expected(&state.positions);
        if any {
            let next = self.write(state, "0").map(begun);
            steps.extend(next.map(|state| self.step(state, "0", "?")));
        }
        let letters = letters.into_iter().filter(|one| open.takes.takes(*one));
        for letter in letters {
            let letter = letter.to_string();
            let next = self.write(state, &letter).map(begun);
            steps.extend(next.map(|state| self.step(state, &letter, &letter)));
        }
        if state.begun {
            steps.push(self.step(behind(state.clone()), "", ""));
        }
        steps
    }

    fn step(&self, state: State, resource: &str, pattern: &str) -> Step {
        Step {
            state,
            keep: (self.resource.len(), self.pattern.len()),
            resource: resource.into(),
            pattern: pattern.into(),
        }
    }

    /// The state after some text; `None` where a pattern does not match it.
    fn write(&self, state: &State, text: &str) -> Option<State> {
        let mut positions = state.positions.clone();
        for letter in text.chars() {
            for (positions, pattern) in positions.iter_mut().zip(self.patterns) {
                *positions = after(pattern, positions, letter);
                if positions.is_empty() {
                    return None;
                }
            }
        }
        Some(State {
            positions,
            ..state.clone()
        })
    }

    /// The letters that some pattern expects next, and whether one expects any single character.
    fn expected(&self, positions: &Positions) -> (Vec<char>, bool) {
        let mut letters = Vec::new();
        let mut any = false;
        for (positions, pattern) in positions.iter().zip(self.patterns) {
            for &at in positions {
                match pattern.tokens().get(usize::from(at)) {
                    Some(Token::Literal(letter)) if !letters.contains(letter) => {
                        letters.push(*letter);
                    }
                    Some(Token::AnyOne) => any = true,
                    Some(Token::Literal(_) | Token::AnyRun) | None => {}
                }
            }
        }
        (letters, any)
    }

    fn is_end(&self, positions: &Positions) -> bool {
        let mut pairs = positions.iter().zip(self.patterns);
        pairs.all(|(positions, pattern)| {
            let mut positions = positions.iter();
            positions.any(|at| usize::from(*at) == pattern.tokens().len())
        })
    }
}

/// The state behind the piece.
fn behind(state: State) -> State {
    State {
        piece: state.piece + 1,
        begun: false,
        named: false,
        ..state
    }
}

/// The positions of a pattern after one more letter.
fn after(pattern: &Pattern, positions: &[u16], letter: char) -> Vec<u16> {
    let next = positions
        .iter()
        .filter_map(|&at| match pattern.tokens().get(usize::from(at))? {
            Token::Literal(one) => (*one == letter).then(|| at.saturating_add(1)),
            Token::AnyOne => Some(at.saturating_add(1)),
            Token::AnyRun => Some(at),
        });
    closure(pattern, next.collect())
}

/// With the positions that follow where a `*` takes nothing; sorted, each once.
fn closure(pattern: &Pattern, mut positions: Vec<u16>) -> Vec<u16> {
    let mut at = 0;
    while let Some(&position) = positions.get(at) {
        if pattern.tokens().get(usize::from(position)) == Some(&Token::AnyRun) {
            positions.push(position.saturating_add(1));
        }
        at += 1;
    }
    positions.sort_unstable();
    positions.dedup();
    positions
}

#[cfg(test)]
mod tests {
    use iam::glob;

    use super::super::form::ArnValues;
    use super::*;

    const OBJECT: &str = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";
    const BUCKET: &str = "arn:${Partition}:s3:::${BucketName}";
    const SNAPSHOT: &str = "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}";
    const KEY: &str = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}";

    fn arn_values(region: Option<&str>, any_account: bool) -> ArnValues<'_> {
        ArnValues {
            partition: "aws",
            region,
            account: "111122223333",
            any_account,
        }
    }

    fn pattern(text: &str) -> Pattern {
        let mut pattern = Pattern::default();
        pattern.push_wild(text);
        pattern
    }

    #[track_caller]
    fn check(form: &Form, patterns: &[&str], expected: Option<&str>) {
        let tokens: Vec<Pattern> = patterns.iter().map(|one| pattern(one)).collect();
        let tokens: Vec<&Pattern> = tokens.iter().collect();
        let found = form.within(&tokens);
        assert_eq!(found.as_ref().map(|one| &*one.pattern), expected);
        for (one, text) in found
            .iter()
            .flat_map(|one| patterns.iter().map(move |text| (one, text)))
        {
            assert!(
                glob::matches(text, &one.resource),
                "{text}: {}",
                one.resource
            );
        }
    }

    #[test]
    fn a_sample_is_of_the_kind_and_within_the_pattern() {
        let object = Form::new(OBJECT, arn_values(None, false));
        check(&object, &["arn:aws:s3:::bkt/*"], Some("arn:aws:s3:::bkt/*"));
        check(&object, &["arn:aws:s3:::bkt*"], Some("arn:aws:s3:::bkt*/*"));
        check(&object, &["arn:aws:s3:::bkt"], None);
        check(
            &object,
            &["arn:aws:s3:::bkt/a/?.vbk"],
            Some("arn:aws:s3:::bkt/a/?.vbk"),
        );
        check(&object, &["*"], Some("arn:aws:s3:::*/*"));
        check(&object, &["arn:aws:ec2:*"], None);
        let bucket = Form::new(BUCKET, arn_values(None, false));
        // A bucket's name holds no slash.
        check(&bucket, &["arn:aws:s3:::bkt/*"], None);
        check(&bucket, &["arn:aws:s3:::b?t-*"], Some("arn:aws:s3:::b?t-*"));
        check(
            &bucket,
            &["arn:aws:s3:::*-prod"],
            Some("arn:aws:s3:::*-prod"),
        );
    }

    #[test]
    fn two_patterns_meet_in_what_both_match() {
        let bucket = Form::new(BUCKET, arn_values(None, false));
        check(
            &bucket,
            &["*:::a*", "arn:aws:s3:::*z"],
            Some("arn:aws:s3:::a*z"),
        );
        check(&bucket, &["arn:aws:s3:::a*", "arn:aws:s3:::b*"], None);
    }

    #[test]
    fn region_and_account_are_the_principals_own() {
        let here = Form::new(SNAPSHOT, arn_values(Some("eu-central-1"), false));
        check(&here, &["arn:aws:ec2:us-east-1::snapshot/*"], None);
        check(
            &here,
            &["arn:aws:ec2:eu-*::snapshot/*"],
            Some("arn:aws:ec2:eu-central-1::snapshot/snap-*"),
        );
        let key = Form::new(KEY, arn_values(None, false));
        check(&key, &["arn:aws:kms:*:999988887777:key/1"], None);
        let any = Form::new(KEY, arn_values(None, true));
        check(
            &any,
            &["arn:aws:kms:*:999988887777:key/1"],
            Some("arn:aws:kms:*:999988887777:key/1"),
        );
        assert!(any.unnamed().contains(":111122223333:key/"));
    }

    #[test]
    fn an_id_looks_like_one_of_aws() {
        let snapshot = Form::new(SNAPSHOT, arn_values(None, false));
        assert!(glob::matches(
            "arn:aws:ec2:*::snapshot/snap-*",
            &snapshot.unnamed()
        ));
        check(
            &snapshot,
            &["arn:aws:ec2:*::snapshot/snap-1"],
            Some("arn:aws:ec2:*::snapshot/snap-1"),
        );
    }

    #[test]
    fn long_patterns_take_no_exponential_time() {
        let object = Form::new(OBJECT, arn_values(None, false));
        let many = format!("arn:aws:s3:::{}b", "a*".repeat(100));
        let other = format!("arn:aws:s3:::{}c", "*a".repeat(100));
        assert_eq!(object.within(&[&pattern(&many), &pattern(&other)]), None);
    }
}
