//! Terminal output of the catalog: lists, single action sets, and the changes of an upgrade.
//!
//! In: action sets. Out: text. Sets may be written by users, so their texts are made plain.

use std::collections::BTreeSet;
use std::io;

use anstyle::Style;
use catalog::{
    ActionSet, Catalog, Grant, Lifetime, Need, ProductVersion, SetAction, SetDiff, SetId,
};

use crate::screen::columns::{Cell, Columns, Head};
use crate::screen::pen::Pen;
use crate::words::plain::plain;

/// One line per set.
///
/// # Errors
/// If writing fails.
pub fn list(pen: &mut Pen<'_>, catalog: &Catalog, version: ProductVersion) -> io::Result<()> {
    let heads = vec![
        Head {
            title: "ACTION SET",
            shrinks: false,
        },
        Head {
            title: "FOR",
            shrinks: false,
        },
        Head {
            title: "LEVEL",
            shrinks: false,
        },
        Head {
            title: "ACTIONS",
            shrinks: false,
        },
        Head {
            title: "TITLE",
            shrinks: true,
        },
    ];
    let mut table = Columns::new(heads);
    for set in catalog.sets() {
        table.row(vec![
            Cell::styled(plain(set.id.as_str()), pen.palette.strong),
            Cell::new(set.principal.as_str()),
            Cell::new(set.severity.as_str()),
            Cell::new(format!("{:>7}", set.actions_for(version).count())),
            Cell::new(plain(&set.title)),
        ]);
    }
    let terminal = pen.terminal;
    let faint = pen.palette.faint;
    table.write(pen.out(), 0, terminal, faint)
}

/// One set with its own actions in a version.
///
/// # Errors
/// If writing fails.
pub fn show(
    pen: &mut Pen<'_>,
    catalog: &Catalog,
    set: &ActionSet,
    version: ProductVersion,
) -> io::Result<()> {
    let strong = pen.palette.strong;
    writeln!(
        pen.out(),
        "{strong}{}{strong:#}  {}",
        plain(set.id.as_str()),
        plain(&set.title)
    )?;
    let mut said = |label: &str, text: &str| pen.hanging(2, label, Style::new(), &plain(text));
    said("Does:", &set.operation)?;
    said(
        &format!("Breaks without it ({}):", set.severity),
        &set.impact,
    )?;
    said("Held by:", &holder(set))?;
    if let Some(condition) = &set.when {
        said(
            "Needed if:",
            &format!(
                "{} ({condition})",
                catalog.condition(condition).unwrap_or_default()
            ),
        )?;
    }
    for (label, ids) in [
        ("Adds to:", &set.extends),
        ("Or else:", &set.alternatives),
        ("Needs one of:", &set.needs_one_of),
    ] {
        if !ids.is_empty() {
            said(label, &joined(ids))?;
        }
    }
    for (label, text) in trust(set, version) {
        said(label, &text)?;
    }
    for note in &set.notes {
        said("Note:", note)?;
    }
    for source in &set.sources {
        let mut details = Vec::new();
        details.extend(source.version.map(|version| version.to_string()));
        details.extend(source.date.clone());
        details.extend(source.build.as_ref().map(|build| format!("build {build}")));
        said(
            "Source:",
            &format!("{} ({})", source.page, details.join(", ")),
        )?;
    }
    pen.blank()?;
    actions(pen, catalog, set, version)
}

