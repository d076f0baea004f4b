//! The remarks below the requirements: access keys, tags, coverage, changes, mutes.
//!
//! A remark about many principals is printed once and names the first few.

use std::collections::BTreeMap;
use std::io;

use audit::assessment::{Coverage, Danger, KeyFault, Keys};
use audit::finding::{EventKind, Resolution};
use audit::mute::{MuteNote, MuteNoteKind};
use audit::requirement::BindFault;
use audit::{Code, Event, Level};
use iam::PrincipalArn;
use iam::inventory::Gap;

use super::content::Screen;
use super::notices::notices;
use super::remark::{Remark, section};
use crate::audit_report::is_now_checked;
use crate::screen::pen::Pen;
use crate::words::cause::list;
use crate::words::counted::counted;
use crate::words::coverage::{self, name};
use crate::words::plain::plain;

pub(super) fn write(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let assessment = screen.assessment;
    let coverage = &assessment.coverage;
    let palette = pen.palette;
    section(
        pen,
        "Access keys",
        palette.bad,
        assessment.keys.iter().filter_map(|one| keys(one, screen)),
    )?;
    section(
        pen,
        "Tags and bindings",
        palette.bad,
        assessment.faults.iter().map(fault),
    )?;
    not_seen(pen, screen)?;
    section(
        pen,
        "More than the action sets need",
        palette.bad,
        excess(screen).into_iter(),
    )?;
    let notices = notices(screen);
    section(
        pen,
        "Worth knowing",
        palette.strong,
        notices.chain(worth_knowing(coverage)),
    )?;
    section(pen, "Mutes", palette.strong, screen.mutes.iter().map(mute))?;
    let changes = screen.events.into_iter().flatten().filter_map(change);
    section(pen, "Since the baseline", palette.strong, changes)
}

/// What the audit could not look at.
pub(super) fn not_seen(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let assessment = screen.assessment;
    let unread = unread_keys(&assessment.keys);
    let gaps = gaps(&assessment.coverage);
    let unknown = pen.palette.unknown;
    section(pen, "Not seen", unknown, gaps.chain(unread))
}

/// Tags that could not be followed, and what was not seen.
pub(crate) fn section_of(pen: &mut Pen<'_>, faults: &[BindFault], lacks: &[Gap]) -> io::Result<()> {
    let palette = pen.palette;
    let tags = "Tags and bindings";
    section(pen, tags, palette.bad, faults.iter().map(fault))?;
    section(pen, "Not seen", palette.unknown, lacks.iter().map(gap))
}

fn keys(keys: &Keys, screen: &Screen<'_>) -> Option<Remark> {
    let mut faults: Vec<String> = keys.faults.iter().flatten().map(key_fault).collect();
    if faults.is_empty() {
        return None;
    }
    if let Some(mute) = screen.mute(&keys.principal, Code::AccessKey, "") {
        faults.push(format!("muted: {}", plain(mute)));
    }
    Some(Remark::new(format!(
        "{} ({}): {}",
        name(&keys.principal),
        keys.fault_level(),
        faults.join(", ")
    )))
}

fn key_fault(fault: &KeyFault) -> String {
    let key = |suffix: &str| match suffix {
        "" => "an access key".to_owned(),
        suffix => format!("access key …{}", plain(suffix)),
    };
    match fault {
        KeyFault::None => "has no access key".to_owned(),
        KeyFault::Inactive => "has no active access key".to_owned(),
        KeyFault::Two => "has two active access keys".to_owned(),
        KeyFault::Old { suffix, days } => format!("{} is {days} days old", key(suffix)),
        KeyFault::Unused { suffix, days } => {
            format!("{} has not been used for {days} days", key(suffix))
        }
        KeyFault::AgeUnknown { suffix } => format!("{} is of unknown age", key(suffix)),
    }
}

/// One remark a danger, worst first, with those it is about.
fn excess(screen: &Screen<'_>) -> Vec<Remark> {
    let mut whose: BTreeMap<&Danger, Vec<&PrincipalArn>> = BTreeMap::new();
    for excess in screen.assessment.excess.iter().flatten() {
        let muted = screen.mute(&excess.principal, Code::ExcessAccess, "");
        if muted.is_none() {
            for danger in &excess.dangers {
                let who = whose.entry(danger).or_default();
                who.push(&excess.principal);
            }
        }
    }
    let remark = |(danger, who): (&Danger, Vec<&PrincipalArn>)| {
        let text = match danger {
            Danger::Administrator { policy } => {
                format!("may do anything at all, by {}", plain(policy))
            }
            Danger::Escalation(way) => format!("{}, by {}", way.words, way.actions.join(" and ")),
            Danger::Wildcard { what, policy } => {
                format!(
                    "may use {} on everything, by {}",
                    plain(what),
                    plain(policy)
                )
            }
        };
        Remark::about(text, who.into_iter().map(name))
    };
    whose.into_iter().map(remark).collect()
}

