//! Terminal output of the drift between two audits: which principals changed, and which policies?
//!
//! In: two audits and their difference. Out: paragraphs, worst first. Principals with the same changes share one.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use anstyle::Style;
use audit::drift::people::{PrincipalChange, PrincipalChangeKind};
use audit::drift::policies::{PolicyChange, Presence};
use audit::drift::{About, AuditSummary, BindingFault, State, TopicChange};
use audit::{Judgement, Level};
use serde_json::{Map, Value};

use crate::screen::actions::LISTED;
use crate::screen::palette::Palette;
use crate::screen::pen::Pen;
use crate::words::cause::list;
use crate::words::counted::counted;
use crate::words::coverage::name;
use crate::words::drift::{Compared, Turn, not_audited, reason, remark, turn};
use crate::words::layers::checked;
use crate::words::plain::plain;

/// So many statements are held against each other: no policy that IAM takes has more, and no other is worth the time.
const COMPARED: usize = 10_000;

/// Writes what is different.
///
/// # Errors
/// If writing fails.
pub fn write(pen: &mut Pen<'_>, compared: &Compared<'_>) -> io::Result<()> {
    let account = compared.after.account;
    let strong = pen.palette.strong;
    let title = format!("Account {account}: what changed for whom");
    pen.text(0, strong, &title)?;
    let drift = compared.drift;
    for (shared, whose) in shared(pen, &drift.changes)? {
        paragraph(pen, &shared, &whose)?;
    }
    if drift.changes.is_empty() {
        pen.text(2, Style::new(), "nothing")?;
    }
    if !drift.new_faults.is_empty() || !drift.old_faults.is_empty() {
        pen.heading("Tags and bindings that cannot be followed")?;
        for (turn, faults) in [
            (Turn::Better, &drift.old_faults),
            (Turn::Worse, &drift.new_faults),
        ] {
            for one in faults {
                fault(pen, turn, one)?;
            }
        }
    }
    if let Some(listings) = compared.listings {
        if !listings.principals.is_empty() {
            pen.heading("Users and roles")?;
            for one in &listings.principals {
                principal(pen, one)?;
            }
        }
        pen.heading("What changed in policies of users, roles and groups")?;
        for one in &listings.policies {
            policy(pen, one)?;
        }
        if listings.policies.is_empty() {
            pen.text(2, Style::new(), "nothing")?;
        }
    }
    pen.blank()?;
    summary(pen, compared)
}

/// What several principals may share: everything but who they are.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shared {
    level: Reverse<Level>,
    /// The worst of it.
    turn: Turn,
    what: String,
    /// As it stands on the screen.
    body: Vec<u8>,
}

fn shared(pen: &Pen<'_>, changes: &[TopicChange]) -> io::Result<BTreeMap<Shared, Vec<String>>> {
    let mut shared: BTreeMap<Shared, Vec<String>> = BTreeMap::new();
    for change in changes {
        let mut body = Vec::new();
        write_body(&mut Pen::new(&mut body, pen.palette, pen.terminal), change)?;
        let title = plain(&change.title);
        let mut what = match &change.topic.about {
            About::Set(set) => format!("{}, {title}", plain(set)),
            About::AccessKeys | About::Excess => title.into_owned(),
        };
        if let Some((before, after)) = &change.versions {
            what.push_str(&format!(
                ", {} before and {} after",
                plain(before),
                plain(after)
            ));
        }
        let key = Shared {
            level: Reverse(change.level),
            turn: worst(change),
            what,
            body,
        };
        let who = change.topic.principal.as_ref();
        let who = who.map_or_else(|| "the root user".to_owned(), name);
        shared.entry(key).or_default().push(who);
    }
    Ok(shared)
}

fn worst(change: &TopicChange) -> Turn {
    let about = &change.topic.about;
    let steps = change.items.iter().map(|item| turn(about, item).0);
    let remark = remark(change.kind, about).map(|(turn, _)| turn);
    steps.chain(remark).min().unwrap_or(Turn::Neither)
}

fn paragraph(pen: &mut Pen<'_>, shared: &Shared, whose: &[String]) -> io::Result<()> {
    let Reverse(level) = shared.level;
    let who = whose.join(", ");
    pen.blank()?;
    pen.text(2, pen.palette.strong, &who)?;
    pen.text(2, Style::new(), &format!("{} ({level})", shared.what))?;
    pen.out().write_all(&shared.body)
}

fn sign(turn: Turn, palette: Palette) -> (&'static str, Style) {
    match turn {
        Turn::Worse => ("-", palette.bad),
        Turn::Unsure => ("?", palette.unknown),
        Turn::Neither => ("·", Style::new()),
        Turn::Better => ("+", palette.good),
    }
}

