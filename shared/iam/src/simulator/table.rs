//! The action table: which of the actions that will be asked about does a pattern mean?
//!
//! In: the distinct actions, known beforehand, and patterns as policies spell them. Out: [`Bits`], positions in the
//! table. Names are sorted by their lower-case spelling, so an exact pattern is one position, `s3:Get*` is a range, and
//! only what has a wildcard elsewhere is matched name by name. Each spelling of a pattern is matched once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::bits::Bits;
use crate::action::ActionName;
use crate::evaluate::is_always_allowed;
use crate::glob;
use crate::policy::Matches;

/// The actions that one simulator knows, and the positions of each pattern that was matched.
pub(super) struct ActionTable<'a> {
    // INVARIANT: lower-case, sorted, without repetition.
    names: Vec<Box<str>>,
    matched: HashMap<&'a str, Matched, RandomState>,
}

/// Actions that are asked about.
#[derive(Clone, Debug)]
pub(super) struct ActionList {
    pub(super) actions: Arc<[ActionName]>,
    /// `None` where not all are in the table, or not in its order.
    pub(super) positions: Option<Arc<ListPositions>>,
}

/// A list of actions as positions in the table.
#[derive(Debug)]
pub(super) struct ListPositions {
    /// Those that can be denied.
    pub(super) deniable: Bits,
    /// For each position in the table, the position in the list.
    pub(super) in_list: Vec<u16>,
}

/// The positions that a pattern means.
enum Matched {
    Range(Range<usize>),
    Scattered(Bits),
}

impl<'a> ActionTable<'a> {
    pub(super) fn new<'n>(actions: impl IntoIterator<Item = &'n ActionName>) -> Self {
        let mut names: Vec<Box<str>> = actions
            .into_iter()
            .map(|action| action.as_str().to_ascii_lowercase().into())
            .collect();
        names.sort_unstable();
        names.dedup();
        Self {
            names,
            matched: HashMap::default(),
        }
    }

    /// The position of an action.
    pub(super) fn position(&self, action: &ActionName) -> Option<usize> {
        let name = action.as_str().to_ascii_lowercase();
        let found = self.names.binary_search_by(|known| (**known).cmp(&name));
        found.ok()
    }

    /// The actions that an `Action` or `NotAction` means; an empty list means none in both forms, as in `evaluate`.
    pub(super) fn meant(&mut self, action: &'a Matches) -> Bits {
        let mut any = Bits::default();
        for pattern in &action.patterns {
            match self.matching(pattern) {
                Matched::Range(range) => any.insert(range.clone()),
                Matched::Scattered(bits) => any.insert_all(bits),
            }
        }
        if action.negated && !action.patterns.is_empty() {
            Bits::of(0..self.names.len()).without(&any)
        } else {
            any
        }
    }

    fn matching(&mut self, pattern: &'a str) -> &Matched {
        let names = &self.names;
        self.matched
            .entry(pattern)
            .or_insert_with(|| matching(names, pattern))
    }
}

impl ActionList {
    pub(super) fn new(actions: &Arc<[ActionName]>, table: &ActionTable<'_>) -> Self {
        Self {
            actions: Arc::clone(actions),
            positions: ListPositions::new(actions, table).map(Arc::new),
        }
    }
}

impl ListPositions {
    fn new(actions: &[ActionName], table: &ActionTable<'_>) -> Option<Self> {
        if !actions.is_sorted_by(|one, two| one < two) {
            return None;
        }
        let mut positions = Self {
            deniable: Bits::default(),
            in_list: Vec::new(),
        };
        for (in_list, action) in actions.iter().enumerate() {
            let at = table.position(action)?;
            if !is_always_allowed(action) {
                positions.deniable.insert(at..at + 1);
            }
            if positions.in_list.len() <= at {
                positions.in_list.resize(at + 1, 0);
            }
            *positions.in_list.get_mut(at)? = u16::try_from(in_list).ok()?;
        }
        Some(positions)
    }
}

fn matching(names: &[Box<str>], pattern: &str) -> Matched {
    // The literal characters in front of the first wildcard. One that is not ASCII may fold to one that is.
    let literal = |byte: &u8| byte.is_ascii() && !matches!(byte, b'*' | b'?');
    let length = pattern.bytes().take_while(|byte| literal(byte)).count();
    let (prefix, rest) = pattern.split_at_checked(length).unwrap_or((pattern, ""));
    let prefix = prefix.to_ascii_lowercase();
    let start = names.partition_point(|name| **name < *prefix);
    let candidates = names.get(start..).unwrap_or_default();
    let end = start + candidates.partition_point(|name| name.starts_with(&prefix));
    match rest {
        "" => {
            let exact = candidates.first().is_some_and(|name| **name == *prefix);
            Matched::Range(start..start + usize::from(exact))
        }
        "*" => Matched::Range(start..end),
        _ => {
            let mut bits = Bits::default();
            for (at, name) in candidates.iter().enumerate().take(end - start) {
                if glob::matches_folded(pattern, name) {
                    bits.insert(start + at..start + at + 1);
                }
            }
            Matched::Scattered(bits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = [
        "ec2:CreateSnapshot",
        "ec2:CreateTags",
        "ec2:DescribeVolumes",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
    ];

    fn names() -> Vec<ActionName> {
        let backwards = NAMES.iter().rev();
        backwards.map(|name| name.parse().unwrap()).collect()
    }

    #[track_caller]
    fn check(negated: bool, patterns: &[&str], expected: &[&str]) {
        let action = Matches {
            negated,
            patterns: patterns.iter().map(|text| (*text).into()).collect(),
        };
        let mut table = ActionTable::new(&names());
        let meant = table.meant(&action);
        let mut found = Vec::new();
        meant.for_each(|at| found.push(NAMES[at]));
        assert_eq!(found, expected);
    }

    #[test]
    fn an_exact_pattern_means_one_action_whatever_its_case() {
        check(false, &["S3:getobject"], &["s3:GetObject"]);
        check(false, &["s3:Get", "s3:GetObjects", "iam:PassRole"], &[]);
    }

    #[test]
    fn a_trailing_star_means_a_range() {
        check(
            false,
            &["s3:GetObject*"],
            &["s3:GetObject", "s3:GetObjectVersion"],
        );
        check(false, &["EC2:create*"], &NAMES[..2]);
        check(false, &["*"], &NAMES);
        check(false, &["*:*"], &NAMES);
    }

    #[test]
    fn a_wildcard_elsewhere_is_matched_name_by_name() {
        check(
            false,
            &["*:*Object", "s3:?istBucket"],
            &["s3:GetObject", "s3:ListBucket"],
        );
        check(
            false,
            &["ec2:*e*s"],
            &["ec2:CreateTags", "ec2:DescribeVolumes"],
        );
        // U+212A, the Kelvin sign, folds to `k`.
        check(false, &["s3:ListBuc\u{212a}et"], &["s3:ListBucket"]);
    }

    #[test]
    fn not_action_means_the_others() {
        check(true, &["ec2:*", "s3:List*"], &NAMES[3..5]);
        check(true, &["*"], &[]);
        check(true, &[], &[]);
    }

    #[test]
    fn an_action_has_its_position_whatever_its_case() {
        let table = ActionTable::new(&names());
        assert_eq!(table.position(&"s3:getobject".parse().unwrap()), Some(3));
        assert_eq!(table.position(&"kms:Decrypt".parse().unwrap()), None);
    }
}
