//! `permdrift tag`: which tags make a binding last, and whom should one bind?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit::suggestion::{Suggestion, suggest};
use audit::{Asked, Saved, Settings};
use catalog::{Catalog, Holder};
use iam::{Inventory, Principal, PrincipalArn, PrincipalKind};
use jiff::Timestamp;
use report::machine::tags::{self, Tagging};
use report::words::counted::counted;
use report::words::coverage::name;

use crate::arguments::{TagArguments, TagFormat, one_snapshot};
use crate::command::bindings::{self, NamedScope, pattern};
use crate::command::catalog::find;
use crate::exit::{Exit, UsageError};
use crate::saved::{SavedAccount, listing, snapshot_or_listing};
use crate::source::{not_looked, wait};
use crate::{account, output};

/// What IAM takes in the value of a tag.
const LONGEST_VALUE: usize = 256;

/// Prints tags, or proposes whom to tag.
///
/// # Errors
/// What cannot be read or found, and what cannot stand in a tag.
pub(crate) fn run(asked: &TagArguments) -> anyhow::Result<Exit> {
    let (settings, catalog) = account::settings(asked.settings.as_deref(), &asked.action_sets)?;
    let saved = match (&asked.auth_details, one_snapshot(&asked.snapshot)?) {
        (Some(path), _) => Some(listing(path)?),
        (None, Some(path)) => Some(snapshot_or_listing(path)?),
        (None, None) => None,
    };
    // What is wrong with a set or a scope is told first.
    bindings::read(&asked.bind, &catalog)?;
    if asked.bind.bind.is_empty() {
        let Some(saved) = &saved else {
            return Err(UsageError(
                "expected --bind PRINCIPAL=SET, which is to last, or --auth-details FILE, in which to look for whom to bind".to_owned(),
            )
            .into());
        };
        return propose(saved, &catalog, &settings);
    }
    let scope = bindings::scope(&asked.bind.scope, &catalog, None)?;
    let mut wanted = of_scope(&scope);
    if let Some(version) = asked.version.product_version {
        wanted.insert("product-version".to_owned(), [version.to_string()].into());
    }
    let inventory = saved.as_ref().map(|saved| &*saved.inventory);
    let mut sets: BTreeMap<Target<'_>, BTreeSet<String>> = BTreeMap::new();
    for (principal, ids) in &asked.bind.bind {
        for target in targets(principal, ids, inventory, &catalog)? {
            sets.entry(target).or_default().extend(ids.iter().cloned());
        }
    }
    let taggings = sets.into_iter().map(|(target, sets)| {
        let mut wanted = wanted.clone();
        wanted.insert("action-sets".to_owned(), sets);
        tagging(target, wanted, &settings.tag_prefix, inventory)
    });
    let taggings: Vec<Tagging> = taggings.collect::<anyhow::Result<_>>()?;
    let text = match asked.format {
        TagFormat::Cli => tags::commands(&taggings),
        TagFormat::Terraform => tags::terraform(&taggings),
    };
    output::bytes(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Fine)
}

/// Values by the name of a tag without its prefix.
type Values = BTreeMap<String, BTreeSet<String>>;

fn of_scope(scope: &NamedScope) -> Values {
    let binding = scope.binding();
    let texts = |values: &[Box<str>]| values.iter().map(ToString::to_string).collect();
    let mut wanted: Values = binding
        .scope
        .iter()
        .map(|(input, values)| (input.replace('_', "-"), texts(values)))
        .collect();
    wanted.insert("regions".to_owned(), texts(&binding.regions));
    wanted.insert("assumed-by".to_owned(), texts(&binding.assumed_by));
    wanted.insert("external-id".to_owned(), texts(&binding.external_ids));
    let accounts = binding.worker_accounts.iter().map(ToString::to_string);
    wanted.insert("worker-account".to_owned(), accounts.collect());
    for (condition, answer) in &binding.answers {
        let answer = if answer.yes { "yes" } else { "no" };
        wanted.insert(condition.to_string(), [answer.to_owned()].into());
    }
    wanted.retain(|_, values| !values.is_empty());
    wanted
}

/// A user or role by its name.
type Target<'t> = (PrincipalKind, &'t str);

/// Whom a binding means: those in the listing, or else the one that it names.
fn targets<'t>(
    asked: &'t str,
    ids: &[String],
    inventory: Option<&'t Inventory>,
    catalog: &Catalog,
) -> anyhow::Result<Vec<Target<'t>>> {
    if let Some(inventory) = inventory {
        let wanted = pattern(asked);
        let found = inventory.principals.iter().map(|one| &one.arn);
        let found = found.filter(|arn| wanted.matches(arn.as_str()));
        let found: Vec<Target<'_>> = found.map(|arn| (arn.kind(), arn.name())).collect();
        if found.is_empty() {
            audit::principals::all(inventory, asked)?;
        }
        return Ok(found);
    }
    if asked.contains(['*', '?']) {
        return Err(UsageError(format!(
            "`{asked}` may mean several: --auth-details or --snapshot says whom"
        ))
        .into());
    }
    if asked.starts_with("arn:") {
        let arn: PrincipalArn = asked.parse()?;
        let name = asked.rsplit('/').next().unwrap_or(asked);
        return Ok(vec![(arn.kind(), name)]);
    }
    let mut kinds = BTreeSet::new();
    for id in ids {
        match find(catalog, id)?.principal {
            Holder::User => kinds.extend([PrincipalKind::User]),
            Holder::Role => kinds.extend([PrincipalKind::Role]),
            Holder::Either => {}
        }
    }
    match kinds.into_iter().collect::<Vec<_>>().as_slice() {
        [kind] => Ok(vec![(*kind, asked)]),
        _ => Err(UsageError(format!(
            "nothing says whether `{asked}` is a user or a role: give its ARN, or a listing by --auth-details"
        ))
        .into()),
    }
}

