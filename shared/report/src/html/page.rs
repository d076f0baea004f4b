//! The static part of the HTML page: head, content security policy, summary, and empty elements that the script fills.
//!
//! In: an audit report, the style sheet, the script, the policy. Out: HTML with a placeholder for the data.

use audit::{Assessment, EventKind, Judgement, Level};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::audit_report::{AuditReport, is_better, is_now_checked};
use crate::html::embed::{DATA, generator, grouped, head, time};
use crate::words::coverage::{fewer_than_bound, of_which_unread, selected, with_requirements};
use crate::words::layers::layers;
use crate::words::plain::plain;
use crate::words::provenance::provenance;

pub(super) fn page(told: &AuditReport<'_>, style: &str, script: &str, policy: &str) -> String {
    let assessment = told.assessment;
    let account = assessment.account.as_str();
    let of = match selected(&assessment.coverage) {
        Some(_) => "part of account",
        None => "account",
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("Permission drift of {of} {account}"), style, policy))
            body {
                a .skip href="#map" { "Skip to the principals" }
                div .page {
                    header .top {
                        h1 { "Permission drift " span { (of) " " (account) } }
                        p .when { "Audited " (time(assessment.at)) }
                        @if let Some(from) = told.provenance { p .from { (provenance(from, assessment)) } }
                        nav aria-label="Parts of this page" hidden {
                            a href="#causes" { "Causes" }
                            a href="#map" { "Principals" }
                            a href="#since-list" { "Since the baseline" }
                            a href="#others" { "Besides" }
                            a href="#coverage" { "Coverage" }
                        }
                    }
                    main {
                        (sum(told))
                        p #no-such .alarm role="alert" hidden { "The link names something that is not in this report. It may be resolved, or be in a report of another day." }
                        (places(assessment))
                        noscript {
                            p .alarm { "The list of principals and its details need the script of this page. Open the file in a browser that runs scripts, or take one of the other formats." }
                        }
                    }
                    footer {
                        p { (generator()) ". This page holds all its data and loads nothing." }
                    }
                }
                dialog #sheet aria-labelledby="sheet-title" {}
                script #data type="application/json" { (DATA) }
                script { (PreEscaped(script)) }
            }
        }
    }
    .into_string()
}

/// What a reader must know who reads nothing else.
fn sum(told: &AuditReport<'_>) -> Markup {
    let assessment = told.assessment;
    let number = |judgement| assessment.count(judgement);
    let drifted = number(Judgement::Drifted);
    let undetermined = number(Judgement::Undetermined);
    let compliant = number(Judgement::Compliant);
    let bound = assessment.coverage.bound.len();
    let checked = with_requirements(assessment).count();
    html! {
        section .sum aria-labelledby="sum-title" {
            h2 #sum-title .away { "Summary" }
            div {
                @if let Some(selected) = selected(&assessment.coverage) { p .alarm { strong { (selected) } } }
                p .lead { (lead(assessment)) }
                @if let Some(failure) = &assessment.failure {
                    p .alarm .bad role="alert" { strong { "The audit failed. " } (plain(failure)) }
                } @else if !assessment.is_complete() {
                    p .alarm { strong { "This audit is incomplete. " } "Not everything could be read or decided; what was not read is unknown, not compliant. " a href="#coverage" { "What was not seen" } }
                }
            }
            div {
                div .bar aria-hidden="true" {}
                div .tiles {
                    (tile("drifted", "✕", drifted, "drifted"))
                    (tile("undetermined", "?", undetermined, "undetermined"))
                    (tile("compliant", "✓", compliant, &format!("compliant{}", of_which_unread(assessment))))
                    @if let Some(events) = told.events { (since(events)) }
                    div .tile {
                        b { (grouped(bound)) small { " of " (grouped(assessment.coverage.principals)) } }
                        span {
                            "principals are bound to action sets"
                            @if checked < bound { ", " (grouped(checked)) " of them checked" }
                        }
                    }
                }
            }
        }
    }
}

fn tile(class: &str, mark: &str, number: usize, word: &str) -> Markup {
    html! {
        button .tile type="button" aria-pressed="false" data-judgement=(class) {
            b { span .mark .(class) aria-hidden="true" { (mark) } (grouped(number)) }
            span { (word) }
        }
    }
}

fn since(events: &[audit::Event]) -> Markup {
    let now_checked = events.iter().filter(|event| is_now_checked(event)).count();
    let events = events.iter().filter(|event| !is_now_checked(event));
    let told =
        |kind: fn(EventKind) -> bool| events.clone().filter(|event| kind(event.kind)).count();
    let worse = told(|kind| matches!(kind, EventKind::Opened | EventKind::Worsened));
    let better = told(is_better);
    html! {
        div .tile {
            b { (grouped(worse)) small { " worse, " } (grouped(better)) small { " better" } }
            span {
                "since the baseline"
                @if now_checked > 0 { ", " (grouped(now_checked)) " now checked" }
            }
        }
    }
}

