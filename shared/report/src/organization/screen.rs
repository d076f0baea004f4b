//! What a terminal shows of an organisation: its accounts worst first, what hits several of them, and how many stand how as the last line.
//!
//! Of many accounts those that are well are counted and not listed. Findings are told of the worst accounts; an export holds them all.

use std::cmp::Reverse;
use std::io;

use anstyle::Style;
use audit::Level;

use crate::organization::standing::AccountStanding;
use crate::organization::view::{AccountRow, OrganizationView};
use crate::organization::words::{about, brief, cause, of_account, of_unread, sum, tally, who};
use crate::screen::columns::{Cell, Columns, Head};
use crate::screen::pen::Pen;
use crate::words::counted::counted;
use crate::words::plain::plain;

/// So many accounts are listed whatever they are; of more, those that are well are only counted.
const FEW: usize = 40;
/// So many accounts have their findings told, and so many findings of each.
const TOLD: usize = 10;
const OF_ONE: usize = 5;
/// So many accounts are named behind a cause.
const NAMED: usize = 6;

/// What the screen shows.
#[derive(Debug)]
pub struct Screen<'a> {
    /// The organisation.
    pub view: &'a OrganizationView<'a>,
    /// Which accounts are listed; the counts are of all.
    pub filter: AccountFilter,
    /// How much is told.
    pub detail: AccountDetail,
}

/// Which accounts are listed.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Only those that stand so; `None`: all.
    pub only: Option<Vec<AccountStanding>>,
    /// Only those with a finding at this level or above.
    pub severity: Option<Level>,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountDetail {
    /// Accounts, causes and counts.
    Whole,
    /// Causes and counts.
    Summary,
}

/// Writes the screen.
///
/// # Errors
/// If writing fails.
pub fn write(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let view = screen.view;
    let subject = match view.name {
        Some(name) => format!("Organization {}", plain(name)),
        None => "Several accounts".to_owned(),
    };
    let text = format!(
        "{subject}: {}, {} bound to action sets, {}.",
        counted(view.rows.len(), "account"),
        counted(view.principals.all(), "principal"),
        counted(view.requirements.all(), "requirement"),
    );
    pen.text(0, Style::new(), &text)?;
    match screen.detail {
        AccountDetail::Whole => {
            accounts(pen, screen)?;
            findings(pen, screen)?;
        }
        AccountDetail::Summary => {}
    }
    causes(pen, view)?;
    if !view.unread.is_empty() {
        pen.heading("Not read, so that nobody knows of which account it is")?;
        for file in view.unread {
            pen.hanging(2, "-", pen.palette.bad, &of_unread(file))?;
        }
    }
    pen.blank()?;
    let of_principals = format!(
        "Principals: {}. Requirements: {}.",
        tally(&view.principals),
        tally(&view.requirements)
    );
    pen.text(0, pen.palette.faint, &of_principals)?;
    pen.text(0, Style::new(), &sum(view))
}

impl AccountFilter {
    fn takes(&self, row: &AccountRow<'_>) -> bool {
        let only = self.only.as_ref();
        only.is_none_or(|only| only.contains(&row.standing))
            && self.severity.is_none_or(|least| row.level >= Some(least))
    }

    fn is_all(&self) -> bool {
        self.only.is_none() && self.severity.is_none()
    }
}

fn is_well(standing: AccountStanding) -> bool {
    match standing {
        AccountStanding::Compliant
        | AccountStanding::NobodyBound
        | AccountStanding::CompliantNotChecked => true,
        AccountStanding::Undetermined | AccountStanding::NotAudited | AccountStanding::Drifted => {
            false
        }
    }
}

const HEADS: [Head; 4] = [
    Head {
        title: "VERDICT",
        shrinks: false,
    },
    Head {
        title: "LEVEL",
        shrinks: false,
    },
    Head {
        title: "ACCOUNT",
        shrinks: true,
    },
    Head {
        title: "WHAT",
        shrinks: false,
    },
];

fn accounts(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let rows = &screen.view.rows;
    let is_short = screen.filter.is_all() && rows.len() > FEW;
    let listed: Vec<&AccountRow<'_>> = rows
        .iter()
        .filter(|row| screen.filter.takes(row) && !(is_short && is_well(row.standing)))
        .collect();
    let mut table = Columns::new(HEADS.to_vec());
    for row in &listed {
        table.row(vec![
            Cell::styled(verdict(row.standing), style(pen, row.standing)),
            level(pen, row),
            Cell::new(who(row)),
            Cell::new(brief(row).unwrap_or_else(|| "see below".to_owned())),
        ]);
    }
    if !listed.is_empty() {
        pen.blank()?;
        let (terminal, faint) = (pen.terminal, pen.palette.faint);
        match table.fits(0, terminal) {
            true => table.write(pen.out(), 0, terminal, faint)?,
            false => stacked(pen, &listed)?,
        }
        let mut starred = listed.iter();
        if starred.any(|row| row.standing == AccountStanding::CompliantNotChecked) {
            let star = "* policies of keys, buckets or vaults, or access keys, not checked";
            pen.text(0, faint, star)?;
        }
    }
    let untold = listed.iter().filter(|row| brief(row).is_none());
    let untold: Vec<&&AccountRow<'_>> = untold.collect();
    if !untold.is_empty() {
        pen.heading("Why accounts were not audited")?;
        for row in untold {
            pen.hanging(
                2,
                "-",
                Style::new(),
                &format!("{}: {}", who(row), about(row)),
            )?;
        }
    }
    let hidden = rows.len() - listed.len();
    if hidden == 0 {
        return Ok(());
    }
    let text = match is_short {
        true => format!(
            "{} that {} compliant or without anybody bound: not listed here (`--only compliant` lists them).",
            counted(hidden, "account"),
            if hidden == 1 { "is" } else { "are" },
        ),
        false => format!(
            "{} not shown; the counts below are of all.",
            counted(hidden, "account")
        ),
    };
    pen.blank()?;
    pen.text(0, pen.palette.faint, &text)
}

