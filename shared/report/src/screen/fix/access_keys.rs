//! What is wrong with the access keys of a user, which no policy mends.

use std::io;

use audit::assessment::KeyFault;
use audit::fix::Fix;

use crate::screen::pen::Pen;
use crate::words::plain::plain;

pub(super) fn write(pen: &mut Pen<'_>, fix: &Fix) -> io::Result<()> {
    let Some(faults) = fix.keys.as_ref().filter(|faults| !faults.is_empty()) else {
        return Ok(());
    };
    let palette = pen.palette;
    pen.heading("Access keys")?;
    for fault in faults {
        let (what, how) = key_words(fault);
        pen.text(2, palette.bad, &what)?;
        pen.hanging(4, "Do:", palette.doing, how)?;
    }
    Ok(())
}

fn key_words(fault: &KeyFault) -> (String, &'static str) {
    match fault {
        KeyFault::None => (
            "The user has no access key".to_owned(),
            "Make one with `aws iam create-access-key`, and give it to Veeam.",
        ),
        KeyFault::Inactive => (
            "No access key of the user is active".to_owned(),
            "Find out who switched it off, then switch it on, or make a new one and give it to Veeam.",
        ),
        KeyFault::Two => (
            "Two access keys are active".to_owned(),
            "Find out by their last use which one Veeam has, and switch the other off.",
        ),
        KeyFault::Old { suffix, days } => (
            format!("{} is {days} days old", the_key(suffix)),
            "Make a second one, give it to Veeam, then delete the old one.",
        ),
        KeyFault::Unused { suffix, days } => (
            format!("{} has not been used for {days} days", the_key(suffix)),
            "Find out whether Veeam has another one; if nobody uses this one, delete it.",
        ),
        KeyFault::AgeUnknown { suffix } => (
            format!("{} does not say since when it is", the_key(suffix)),
            "Make a second one, give it to Veeam, then delete this one.",
        ),
    }
}

/// The credential report does not name the keys.
fn the_key(suffix: &str) -> String {
    match suffix {
        "" => "An access key".to_owned(),
        suffix => format!("The access key …{}", plain(suffix)),
    }
}