/// Names of items, by the place where they were asked about.
type Places<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn write_body(pen: &mut Pen<'_>, change: &TopicChange) -> io::Result<()> {
    let about = &change.topic.about;
    if let Some((turn, text)) = remark(change.kind, about) {
        let (sign, style) = sign(turn, pen.palette);
        pen.hanging(4, sign, style, text)?;
    }
    // Alike but for their names.
    let mut groups: BTreeMap<(Turn, &str, Cow<'_, str>), Places<'_>> = BTreeMap::new();
    for item in &change.items {
        let (turn, word) = turn(about, item);
        let because = match item.is {
            State::NotAsked | State::Holds => "".into(),
            State::OnlyOn | State::IfNeeded | State::Unknown | State::Missing => {
                reason(&item.reason)
            }
        };
        let places = groups.entry((turn, word, because)).or_default();
        let names = places.entry(&item.item.place).or_default();
        names.push(&item.item.name);
    }
    for ((turn, word, because), places) in groups {
        let (sign, style) = sign(turn, pen.palette);
        let mut text = word.to_owned();
        if !because.is_empty() {
            text.push_str(&format!(": {}", plain(&because)));
        }
        pen.hanging(4, sign, style, &text)?;
        // Places where the same was asked share the names.
        let mut shared: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (place, names) in places {
            shared.entry(names).or_default().push(place);
        }
        for (names, places) in shared {
            if names.len() > LISTED {
                pen.text(8, Style::new(), &by_service(&names))?;
            } else {
                let names: Vec<_> = names.into_iter().map(plain).collect();
                pen.names(8, names.iter().map(AsRef::as_ref))?;
            }
            let places = list(places.into_iter().filter(|place| !place.is_empty()));
            if !places.is_empty() {
                let on = match about {
                    About::Set(_) if places.starts_with("arn:") => "on",
                    About::Set(_) => "in",
                    About::AccessKeys => "key",
                    About::Excess => "by",
                };
                pen.text(10, pen.palette.faint, &format!("{on} {places}"))?;
            }
        }
    }
    Ok(())
}

/// How many actions of each service.
fn by_service(names: &[&str]) -> String {
    let mut services: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        let service = name.split_once(':').map_or(*name, |(service, _)| service);
        *services.entry(service).or_default() += 1;
    }
    let counts = services
        .iter()
        .map(|(service, number)| format!("{} {number}", plain(service)));
    let counts: Vec<_> = counts.collect();
    format!("{}; --output json names them", counts.join(", "))
}

fn fault(pen: &mut Pen<'_>, turn: Turn, fault: &BindingFault) -> io::Result<()> {
    let (sign, style) = sign(turn, pen.palette);
    let text = format!(
        "{}, {}: {}",
        name(&fault.principal),
        plain(&fault.place),
        plain(&fault.text)
    );
    pen.hanging(2, sign, style, &text)
}

fn principal(pen: &mut Pen<'_>, change: &PrincipalChange) -> io::Result<()> {
    let who = name(&change.arn);
    let (turn, text) = match &change.kind {
        PrincipalChangeKind::Appeared => {
            (Turn::Better, format!("{who} is not in the earlier listing"))
        }
        PrincipalChangeKind::Vanished => {
            (Turn::Worse, format!("{who} is not in the later listing"))
        }
        PrincipalChangeKind::Renamed(was) => (
            Turn::Neither,
            format!("{who} was {} before", plain(was.as_str())),
        ),
        PrincipalChangeKind::MadeAnew => (
            Turn::Unsure,
            format!(
                "{who} was deleted and made anew: policies elsewhere that named the old one do not mean this one"
            ),
        ),
    };
    let (sign, style) = sign(turn, pen.palette);
    pen.hanging(2, sign, style, &text)
}