/// Two lines an account, for a terminal too narrow for the table.
fn stacked(pen: &mut Pen<'_>, rows: &[&AccountRow<'_>]) -> io::Result<()> {
    for row in rows {
        let style = style(pen, row.standing);
        let level = level(pen, row).text;
        let level = match level.is_empty() {
            true => String::new(),
            false => format!(" ({level})"),
        };
        let standing = verdict(row.standing);
        writeln!(pen.out(), "{style}{standing}{style:#}{level}: {}", who(row))?;
        let what = brief(row).unwrap_or_else(|| "see below".to_owned());
        pen.text(2, Style::new(), &what)?;
    }
    Ok(())
}

/// In a few letters, with a star that a line below explains.
fn verdict(standing: AccountStanding) -> &'static str {
    match standing {
        AccountStanding::CompliantNotChecked => "compliant *",
        AccountStanding::Compliant
        | AccountStanding::NobodyBound
        | AccountStanding::Undetermined
        | AccountStanding::NotAudited
        | AccountStanding::Drifted => of_account(standing),
    }
}

fn style(pen: &Pen<'_>, standing: AccountStanding) -> Style {
    let palette = pen.palette;
    match standing {
        AccountStanding::Drifted | AccountStanding::NotAudited => palette.bad,
        AccountStanding::Undetermined => palette.unknown,
        AccountStanding::CompliantNotChecked | AccountStanding::Compliant => palette.good,
        AccountStanding::NobodyBound => palette.faint,
    }
}

fn level(pen: &Pen<'_>, row: &AccountRow<'_>) -> Cell<'static> {
    match (row.standing, row.level) {
        (AccountStanding::Drifted | AccountStanding::Undetermined, Some(level)) => {
            Cell::styled(level.as_str(), pen.palette.level(level))
        }
        (
            AccountStanding::Drifted
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited
            | AccountStanding::CompliantNotChecked
            | AccountStanding::NobodyBound
            | AccountStanding::Compliant,
            _,
        ) => Cell::new(""),
    }
}

/// The findings of the worst accounts.
fn findings(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let bad = screen
        .view
        .rows
        .iter()
        .filter(|row| screen.filter.takes(row));
    let bad: Vec<&AccountRow<'_>> = bad.filter(|row| !is_well(row.standing)).collect();
    let mut untold = 0;
    for (at, row) in bad.into_iter().enumerate() {
        let Ok(summary) = row.found else { continue };
        let mut findings: Vec<_> = summary
            .findings
            .values()
            .filter(|finding| finding.level > Level::Notice && finding.muted.is_none())
            .collect();
        if findings.is_empty() && summary.unseen.is_empty() {
            continue;
        }
        if at >= TOLD {
            untold += 1;
            continue;
        }
        findings.sort_by_key(|finding| Reverse(finding.level));
        pen.heading(&who(row))?;
        for unseen in summary.unseen.iter().take(OF_ONE) {
            pen.hanging(2, "-", pen.palette.unknown, &format!("not seen: {unseen}"))?;
        }
        for finding in findings.iter().take(OF_ONE) {
            let text = format!("{}: {}", finding.level, finding.title);
            pen.hanging(2, "-", Style::new(), &text)?;
        }
        let more =
            findings.len().saturating_sub(OF_ONE) + summary.unseen.len().saturating_sub(OF_ONE);
        if more > 0 {
            pen.text(4, pen.palette.faint, &format!("and {more} more"))?;
        }
    }
    if untold > 0 {
        pen.blank()?;
        let text = format!(
            "The findings of {}: `--export FILE.html` holds them all.",
            counted(untold, "more account")
        );
        pen.text(0, pen.palette.faint, &text)?;
    }
    Ok(())
}

fn causes(pen: &mut Pen<'_>, view: &OrganizationView<'_>) -> io::Result<()> {
    if view.causes.is_empty() {
        return Ok(());
    }
    pen.heading("One cause, several accounts")?;
    for one in &view.causes {
        pen.hanging(
            2,
            "-",
            Style::new(),
            &format!("{}: {}", one.level, cause(one)),
        )?;
        let accounts: Vec<&str> = one.accounts.keys().map(iam::AccountId::as_str).collect();
        let shown = accounts.get(..NAMED).unwrap_or(&accounts);
        let more = match accounts.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let text = format!("{}{more}", shown.join(", "));
        pen.text(4, pen.palette.faint, &text)?;
    }
    Ok(())
}
