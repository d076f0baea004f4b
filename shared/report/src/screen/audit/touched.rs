//! Which calls touched the principals that an audit of trail events looked at.

use std::io;

use anstyle::Style;
use audit::events::{Touched, TrailEvent};

use crate::screen::pen::Pen;
use crate::words::counted::counted;
use crate::words::coverage::name;
use crate::words::plain::plain;

/// So many calls of one principal are named.
const NAMED: usize = 8;

pub(super) fn write(pen: &mut Pen<'_>, touched: &Touched) -> io::Result<()> {
    let faint = pen.palette.faint;
    pen.blank()?;
    let events = counted(touched.events, "trail event");
    let bound = |number| format!("{} bound to action sets", counted(number, "principal"));
    let text = match (touched.bound.len(), touched.not_asked) {
        (0, 0) => format!("{events}: no principal that is bound to action sets was touched."),
        (0, 1) => format!("{events} touched {}, which was not asked for.", bound(1)),
        (0, others) => format!(
            "{events} touched {}, none of which was asked for.",
            bound(others)
        ),
        (number, 0) => format!("{events} touched {}:", bound(number)),
        (number, others) => format!(
            "{events} touched {}, and {others} more that {} not asked for:",
            bound(number),
            if others == 1 { "was" } else { "were" },
        ),
    };
    pen.text(0, Style::new(), &text)?;
    for (principal, events) in &touched.bound {
        pen.text(2, Style::new(), &name(principal))?;
        for event in events.iter().take(NAMED) {
            pen.hanging(4, "-", Style::new(), &call(event))?;
        }
        let more = events.len().saturating_sub(NAMED);
        if more > 0 {
            pen.text(6, faint, &format!("and {more} more"))?;
        }
    }
    if touched.elsewhere > 0 {
        let elsewhere = counted(touched.elsewhere, "event");
        let text = format!("{elsewhere} recorded in other accounts passed over.");
        pen.text(0, faint, &text)?;
    }
    if !touched.not_listed.is_empty() {
        let names = touched.not_listed.iter().take(NAMED);
        let names: Vec<String> = names
            .map(|one| format!("{} {}", one.what, plain(&one.name)))
            .collect();
        let more = match touched.not_listed.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let text = format!(
            "Named by events and not in the listing, so that nobody knows whether they were bound: {}{more}.",
            names.join(", ")
        );
        pen.text(0, Style::new(), &text)?;
    }
    Ok(())
}

/// Such as `DetachRolePolicy at 2026-11-28T10:00:00Z by arn:aws:iam::111122223333:user/alice`.
fn call(event: &TrailEvent) -> String {
    let who = event.actor.arn.as_deref();
    let who = who.map_or("somebody whom the event does not name".into(), plain);
    format!("{} at {} by {who}", plain(&event.call), event.at)
}
