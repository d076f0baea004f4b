//! The static part of the page: head, summary, and empty elements that the script fills.
//!
//! In: the view, the style sheet, the script, the policy. Out: HTML with a placeholder for the data.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::html::embed::{DATA, generator, grouped, head, time};
use crate::organization::standing::AccountStanding;
use crate::organization::view::{OrganizationView, Tally, UnreadFile};
use crate::organization::words::{ages, of_account, of_unread, unseen};
use crate::words::counted::counted;
use crate::words::plain::plain;

/// So many files that could not be read are named.
const UNREAD: usize = 50;

pub(super) fn page(view: &OrganizationView<'_>, style: &str, script: &str, policy: &str) -> String {
    let of = match view.name {
        // What stands for the data stands for nothing else.
        Some(name) => format!("organization {}", plain(name).replace(DATA, "")),
        None => counted(view.rows.len(), "account"),
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("Permission drift of {of}"), style, policy))
            body {
                a .skip href="#accounts" { "Skip to the accounts" }
                div .page {
                    header .top {
                        h1 { "Permission drift " span { (of) } }
                        p .when {
                            "Reported " (time(view.at))
                            @if let Some(saved) = view.saved { "; accounts and SCPs as saved at " (time(saved)) }
                        }
                    }
                    main {
                        (sum(view))
                        p #no-such .alarm role="alert" hidden { "The link names an account that is not in this report." }
                        noscript {
                            p .alarm { "The list of accounts needs the script of this page. Open the file in a browser that runs scripts, or take one of the other formats." }
                        }
                        (places())
                    }
                    footer {
                        p { (generator()) ". This page holds all its data and loads nothing." }
                    }
                }
                (DATA)
                script { (PreEscaped(script)) }
            }
        }
    }
    .into_string()
}

/// What a reader must know who reads nothing else.
fn sum(view: &OrganizationView<'_>) -> Markup {
    let not_audited = view.count(AccountStanding::NotAudited);
    html! {
        section .sum aria-labelledby="sum-title" {
            h2 #sum-title .away { "Summary" }
            div {
                p .lead { (lead(view)) }
                @if let Some(ages) = ages(view) { p { (ages) } }
                @if !view.unread.is_empty() { (unread(view.unread)) }
                @if not_audited > 0 {
                    p .alarm .bad {
                        strong { (counted(not_audited, "account")) @if not_audited == 1 { " was" } @else { " were" } " not audited. " }
                        "Nothing is known of " @if not_audited == 1 { "it" } @else { "them" } ": neither compliant nor drifted."
                    }
                }
            }
            div {
                div .bar aria-hidden="true" {
                    @for standing in AccountStanding::WORST_FIRST {
                        @if view.count(standing) > 0 {
                            i .(standing.as_str()) data-share=(view.count(standing)) {}
                        }
                    }
                }
                div .tiles {
                    @for standing in AccountStanding::WORST_FIRST { (tile(view, standing)) }
                }
                p .sums {
                    (grouped(view.principals.all())) " principals: " (tally(&view.principals)) ". "
                    (grouped(view.requirements.all())) " requirements: " (tally(&view.requirements)) "."
                }
            }
        }
    }
}

/// Files whose account nobody knows.
fn unread(files: &[UnreadFile]) -> Markup {
    html! {
        div .alarm .bad role="alert" {
            strong { (counted(files.len(), "file")) " could not be read. " }
            "Of which " @if files.len() == 1 { "account it is" } @else { "accounts they are" } " is not known, so the numbers on this page are without "
            @if files.len() == 1 { "it." } @else { "them." }
            ul { @for file in files.iter().take(UNREAD) { li { (of_unread(file)) } } }
            @if files.len() > UNREAD { p { "And " (files.len() - UNREAD) " more." } }
        }
    }
}