fn lead(assessment: &Assessment) -> String {
    let number = |judgement| assessment.count(judgement);
    let drifted = number(Judgement::Drifted);
    let undetermined = number(Judgement::Undetermined);
    let worst = assessment
        .verdicts
        .iter()
        .filter(|verdict| verdict.judgement() == Judgement::Drifted)
        .map(|verdict| verdict.requirement.level)
        .max();
    if assessment.verdicts.is_empty() {
        return "No principal was checked: none is bound to an action set.".to_owned();
    }
    if drifted == 0 && undetermined == 0 {
        let unread = assessment.count_unread();
        let mut said = "Every policy that was checked allows what Veeam needs.".to_owned();
        if unread > 0 {
            said.push_str(&format!(
                " {} of {} requirements also depend on key, bucket or vault policies, which were not checked.",
                grouped(unread),
                grouped(assessment.verdicts.len())
            ));
        }
        return said;
    }
    let mut said = match drifted {
        0 => "Nothing is known to be missing.".to_owned(),
        1 => format!(
            "1 of {} requirements has drifted.",
            grouped(assessment.verdicts.len())
        ),
        _ => format!(
            "{} of {} requirements have drifted.",
            grouped(drifted),
            grouped(assessment.verdicts.len())
        ),
    };
    said.push_str(match worst {
        Some(Level::Critical) => " Backups fail.",
        Some(Level::High) => " Restores, or some backups, fail.",
        Some(Level::Medium) => " Backups and restores hold; something beside them fails.",
        Some(Level::Low | Level::Notice) | None => "",
    });
    if undetermined > 0 {
        said.push_str(&match undetermined {
            1 => " 1 could not be determined.".to_owned(),
            _ => format!(" {} could not be determined.", grouped(undetermined)),
        });
    }
    said
}

/// A sentence with what stands in backticks as code.
fn prose(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// What the script fills.
fn places(assessment: &Assessment) -> Markup {
    let fewer = fewer_than_bound(assessment);
    html! {
        section #causes aria-labelledby="causes-title" hidden {
            h2 #causes-title { "What stands in the way" }
            p { "Grouped by cause, the worst first. Choose one to see whom it hits." }
            ul .list {}
        }
        section #map aria-labelledby="map-title" hidden {
            h2 #map-title { "Principals and their action sets" }
            p .screen-only { "Each mark is one requirement. Open it for what is missing, why, and what to do." }
            @if let Some(fewer) = &fewer { p .hint { (prose(fewer)) } }
            div .tools role="search" {
                label .grow { "Search" input #search type="search" autocomplete="off" placeholder="Anything on this page: principal, action, owner, finding"; }
                label { "Verdict" select #judgement {
                    option value="" { "All" }
                    option value="drifted" { "Drifted" }
                    option value="undetermined" { "Undetermined" }
                    option value="compliant" { "Compliant" }
                } }
                label { "Action set" select #set { option value="" { "All" } } }
                label #since-label { "Since the baseline" select #since {
                    option value="" { "All" }
                    option value="changed" { "Changed" }
                    option value="new" { "New" }
                    option value="worse" { "Worse" }
                    option value="better" { "Better" }
                } }
                label { "Sort" select #sort {
                    option value="worst" { "Worst first" }
                    option value="missing" { "Most actions missing" }
                    option value="name" { "Name" }
                } }
                div .views role="group" aria-label="View" {
                    button type="button" data-view="list" aria-pressed="true" { "List" }
                    button type="button" data-view="map" aria-pressed="false" { "Map" }
                }
                button #reset type="button" { "Reset" }
            }
            p #view-why .status hidden { "Shown as a list, because fewer than a third of the map's places would be filled." }
            p #status .status role="status" {}
            ul .legend .screen-only aria-label="Legend" {}
            div .map {
                div #grid .grid role="grid" aria-labelledby="map-title" aria-describedby="keys" {}
                p #nothing .none hidden { "No principal matches. " button #reset-too .link type="button" { "Reset the filters" } }
            }
            p #keys .away { "Arrow keys move, Home and End go to the ends of a row, Enter opens." }
        }
        section #since-list aria-labelledby="since-title" hidden {
            h2 #since-title { "Since the baseline" }
            ul .list {}
        }
        section #others aria-labelledby="others-title" hidden {
            h2 #others-title { "Besides the requirements" }
            p { "Access keys, tags, coverage, and access that is not needed." }
            ul .list {}
        }
        section #coverage aria-labelledby="coverage-title" hidden {
            h2 #coverage-title { "What was looked at, and what could not be known" }
            p { (layers(&assessment.coverage)) }
            dl .facts {}
            ul .list .plain {}
        }
        section #cases .print-only aria-labelledby="cases-title" {
            h2 #cases-title { "The gaps one by one" }
            div {}
        }
    }
}