fn policy(pen: &mut Pen<'_>, change: &PolicyChange) -> io::Result<()> {
    let palette = pen.palette;
    let remark = match change.presence {
        Presence::Both => "",
        Presence::Appeared => " (not in the earlier listing)",
        Presence::Vanished => " (not in the later listing)",
    };
    let place = format!("{}{remark}", plain(&change.place));
    pen.text(2, palette.strong, &place)?;
    if let Some(reason) = &change.unreadable {
        pen.hanging(4, "?", palette.unknown, &plain(reason))?;
    }
    let (pairs, removed, added) = pair(&change.removed, &change.added);
    for one in pairs {
        let text = format!("~ {}: {}", Value::Object(one.rest), one.list);
        writeln!(pen.out(), "    {}", plain(&text))?;
        for (turn, values) in [(Turn::Worse, one.removed), (Turn::Better, one.added)] {
            if !values.is_empty() {
                let (sign, style) = sign(turn, palette);
                pen.hanging(6, sign, style, &list(values.into_iter()))?;
            }
        }
    }
    for (turn, entries) in [(Turn::Worse, removed), (Turn::Better, added)] {
        let (sign, style) = sign(turn, palette);
        for entry in entries {
            let text = entry
                .as_str()
                .map_or_else(|| entry.to_string(), str::to_owned);
            // One line each, however long, so that it can be copied.
            writeln!(pen.out(), "    {style}{sign} {}{style:#}", plain(&text))?;
        }
    }
    Ok(())
}

/// Two statements that are the same but for the values of one list: a long policy that lost one action.
struct Pair<'a> {
    /// What they share.
    rest: Map<String, Value>,
    /// Such as `Action`.
    list: &'a str,
    removed: Vec<&'a str>,
    added: Vec<&'a str>,
}

/// The statements that were only changed, and the others.
fn pair<'a>(
    removed: &'a [Value],
    added: &'a [Value],
) -> (Vec<Pair<'a>>, Vec<&'a Value>, Vec<&'a Value>) {
    let mut new: Vec<&Value> = added.iter().collect();
    if removed.len().saturating_mul(added.len()) > COMPARED {
        return (Vec::new(), removed.iter().collect(), new);
    }
    let mut pairs = Vec::new();
    let mut gone = Vec::new();
    for was in removed {
        let found = new
            .iter()
            .enumerate()
            .filter_map(|(at, is)| Some((at, differ_in_one(was, is)?)))
            .min_by_key(|(_, pair)| pair.removed.len() + pair.added.len());
        match found {
            Some((at, pair)) => {
                new.remove(at);
                pairs.push(pair);
            }
            None => gone.push(was),
        }
    }
    (pairs, gone, new)
}

fn differ_in_one<'a>(was: &'a Value, is: &'a Value) -> Option<Pair<'a>> {
    let (was, is) = (was.as_object()?, is.as_object()?);
    if was.len() != is.len() {
        return None;
    }
    let mut differing = was
        .iter()
        .filter(|(key, value)| is.get(*key) != Some(value));
    let (list, before) = differing.next()?;
    let (before, after) = (before.as_array()?, is.get(list)?.as_array()?);
    if differing.next().is_some() {
        return None;
    }
    let only = |these: &'a [Value], those: &'a [Value]| {
        let those: BTreeSet<&str> = those.iter().filter_map(Value::as_str).collect();
        let these = these.iter().filter_map(Value::as_str);
        these.filter(|value| !those.contains(value)).collect()
    };
    let mut rest = was.clone();
    rest.remove(list);
    Some(Pair {
        rest,
        list,
        removed: only(before, after),
        added: only(after, before),
    })
}

fn summary(pen: &mut Pen<'_>, compared: &Compared<'_>) -> io::Result<()> {
    for about in &compared.drift.one_sided {
        let what = match about {
            About::AccessKeys => "access keys",
            About::Excess => "what principals can do beyond their action sets",
            About::Set(_) => "action sets",
        };
        let text = format!("Only one of the two looked at {what}.");
        pen.text(0, pen.palette.unknown, &text)?;
    }
    for (label, audit) in [("Before:", compared.before), ("After:", compared.after)] {
        for what in &audit.not_audited {
            let text = format!("not seen: {}", plain(&not_audited(what)));
            pen.hanging(0, label, pen.palette.unknown, &text)?;
        }
    }
    let words = |audit: &AuditSummary| {
        let number = |judgement| audit.count(judgement);
        format!(
            "{} ({} compliant, {} drifted, {} undetermined)",
            counted(audit.sets().count(), "requirement"),
            number(Judgement::Compliant),
            number(Judgement::Drifted),
            number(Judgement::Undetermined),
        )
    };
    let (before, after) = (compared.before, compared.after);
    pen.hanging(0, "Before:", Style::new(), &words(before))?;
    pen.hanging(0, "After:", Style::new(), &words(after))?;
    let faint = pen.palette.faint;
    let read = |audit: &AuditSummary| match &audit.layers {
        Some(read) => checked(read),
        None => "the audit does not say.".to_owned(),
    };
    if before.layers == after.layers {
        return pen.text(0, faint, &format!("Checked: {}", read(after)));
    }
    pen.text(0, faint, &format!("Checked before: {}", read(before)))?;
    pen.text(0, faint, &format!("Checked after: {}", read(after)))
}
