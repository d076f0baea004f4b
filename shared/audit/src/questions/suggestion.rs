//! Suggestions: which action sets is somebody likely for, who looks like Veeam's and bears no tag?
//!
//! In: a listing, and for each of these principals how much of each set its policies allow. Out: the most likely set, with what speaks for
//! it. It is a guess, for a person to confirm.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use catalog::{ActionSet, Catalog, Grant, Lifetime};
use iam::{Principal, PrincipalArn, PrincipalKind};

use crate::asked::{Asked, Principals};
use crate::look::{LookError, list, look};
use crate::ports::Environment;
use crate::settings::Binding;
use crate::settings::pattern::Pattern;

/// Less of a set than this says nothing, in percent.
const ENOUGH: usize = 80;
/// A smaller set than this may be covered by chance, as by a policy that allows reading.
const TELLING: usize = 20;
/// Words of ids and names that do not tell sets apart.
const COMMON: [&str; 8] = ["vbaws", "vbr", "role", "user", "veeam", "aws", "for", "the"];

/// A principal that looks like Veeam's and that nothing binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Who.
    pub principal: PrincipalArn,
    /// The most likely set; `None` where nothing speaks for one.
    pub likely: Option<Likely>,
}

/// A likely action set, and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    /// The set's id.
    pub set: Box<str>,
    /// How many actions of the set the policies allow.
    pub allowed: usize,
    /// How many it has.
    pub actions: usize,
    /// The words that the name has in common with the id of the set.
    pub words: Vec<String>,
}

/// A set that is considered for a principal.
struct Candidate<'c> {
    set: &'c ActionSet,
    allowed: usize,
    actions: usize,
    words: Vec<String>,
}

impl Candidate<'_> {
    /// How well the name fits, best first: by the words in common, then by those that the set has besides.
    fn by_name(&self) -> (Reverse<usize>, usize) {
        let all = words(self.set.id.as_str()).len();
        match self.words.len() {
            0 => (Reverse(0), 0),
            common => (Reverse(common), all.saturating_sub(common)),
        }
    }
}

/// What each principal that looks like Veeam's is likely for, by ARN.
///
/// # Errors
/// [`LookError`], where nobody could be looked at.
pub async fn suggest<E: Environment>(
    asked: &Asked<'_>,
    environment: &E,
) -> Result<Vec<Suggestion>, LookError> {
    let listed = list(asked, environment).await?;
    let mut suggestions = Vec::new();
    for arn in &listed.bound.lookalikes {
        let mut principals = listed.inventory.principals.iter();
        let Some(principal) = principals.find(|one| one.arn == *arn) else {
            continue;
        };
        let likely = likely(asked, environment, principal).await?;
        suggestions.push(Suggestion {
            principal: arn.clone(),
            likely,
        });
    }
    Ok(suggestions)
}

/// The sets that a principal may be for.
fn sets(catalog: &Catalog, kind: PrincipalKind) -> impl Iterator<Item = &ActionSet> {
    catalog.sets().filter(move |set| {
        set.principal.admits(kind)
            && set.grant == Grant::IdentityPolicy
            && set.lifetime == Lifetime::Standing
    })
}

async fn likely<E: Environment>(
    asked: &Asked<'_>,
    environment: &E,
    principal: &Principal,
) -> Result<Option<Likely>, LookError> {
    let kind = principal.arn.kind();
    let ids = sets(asked.catalog, kind).map(|set| set.id.as_str().into());
    let binding = Binding {
        principal: Some(Pattern::new(principal.arn.as_str())),
        action_sets: ids.collect(),
        ..Binding::default()
    };
    let all = Asked {
        principals: Principals::These([principal.arn.clone()].into()),
        bindings: vec![binding],
        excess: None,
        canary: None,
        ..asked.clone()
    };
    let looked = look(&all, environment).await?;
    let verdicts = &looked.assessment.verdicts;
    let name = words(principal.arn.name());
    let candidates = verdicts.iter().filter_map(|verdict| {
        let set = asked.catalog.find(&verdict.requirement.set).ok()?;
        let actions = verdict.requirement.names;
        let lacking = verdict.count_missing() + verdict.count_unknown();
        let words = words(set.id.as_str());
        Some(Candidate {
            set,
            allowed: actions.saturating_sub(lacking),
            actions,
            words: words.intersection(&name).cloned().collect(),
        })
    });
    let mut candidates: Vec<Candidate<'_>> = candidates.collect();
    let is_covered = |one: &Candidate<'_>| one.allowed * 100 >= one.actions * ENOUGH;
    // Who may do everything may be for anything, and who may read everything for whatever only reads.
    let tells = !candidates.iter().all(is_covered);
    let is_telling =
        |one: &Candidate<'_>| is_covered(one) && (one.actions >= TELLING || !one.words.is_empty());
    if tells && candidates.iter().any(is_telling) {
        candidates.retain(is_telling);
        candidates.sort_by_key(|one| (one.by_name(), Reverse(one.allowed)));
    } else {
        candidates.retain(|one| !one.words.is_empty());
        candidates.sort_by_key(Candidate::by_name);
        // Of several that fit as well, none is more likely.
        if let [first, second, ..] = candidates.as_slice()
            && first.by_name() == second.by_name()
        {
            return Ok(None);
        }
    }
    let best = candidates.into_iter().next();
    Ok(best.map(|one| Likely {
        set: one.set.id.as_str().into(),
        allowed: one.allowed,
        actions: one.actions,
        words: one.words,
    }))
}

/// The words of a name or an id that tell, in small letters: `VeeamRdsBackup-Prod` has `rds`, `backup` and `prod`.
fn words(name: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut before = None;
    for letter in name.chars() {
        let starts = letter.is_uppercase() && before.is_some_and(char::is_lowercase);
        if starts || !letter.is_alphanumeric() {
            words.insert(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        before = Some(letter);
    }
    words.insert(word);
    words.retain(|word| !word.is_empty() && !COMMON.contains(&word.as_str()));
    words
}