fn tile(view: &OrganizationView<'_>, standing: AccountStanding) -> Markup {
    let mark = match standing {
        AccountStanding::Drifted => "✕",
        AccountStanding::NotAudited => "!",
        AccountStanding::Undetermined => "?",
        AccountStanding::CompliantNotChecked => "✓",
        AccountStanding::NobodyBound => "–",
        AccountStanding::Compliant => "✓",
    };
    html! {
        button .tile type="button" aria-pressed="false" data-standing=(standing.as_str()) {
            b { span .mark .(standing.as_str()) aria-hidden="true" { (mark) } (grouped(view.count(standing))) }
            span {
                (of_account(standing))
                @if standing == AccountStanding::Drifted && view.muted > 0 { " (" (grouped(view.muted)) " muted)" }
            }
        }
    }
}

fn tally(tally: &Tally) -> String {
    let compliant = tally.compliant + tally.not_checked;
    let not_checked = match tally.not_checked {
        0 => String::new(),
        number => format!(" ({} not all checked)", grouped(number)),
    };
    let muted = match tally.muted {
        0 => String::new(),
        number => format!(" ({} muted)", grouped(number)),
    };
    format!(
        "{} drifted{muted}, {} undetermined, {} compliant{not_checked}",
        grouped(tally.drifted),
        grouped(tally.undetermined),
        grouped(compliant),
    )
}

fn lead(view: &OrganizationView<'_>) -> String {
    let all = view.rows.len();
    let drifted = view.count(AccountStanding::Drifted);
    let unknown = view.count(AccountStanding::Undetermined);
    let not_audited = view.count(AccountStanding::NotAudited);
    if all == 0 {
        return "There is no account in this report.".to_owned();
    }
    let of = |number: usize| match all {
        1 => "The account".to_owned(),
        _ => format!("{} of {} accounts", grouped(number), grouped(all)),
    };
    let mut said = match drifted {
        0 => "No account is known to have drifted.".to_owned(),
        1 => format!("{} has drifted.", of(1)),
        number => format!("{} have drifted.", of(number)),
    };
    match view.muted {
        0 => {}
        muted if muted == drifted => said.push_str(" All of that is muted."),
        1 => said.push_str(" In one of them all of it is muted."),
        muted => said.push_str(&format!(
            " In {} of them all of it is muted.",
            grouped(muted)
        )),
    }
    if unknown > 0 {
        said.push_str(&format!(" {} could not be determined.", grouped(unknown)));
    }
    if drifted + unknown + not_audited + view.unread.len() == 0 {
        return match view.count(AccountStanding::NobodyBound) == all {
            true => "Nothing was checked: nobody is bound to an action set.".to_owned(),
            false => said_of_part(
                view,
                "Every policy that was checked allows what Veeam needs.",
            ),
        };
    }
    said_of_part(view, &said)
}

/// The same, with what nobody looked at.
fn said_of_part(view: &OrganizationView<'_>, said: &str) -> String {
    let besides = unseen(view).into_iter();
    besides.fold(said.to_owned(), |said, more| said + " " + &more)
}

/// What the script fills.
fn places() -> Markup {
    html! {
        section #causes aria-labelledby="causes-title" hidden {
            h2 #causes-title { "One cause, several accounts" }
            p { "A statement of a policy above the accounts is repaired once. Choose one to see the accounts that it hits." }
            ul .list {}
        }
        section #accounts aria-labelledby="accounts-title" hidden {
            h2 #accounts-title { "Accounts" }
            p .screen-only { "The worst first. Open one for its principals and findings." }
            div .tools role="search" {
                label .grow { "Search" input #search type="search" autocomplete="off" placeholder="Account, name, principal, action set, finding"; }
                label { "Verdict" select #standing {
                    option value="" { "All" }
                    @for standing in AccountStanding::WORST_FIRST {
                        option value=(standing.as_str()) { (of_account(standing)) }
                    }
                } }
                label #below-label hidden { "Below" select #below { option value="" { "All" } } }
                label { "Sort" select #sort {
                    option value="worst" { "Worst first" }
                    option value="drifted" { "Most principals drifted" }
                    option value="account" { "Account" }
                    option value="name" { "Name" }
                } }
                button #reset type="button" { "Reset" }
            }
            p #status .status role="status" {}
            div #rows .accounts {}
            p #nothing .none hidden { "No account matches." }
        }
    }
}