/// The tags of one principal. A command replaces the value of a tag, so what stands there already stays in it.
fn tagging(
    (kind, name): Target<'_>,
    mut wanted: Values,
    prefix: &str,
    inventory: Option<&Inventory>,
) -> anyhow::Result<Tagging> {
    let mut principals = inventory.into_iter().flat_map(|all| &all.principals);
    let known = principals.find(|one| one.arn.kind() == kind && one.arn.name() == name);
    for (tag, values) in &mut wanted {
        // Of several versions or answers one holds.
        if tag != "product-version" && values.iter().all(|one| one != "yes" && one != "no") {
            values.extend(known.into_iter().flat_map(|one| there(one, prefix, tag)));
        }
    }
    let mut tags = BTreeMap::new();
    for (tag, values) in wanted {
        for (number, value) in chunks(&tag, &values)?.into_iter().enumerate() {
            let count = match number {
                0 => String::new(),
                more => format!(":{}", more + 1),
            };
            tags.insert(format!("{prefix}{tag}{count}"), value);
        }
    }
    Ok(Tagging {
        kind,
        name: name.to_owned(),
        tags,
    })
}

/// The values that a tag and those that continue it have.
fn there(principal: &Principal, prefix: &str, tag: &str) -> Vec<String> {
    let tags = principal.tags.iter().filter(|(key, _)| {
        let rest = key
            .strip_prefix(prefix)
            .and_then(|key| key.strip_prefix(tag));
        rest.is_some_and(|rest| {
            let count = rest.strip_prefix(':');
            rest.is_empty() || count.is_some_and(|count| count.parse::<u32>().is_ok())
        })
    });
    let values = tags.flat_map(|(_, value)| value.split_ascii_whitespace());
    values.map(str::to_owned).collect()
}

/// Values with blanks between, in so many tags as they need.
fn chunks(tag: &str, values: &BTreeSet<String>) -> Result<Vec<String>, UsageError> {
    let mut chunks: Vec<String> = Vec::new();
    for value in values {
        let fits = |letter: char| letter.is_alphanumeric() || "_.:/=+-@".contains(letter);
        if !value.chars().all(fits) || value.chars().count() > LONGEST_VALUE {
            return Err(UsageError(format!(
                "`{value}` cannot stand in the tag `{tag}`, which takes at most {LONGEST_VALUE} letters, digits and _.:/=+-@: bind it in the settings, under [[bind]]"
            )));
        }
        match chunks.last_mut() {
            Some(last) if last.chars().count() + 1 + value.chars().count() <= LONGEST_VALUE => {
                last.push(' ');
                last.push_str(value);
            }
            _ => chunks.push(value.clone()),
        }
    }
    Ok(chunks)
}

/// Tells who looks like Veeam's and bears no tag, and what each is likely for.
fn propose(saved: &SavedAccount, catalog: &Catalog, settings: &Settings) -> anyhow::Result<Exit> {
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    let environment = Saved {
        inventory: Arc::clone(&saved.inventory),
        service_control: iam::simulator::ServiceControl::default(),
        resources: Arc::clone(&saved.resources),
    };
    let asked = Asked::new(catalog, settings, now);
    let found = wait(suggest(&asked, &environment))?.map_err(not_looked)?;
    output::people(|pen| {
        if found.is_empty() {
            return pen.text(
                0,
                anstyle::Style::new(),
                "No untagged user or role has a name that matches `looks-like-veeam`. If Veeam uses users or roles with other names, bind them with --bind PRINCIPAL=SET, or add a pattern to `looks-like-veeam` in the settings.",
            );
        }
        for suggestion in &found {
            let palette = pen.palette;
            let who = name(&suggestion.principal);
            let text = format!("{who} has a name like Veeam's and no tag");
            pen.text(0, palette.strong, &text)?;
            pen.text(2, anstyle::Style::new(), &why(suggestion))?;
            let set = suggestion.likely.as_ref().map_or("SET", |one| &one.set);
            let bind = format!("--bind {}={set}", suggestion.principal);
            let at_once = format!("permdrift audit {bind}");
            pen.hanging(2, "Try:", palette.doing, &at_once)?;
            let command = format!("permdrift tag {bind}");
            pen.hanging(2, "Do:", palette.doing, &command)?;
        }
        Ok(())
    })?;
    Ok(Exit::Fine)
}

/// What speaks for the set.
fn why(suggestion: &Suggestion) -> String {
    let Some(likely) = &suggestion.likely else {
        return "neither its policies nor its name show what it is for; `permdrift catalog list` shows all sets".to_owned();
    };
    let actions = counted(likely.actions, "action");
    let mut text = format!(
        "likely {}: its policies allow {} of {actions}",
        likely.set, likely.allowed
    );
    if !likely.words.is_empty() {
        text.push_str(&format!(
            ", and its name has {}",
            likely.words.join(" and ")
        ));
    }
    text
}
