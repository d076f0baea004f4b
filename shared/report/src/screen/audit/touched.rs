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
    let text = match touched.bound.len() {
        0 => format!("{events}: no principal that is bound to action sets was touched."),
        number => format!(
            "{events} touched {} bound to action sets:",
            counted(number, "principal")
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
    Ok(())
}

/// Such as `DetachRolePolicy at 2026-11-28T10:00:00Z by arn:aws:iam::111122223333:user/alice`.
fn call(event: &TrailEvent) -> String {
    let who = event.actor.arn.as_deref();
    let who = who.map_or("somebody whom the event does not name".into(), plain);
    format!("{} at {} by {who}", plain(&event.call), event.at)
}