fn unread_keys(keys: &[Keys]) -> Option<Remark> {
    let unread: Vec<&Keys> = keys.iter().filter(|keys| keys.faults.is_none()).collect();
    (!unread.is_empty()).then(|| {
        let text = format!(
            "the access keys of {}: the listing holds none; --credential-report does",
            counted(unread.len(), "user")
        );
        Remark::about(text, unread.into_iter().map(|keys| name(&keys.principal)))
    })
}

fn fault(fault: &BindFault) -> Remark {
    let what = fault.kind.to_string();
    Remark::new(format!(
        "{}, {}: {}",
        name(&fault.principal),
        plain(&fault.place),
        plain(&what)
    ))
}

fn gaps(coverage: &Coverage) -> impl Iterator<Item = Remark> {
    let gaps = coverage.gaps.iter().map(gap);
    let late = (!coverage.not_reached.is_empty()).then(|| {
        let names = coverage.not_reached.iter().map(name);
        Remark::about("not checked, because the time was up".to_owned(), names)
    });
    let touched = coverage.touched.iter();
    let events = touched.flat_map(|touched| &touched.faults);
    let events = events.map(|fault| Remark::new(coverage::event_fault(fault)));
    gaps.chain(late).chain(events)
}

fn gap(gap: &Gap) -> Remark {
    Remark::new(match gap {
        Gap::Truncated => "the rest of the listing: it says that it goes on, and its next page is not there; list the account without --max-items".to_owned(),
        Gap::Item { .. } | Gap::Part { .. } => coverage::gap(gap),
    })
}

/// What concerns nobody in particular; only where everybody was looked at.
fn worth_knowing(coverage: &Coverage) -> impl Iterator<Item = Remark> {
    let whole = coverage.selection.is_all();
    let lookalikes = coverage.lookalikes.len();
    let lookalikes = (whole && lookalikes > 0).then(|| {
        let text = if lookalikes == 1 {
            "1 principal has a name like Veeam's but no tag, so it was not checked (`permdrift tag` proposes tags)".to_owned()
        } else {
            format!("{lookalikes} principals have names like Veeam's but no tag, so they were not checked (`permdrift tag` proposes tags)")
        };
        Remark::about(text, coverage.lookalikes.iter().map(name))
    });
    let unused = (whole && !coverage.unused_bindings.is_empty()).then(|| {
        let unused = list(coverage.unused_bindings.iter().map(AsRef::as_ref));
        Remark::new(format!("bindings that matched no principal: {unused}"))
    });
    lookalikes.into_iter().chain(unused)
}

fn mute(note: &MuteNote) -> Remark {
    let what = match &note.kind {
        MuteNoteKind::EndsSoon(when) => format!("ends soon, on {}", day(*when)),
        MuteNoteKind::Ended(when) => {
            format!("ended on {}; its findings are shown again", day(*when))
        }
        MuteNoteKind::NoDate(found) => {
            format!("has `{}` for a date and counts as ended", plain(found))
        }
        MuteNoteKind::NotKnown(_) | MuteNoteKind::NoAccount(_) | MuteNoteKind::Unused => {
            crate::words::message::mute(note)
        }
    };
    Remark::new(format!(
        "{} (owner: {}) {what}",
        plain(&note.mute),
        plain(&note.owner)
    ))
}

/// Whether a change is listed and counted: a notice is neither.
pub(super) fn is_listed(event: &Event) -> bool {
    event.finding.level != Level::Notice
}

fn change(event: &Event) -> Option<Remark> {
    let finding = &event.finding;
    let (what, items) = match event.kind {
        EventKind::Opened | EventKind::Worsened if is_now_checked(event) => {
            ("now checked, may be old", finding.items.len())
        }
        EventKind::Opened => ("new", finding.items.len()),
        EventKind::Worsened => ("worse", event.items.len()),
        EventKind::Eased => ("better", event.items.len()),
        EventKind::Resolved(Resolution::Healthy) => ("gone", 0),
        EventKind::Resolved(Resolution::Left) => ("no longer checked", 0),
        EventKind::Reminded => return None,
    };
    if !is_listed(event) {
        return None;
    }
    let who = finding
        .principal
        .as_ref()
        .map_or_else(|| "the account".to_owned(), name);
    let mut text = format!("{what}: {}, {who}", finding.code);
    if !finding.set.is_empty() {
        text.push_str(&format!(", {}", plain(&finding.set)));
    }
    if items > 0 {
        text.push_str(&format!(" ({})", counted(items, "item")));
    }
    if let Some(mute) = &event.muted {
        text.push_str(&format!("; muted: {}", plain(mute)));
    }
    Some(Remark::new(text))
}

fn day(when: jiff::Timestamp) -> String {
    when.strftime("%Y-%m-%d").to_string()
}
