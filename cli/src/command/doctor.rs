//! `permdrift doctor`: which permissions do these credentials lack for an audit, of this account or of an organisation's?

mod declared;
mod missing;
mod organization;

use std::io;
use std::time::Duration;

use aws::calls::CALLS;
use aws::{Check, Failure, Recording};
use report::Pen;
use report::words::plain::plain;
use tokio::time::Instant;

use crate::arguments::DoctorArguments;
use crate::exit::Exit;
use crate::live::{Live, RoleRefused};
use crate::output;
use missing::{count, is_missing, is_of_organization, is_unknown};

/// A person waits for the doctor, whatever AWS does: what it does not answer in time is not known.
const TO_CONNECT: Duration = Duration::from_secs(5);
/// Since the beginning, the calls that are tried.
const TO_EXAMINE: Duration = Duration::from_secs(11);
/// Since the beginning, with what is declared.
const IN_ALL: Duration = Duration::from_secs(14);

/// Tries the calls and tells.
///
/// # Errors
/// Where nothing could be tried, or nothing can be told.
pub(crate) fn run(asked: &DoctorArguments) -> anyhow::Result<Exit> {
    let mut outside = Vec::new();
    let mut recorded = None;
    let begun = Instant::now();
    let connected = Live::connect_within(&asked.aws, Some(TO_CONNECT));
    if let (true, Ok(live)) = (asked.organization, &connected) {
        return organization::run(asked, live, begun);
    }
    let checks = match connected {
        Ok(live) => {
            let mut checks = live.examine(begun + TO_EXAMINE);
            // Without a listing nobody knows what is declared, and that is told.
            if checks.first().is_some_and(|check| check.permitted.is_ok()) {
                match declared::outside(asked, &live, begun + IN_ALL)? {
                    Some(found) => outside = found,
                    None => checks.push(Check {
                        action: "what tags and settings declare",
                        on: None,
                        permitted: Err(Failure::TimedOut),
                    }),
                }
                recorded = Some(live.recording(begun + IN_ALL));
            }
            checks
        }
        Err(error) => match error.downcast::<RoleRefused>()? {
            RoleRefused {
                role,
                failure: failure @ Failure::Denied { .. },
            } => vec![Check {
                action: "sts:AssumeRole",
                on: Some(role),
                permitted: Err(failure),
            }],
            other => return Err(other.into()),
        },
    };
    output::people(|pen| {
        write(pen, &checks, &outside)?;
        recorded
            .iter()
            .try_for_each(|(region, recording)| write_recording(pen, region, recording))?;
        pen.blank()?;
        conclude(pen, &checks, &outside)
    })?;
    let missing = count(&checks, is_missing) + outside.len();
    let unknown = count(&checks, is_unknown);
    Ok(match (missing, unknown) {
        (0, 0) => Exit::Fine,
        (0, _) => Exit::Failed,
        (_, _) => Exit::Drift,
    })
}

fn write(pen: &mut Pen<'_>, checks: &[Check], outside: &[String]) -> io::Result<()> {
    for check in checks {
        let (word, style) = match &check.permitted {
            Ok(()) => ("granted", pen.palette.good),
            Err(Failure::Denied { .. }) if is_of_organization(check) => {
                ("not here", pen.palette.faint)
            }
            Err(Failure::Denied { .. }) => ("missing", pen.palette.bad),
            Err(_) => ("unknown", pen.palette.unknown),
        };
        let on = check.on.as_deref().map(|on| format!(" on {}", plain(on)));
        let why = CALLS.iter().find(|call| call.action == check.action);
        writeln!(
            pen.out(),
            "{style}{word}{style:#}  {}{}: {}",
            check.action,
            on.unwrap_or_default(),
            why.map_or("", |call| call.why)
        )?;
        if let Err(failure) = &check.permitted {
            pen.text(9, pen.palette.faint, &plain(&aws::chain(failure)))?;
        }
    }
    for one in outside {
        let (bad, text) = (pen.palette.bad, plain(one));
        writeln!(pen.out(), "{bad}missing{bad:#}  to read {text}")?;
        let why = "tags or settings declare it, and these credentials may not read it";
        pen.text(9, pen.palette.faint, why)?;
    }
    Ok(())
}

/// Whether audits on change can start. No audit on a schedule or by hand needs it, so nothing is missing without.
fn write_recording(pen: &mut Pen<'_>, region: &str, recording: &Recording) -> io::Result<()> {
    let (word, style, text) = match recording {
        Recording::By(trail) => (
            "recorded",
            pen.palette.good,
            format!("changes of IAM, in {region}: trail {}", plain(trail)),
        ),
        Recording::Nowhere => (
            "no trail",
            pen.palette.unknown,
            format!(
                "changes of IAM, in {region}: none records them, so none starts an audit on change"
            ),
        ),
        Recording::Unknown { action, .. } => (
            "unknown",
            pen.palette.unknown,
            format!("whether a trail records changes of IAM, in {region}: {action}"),
        ),
    };
    writeln!(pen.out(), "{style}{word}{style:#}  {text}")?;
    match recording {
        Recording::By(_) => Ok(()),
        Recording::Unknown { failure, .. } => {
            pen.text(9, pen.palette.faint, &plain(&aws::chain(failure)))
        }
        Recording::Nowhere => pen.text(
            9,
            pen.palette.faint,
            "To have one: `aws cloudtrail create-trail --name management --s3-bucket-name BUCKET --is-multi-region-trail`, then \
             `aws cloudtrail start-logging --name management`; docs/operations.md, \"Audits on change\". Scheduled audits need none.",
        ),
    }
}

fn conclude(pen: &mut Pen<'_>, checks: &[Check], outside: &[String]) -> io::Result<()> {
    let missing = count(checks, is_missing) + outside.len();
    let unknown = count(checks, is_unknown);
    match (missing, unknown) {
        (0, 0) => pen.text(0, pen.palette.good, "Nothing is missing for an audit."),
        (0, _) => pen.text(
            0,
            pen.palette.unknown,
            "It is not known whether anything is missing.",
        ),
        (_, _) => {
            pen.text(
                0,
                pen.palette.bad,
                "Permissions are missing: what they are for cannot be audited.",
            )?;
            pen.hanging(
                2,
                "Do:",
                pen.palette.doing,
                "Have these credentials granted what `permdrift print-policy` prints; in a stack, look at its parameters KeyArns, BucketArns and VaultArns.",
            )
        }
    }
}
