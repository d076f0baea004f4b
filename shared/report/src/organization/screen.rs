//! What a terminal shows of an organisation: its accounts, worst first, what hits several of them, and the totals as the last line.
//!
//! Of many accounts those that are well are counted and not listed. The worst accounts are shown with their worst findings, the others
//! that do not stand well with one finding each; an export holds everything.

mod why;

use std::io;
use std::iter::Sum;

use anstyle::Style;
use audit::{Event, EventKind, Level};

use crate::audit_report::{is_better, is_now_checked};
use crate::organization::age::Age;
use crate::organization::standing::AccountStanding;
use crate::organization::view::{AccountRow, OrganizationView};
use crate::organization::words::{
    about, ages, brief, cause, of_account, of_unread, sum, tally, title, who,
};
use crate::screen::columns::{Cell, Columns, Head};
use crate::screen::pen::Pen;
use crate::words::counted::counted;
use crate::words::plain::plain;

/// So many accounts are listed whatever they are; of more, those that are well are only counted.
const FEW: usize = 40;
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
    /// What has changed; `None` where there is nothing to compare with.
    pub changes: Option<AccountChanges>,
}

/// Which accounts are listed.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Only those that stand so; `None`: all.
    pub only: Option<Vec<AccountStanding>>,
    /// Only those with a finding at this level or above, and those that may have one because not all is known of them.
    pub severity: Option<Level>,
}

/// What has changed since an earlier audit of each account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// Findings that are new or worse.
    pub worse: usize,
    /// Those that are better or over; not those that nobody looks at any more.
    pub better: usize,
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
    let text = format!(
        "{}: {}, {} bound to action sets, {}.",
        title(view),
        counted(view.rows.len(), "account"),
        counted(view.principals.all(), "principal"),
        counted(view.requirements.all(), "requirement"),
    );
    pen.text(0, Style::new(), &text)?;
    if let Some(ages) = ages(view) {
        pen.text(0, pen.palette.faint, &ages)?;
    }
    match screen.detail {
        AccountDetail::Whole => {
            accounts(pen, screen)?;
            let bad = view.rows.iter();
            let bad = bad.filter(|row| screen.filter.takes(row) && !row.standing.is_well());
            why::write(pen, bad)?;
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
    let changes = match screen.changes {
        None => String::new(),
        Some(AccountChanges { worse, better }) => {
            format!(" Since the baselines: {worse} worse, {better} better.")
        }
    };
    let of_principals = format!(
        "Principals: {}. Requirements: {}.{changes}",
        tally(&view.principals),
        tally(&view.requirements)
    );
    pen.text(0, pen.palette.faint, &of_principals)?;
    pen.text(0, Style::new(), &sum(view))
}

impl AccountChanges {
    /// Counts what became of the findings of one account. Notices do not count, nor does what only this release checks.
    pub fn add(&mut self, events: &[Event]) {
        let events = events.iter();
        let events =
            events.filter(|event| event.finding.level > Level::Notice && !is_now_checked(event));
        for event in events {
            match event.kind {
                EventKind::Opened | EventKind::Worsened => self.worse += 1,
                kind if is_better(kind) => self.better += 1,
                EventKind::Eased | EventKind::Resolved(_) | EventKind::Reminded => {}
            }
        }
    }
}

impl Screen<'_> {
    /// Whether accounts that are well are left out: there are many, and nobody said which to list.
    fn is_short(&self) -> bool {
        self.filter.is_all() && self.view.rows.len() > FEW
    }
}

impl<'a> Sum<&'a Self> for AccountChanges {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            worse: sum.worse + one.worse,
            better: sum.better + one.better,
        })
    }
}

impl AccountFilter {
    fn takes(&self, row: &AccountRow<'_>) -> bool {
        let only = self.only.as_ref();
        only.is_none_or(|only| only.contains(&row.standing))
            && self
                .severity
                .is_none_or(|least| row.level >= Some(least) || may_be_of_any_level(row))
    }

    fn is_all(&self) -> bool {
        self.only.is_none() && self.severity.is_none()
    }
}

/// Whether what is not known of an account may be as bad as anything.
fn may_be_of_any_level(row: &AccountRow<'_>) -> bool {
    row.failure().is_some() || row.found.is_ok_and(|found| !found.unseen.is_empty())
}

/// The heads of the table; `name` is the one of the accounts' names, where any has one.
fn heads(name: Option<&'static str>) -> Vec<Head> {
    let titles = ["VERDICT", "LEVEL", "AGE", "ACCOUNT"].into_iter();
    let titles = titles.chain(name).chain(["WHAT"]);
    titles
        .map(|title| Head {
            title,
            shrinks: Some(title) == name,
        })
        .collect()
}

fn accounts(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let rows = &screen.view.rows;
    let is_short = screen.is_short();
    let listed: Vec<&AccountRow<'_>> = rows
        .iter()
        .filter(|row| screen.filter.takes(row) && !(is_short && row.standing.is_well()))
        .collect();
    let has_names = listed.iter().any(|row| row.name().is_some());
    let mut table = Columns::new(heads(has_names.then_some("NAME")));
    for row in &listed {
        let name = has_names.then(|| Cell::new(plain(row.name().unwrap_or_default())));
        let mut cells = vec![
            Cell::styled(verdict(row.standing), style(pen, row.standing)),
            level(pen, row),
            Cell::new(row.age.map_or_else(String::new, Age::brief)),
            Cell::new(row.account.to_string()),
        ];
        cells.extend(name);
        cells.push(Cell::new(what(row)));
        table.row(cells);
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
            let star = "* not all checked: policies of keys, buckets or vaults, trust policies, SCPs, RCPs, access keys, or a binding that matches nobody";
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
    hidden(pen, screen, &listed)
}

/// How many accounts are not listed, and how many of these were not audited.
fn hidden(pen: &mut Pen<'_>, screen: &Screen<'_>, listed: &[&AccountRow<'_>]) -> io::Result<()> {
    let hidden = screen.view.rows.len() - listed.len();
    if hidden == 0 {
        return Ok(());
    }
    let is_not_audited = |row: &AccountRow<'_>| row.standing == AccountStanding::NotAudited;
    let shown = listed.iter().filter(|row| is_not_audited(row)).count();
    let besides = match screen.view.count(AccountStanding::NotAudited) - shown {
        0 => String::new(),
        number => format!(", of which {number} {} not audited", were(number)),
    };
    let text = match screen.is_short() {
        true => format!(
            "{} that {} compliant or without anybody bound: not listed here (`--only compliant` lists them).",
            counted(hidden, "account"),
            if hidden == 1 { "is" } else { "are" },
        ),
        false => format!(
            "{} not shown{besides}; the counts below are of all.",
            counted(hidden, "account")
        ),
    };
    pen.blank()?;
    pen.text(0, pen.palette.faint, &text)
}

fn were(number: usize) -> &'static str {
    match number {
        1 => "was",
        _ => "were",
    }
}

/// What stands behind a verdict, where there is little room.
fn what(row: &AccountRow<'_>) -> String {
    brief(row).unwrap_or_else(|| "see below".to_owned())
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
        let age = match row.age {
            None => String::new(),
            Some(age) => format!(", age {}", age.brief()),
        };
        pen.text(2, Style::new(), &format!("{}{age}", what(row)))?;
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
        (AccountStanding::Drifted, None | Some(Level::Notice)) if row.is_muted => {
            Cell::styled("muted", pen.palette.faint)
        }
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
