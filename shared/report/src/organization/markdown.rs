//! The report of an organisation as GitHub Markdown, for tickets, job summaries and chats.
//!
//! In: the view. Out: how many accounts stand how, what hits several of them, a table of the accounts worst first, and the findings of the
//! worst. What does not fit is counted. The text is not versioned. Text from accounts is escaped as in the report of one.

use std::io::{self, Write};

use audit::Level;

use crate::markdown::escape;
use crate::organization::standing::AccountStanding;
use crate::organization::view::{AccountRow, OrganizationView};
use crate::organization::words::{
    about, ages, cause, of_account, of_unread, path, sum, tally, title, who,
};
use crate::words::counted::counted;
use crate::words::layers::checked;

/// So many accounts have a row, and so many findings a line; GitHub cuts a summary at one megabyte.
const TOLD: usize = 200;
/// So many findings of one account have a line.
const OF_ONE: usize = 20;

/// Writes the page.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, view: &OrganizationView<'_>) -> io::Result<()> {
    match view.name {
        Some(_) => writeln!(out, "# Permission drift: {}\n", escape(&title(view)))?,
        None => writeln!(
            out,
            "# Permission drift of {}\n",
            counted(view.rows.len(), "account")
        )?,
    }
    writeln!(out, "**{}**\n", escape(&sum(view)))?;
    writeln!(
        out,
        "Principals: {}. Requirements: {}. {}.",
        tally(&view.principals),
        tally(&view.requirements),
        view.at.strftime("%Y-%m-%d %H:%M UTC")
    )?;
    if let Some(ages) = ages(view) {
        writeln!(out, "\n{}", escape(&ages))?;
    }
    if view.count(AccountStanding::NotAudited) > 0 {
        let text = "Of an account that was not audited nothing is known; it counts as neither compliant nor drifted.";
        writeln!(out, "\n{text}")?;
    }
    if !view.unread.is_empty() {
        writeln!(out, "\n## Not read: nobody knows of which account\n")?;
        for file in view.unread.iter().take(TOLD) {
            writeln!(out, "- {}", escape(&of_unread(file)))?;
        }
        rest(out, view.unread.len(), "file")?;
    }
    causes(out, view)?;
    table(out, view)?;
    findings(out, view)
}

fn causes(out: &mut dyn Write, view: &OrganizationView<'_>) -> io::Result<()> {
    if view.causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## One cause, several accounts\n")?;
    for one in view.causes.iter().take(TOLD) {
        let accounts: Vec<&str> = one.accounts.keys().map(iam::AccountId::as_str).collect();
        let shown = accounts.get(..OF_ONE).unwrap_or(&accounts);
        let more = match accounts.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(
            out,
            "- {}: {}. {}{more}",
            one.level,
            escape(&cause(one)),
            shown.join(", ")
        )?;
    }
    rest(out, view.causes.len(), "cause")
}

fn table(out: &mut dyn Write, view: &OrganizationView<'_>) -> io::Result<()> {
    writeln!(out, "\n## Accounts\n")?;
    writeln!(out, "| Verdict | Level | Account | Where | What |")?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    for row in view.rows.iter().take(TOLD) {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            of_account(row.standing),
            level(row),
            escape(&who(row)),
            escape(&path(row)),
            escape(&about(row)),
        )?;
    }
    rest(out, view.rows.len(), "account")
}

fn level(row: &AccountRow<'_>) -> &'static str {
    match (row.standing, row.level) {
        (AccountStanding::Drifted, None | Some(Level::Notice)) if row.is_muted => "muted",
        (AccountStanding::Drifted | AccountStanding::Undetermined, Some(level)) => level.as_str(),
        (
            AccountStanding::Drifted
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited
            | AccountStanding::CompliantNotChecked
            | AccountStanding::NobodyBound
            | AccountStanding::Compliant,
            _,
        ) => "",
    }
}

fn findings(out: &mut dyn Write, view: &OrganizationView<'_>) -> io::Result<()> {
    let mut left = TOLD;
    for row in &view.rows {
        let Ok(summary) = row.found else { continue };
        let mut findings: Vec<_> = summary
            .findings
            .values()
            .filter(|finding| finding.level > Level::Notice)
            .collect();
        let has_unseen = !summary.unseen.is_empty();
        if (findings.is_empty() && !has_unseen) || left == 0 {
            continue;
        }
        findings.sort_by_key(|one| (one.muted.is_some(), std::cmp::Reverse(one.level)));
        writeln!(out, "\n## {}\n", escape(&who(row)))?;
        writeln!(
            out,
            "{}\n",
            escape(&format!("Checked: {}", checked(&summary.layers)))
        )?;
        for unseen in summary.unseen.iter().take(OF_ONE) {
            writeln!(out, "- not seen: {}", escape(unseen))?;
        }
        let told = findings.len().min(OF_ONE).min(left);
        for finding in findings.iter().take(told) {
            let muted = if finding.muted.is_some() {
                " (muted)"
            } else {
                ""
            };
            writeln!(
                out,
                "- {}{muted}: {}. {}",
                finding.level,
                escape(&finding.title),
                escape(&finding.causes.join("; ")),
            )?;
        }
        if findings.len() > told {
            writeln!(out, "- and {} more", findings.len() - told)?;
        }
        left -= told;
    }
    match left {
        0 => writeln!(out, "\n*The other formats hold all findings.*"),
        _ => Ok(()),
    }
}

fn rest(out: &mut dyn Write, all: usize, what: &str) -> io::Result<()> {
    match all.saturating_sub(TOLD) {
        0 => Ok(()),
        more => writeln!(
            out,
            "\n*And {}; the other formats hold them all.*",
            counted(more, &format!("more {what}"))
        ),
    }
}