/// What a version change brings, set by set; sets without a change are only counted.
///
/// # Errors
/// If writing fails.
pub fn diff(
    pen: &mut Pen<'_>,
    from: ProductVersion,
    to: ProductVersion,
    sets: &[(&ActionSet, SetDiff<'_>)],
) -> io::Result<()> {
    let palette = pen.palette;
    let mut first = true;
    for (set, diff) in sets.iter().filter(|(_, diff)| !diff.is_empty()) {
        if !std::mem::take(&mut first) {
            pen.blank()?;
        }
        let strong = palette.strong;
        writeln!(
            pen.out(),
            "{strong}{}{strong:#}  {}, {from} to {to}",
            plain(set.id.as_str()),
            plain(&set.title)
        )?;
        let names = |actions: &[&iam::ActionName]| -> Vec<String> {
            actions.iter().map(|name| needed(set, name)).collect()
        };
        let services = |services: &[&str]| -> Vec<String> {
            services
                .iter()
                .map(|name| format!("trust {}", plain(name)))
                .collect()
        };
        for (sign, style, lines) in [
            ('+', palette.bad, names(&diff.newly_needed)),
            ('+', palette.bad, services(&diff.newly_trusted)),
            ('-', palette.faint, names(&diff.no_longer_needed)),
            ('-', palette.faint, services(&diff.no_longer_trusted)),
        ] {
            for line in lines {
                writeln!(pen.out(), "  {style}{sign} {line}{style:#}")?;
            }
        }
    }
    let same = sets.iter().filter(|(_, diff)| diff.is_empty()).count();
    match (first, same) {
        (_, 0) => Ok(()),
        (true, 1) => pen.text(
            0,
            Style::new(),
            &format!("Nothing changes from {from} to {to}."),
        ),
        (true, _) => pen.text(0, Style::new(), &format!("Nothing changes in {same} sets.")),
        (false, 1) => pen.heading("Nothing changes in 1 other set."),
        (false, _) => pen.heading(&format!("Nothing changes in {same} other sets.")),
    }
}

/// An action, and when it is needed if that is not always.
fn needed(set: &ActionSet, name: &iam::ActionName) -> String {
    let need = set
        .actions
        .iter()
        .find(|action| action.name == *name)
        .map(|action| &action.need);
    match need {
        None | Some(Need::Required) => plain(name.as_str()).into_owned(),
        Some(Need::Optional { reason }) => format!("{}  {}", plain(name.as_str()), plain(reason)),
        Some(Need::Conditional { condition }) => {
            format!("{}  if {}", plain(name.as_str()), plain(condition))
        }
    }
}

fn holder(set: &ActionSet) -> String {
    let lifetime = match set.lifetime {
        Lifetime::Standing => "all the time",
        Lifetime::Transient => "for one occasion only",
    };
    let grant = match set.grant {
        Grant::IdentityPolicy => "",
        Grant::KeyPolicy => "; granted in the policy of the KMS key",
        Grant::NotAws => "; granted in the IAM of the storage vendor, not in AWS",
    };
    format!("{}, {lifetime}{grant}", set.principal)
}

fn trust(set: &ActionSet, version: ProductVersion) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let services: Vec<&str> = set.trusted_services_for(version).collect();
    if !services.is_empty() {
        lines.push(("Trusts:", services.join(", ")));
    }
    if set.trust.appliance {
        lines.push((
            "Assumed by:",
            "the backup appliance: its Impersonation role or its account".to_owned(),
        ));
    }
    if set.instance_profile {
        lines.push(("Needs:", "an instance profile".to_owned()));
    }
    lines
}

fn actions(
    pen: &mut Pen<'_>,
    catalog: &Catalog,
    set: &ActionSet,
    version: ProductVersion,
) -> io::Result<()> {
    let mut table = Columns::new(vec![
        Head {
            title: "ACTION",
            shrinks: false,
        },
        Head {
            title: "NEEDED",
            shrinks: false,
        },
        Head {
            title: "SCOPE",
            shrinks: false,
        },
        Head {
            title: "SINCE",
            shrinks: false,
        },
        Head {
            title: "REMARK",
            shrinks: true,
        },
    ]);
    let palette = pen.palette;
    let mut number = 0;
    let mut conditions: BTreeSet<&str> = BTreeSet::new();
    for action in set.actions_for(version) {
        number += 1;
        let (need, style) = match &action.need {
            Need::Required => ("always", Style::new()),
            Need::Conditional { condition } => {
                conditions.insert(condition);
                ("if", palette.unknown)
            }
            Need::Optional { .. } => ("optional", palette.faint),
        };
        table.row(vec![
            Cell::new(plain(action.name.as_str())),
            Cell::styled(need, style),
            Cell::new(action.scope.as_deref().unwrap_or_default()),
            Cell::new(action.versions.since.map_or("", ProductVersion::as_str)),
            Cell::styled(remark(action), palette.faint),
        ]);
    }
    let title = if number == 1 {
        format!("1 action in {version}")
    } else {
        format!("{number} actions in {version}")
    };
    pen.text(0, palette.strong, &title)?;
    let terminal = pen.terminal;
    table.write(pen.out(), 2, terminal, palette.faint)?;
    for condition in conditions {
        let question = catalog.condition(condition).unwrap_or_default();
        pen.hanging(2, &format!("{condition}:"), Style::new(), question)?;
    }
    Ok(())
}

fn remark(action: &SetAction) -> String {
    let mut parts = Vec::new();
    match &action.need {
        Need::Required => {}
        Need::Optional { reason } => parts.push(plain(reason).into_owned()),
        Need::Conditional { condition } => {
            parts.push(plain(condition).into_owned());
        }
    }
    if let Some(printed) = &action.printed {
        parts.push(format!("printed as {}", plain(printed)));
    }
    if !action.api_operations.is_empty() {
        parts.push(format!("for {}", plain(&action.api_operations.join(", "))));
    }
    if let Some(until) = action.versions.until {
        parts.push(format!("until {until}"));
    }
    parts.join("; ")
}

fn joined(ids: &[SetId]) -> String {
    let ids: Vec<&str> = ids.iter().map(SetId::as_str).collect();
    ids.join(", ")
}
