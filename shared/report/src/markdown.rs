//! GitHub Markdown, for pull requests, job summaries and tickets.
//!
//! In: an audit report. Out: a summary, a table of the findings, a section for each, what changed since the baseline, and what
//! could not be checked. The text is not versioned.
//!
//! Text from the account is escaped: it makes no markup, link or mention, and cannot end a table row.

use std::io::{self, Write};

use audit::finding::{Finding, Resolution};
use audit::{EventKind, Judgement, Level};

use crate::audit_report::{AuditReport, Drift, Since, justification};
use crate::words::changed::{changed, in_line};
use crate::words::counted::counted;
use crate::words::coverage::{not_looked_at, of_which_unread, selected};
use crate::words::finding::{headline, owners, reasons};
use crate::words::layers::layers;
use crate::words::plain::plain;
use crate::words::provenance::provenance;

/// So many findings have a section of their own; GitHub cuts a summary at one megabyte.
const TOLD: usize = 200;

/// Writes the page.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, told: &AuditReport<'_>) -> io::Result<()> {
    let drift = Drift::of(told);
    let mut findings: Vec<&Finding> = told.findings.values().collect();
    findings.sort_by_key(|finding| {
        (
            told.mute(finding).is_some(),
            std::cmp::Reverse(finding.level),
        )
    });
    let (notices, faults): (Vec<&Finding>, Vec<&Finding>) = findings
        .into_iter()
        .partition(|finding| finding.level == Level::Notice);
    sum(out, told)?;
    table(out, told, &drift, &faults)?;
    let explanations = told.explanations();
    for finding in faults.iter().take(TOLD) {
        section(out, told, &drift, finding)?;
        if let Some(changed) = explanations.get(&finding.id).and_then(|one| changed(one)) {
            let by = escape(&in_line(&changed));
            writeln!(out, "\n**{}:** {by}", changed.head)?;
        }
    }
    if faults.len() > TOLD {
        let more = faults.len() - TOLD;
        writeln!(out, "\n*And {more} more; the other formats hold them all.*")?;
    }
    resolved(out, told)?;
    list(out, "Not seen", &not_looked_at(&told.assessment.coverage))?;
    let notices: Vec<String> = notices
        .iter()
        .map(|finding| format!("{}. {}", headline(finding), plain(&finding.impact)))
        .collect();
    list(out, "Worth knowing", &notices)
}

fn sum(out: &mut dyn Write, told: &AuditReport<'_>) -> io::Result<()> {
    let assessment = told.assessment;
    let number = |judgement| assessment.count(judgement);
    let selected = selected(&assessment.coverage);
    let of = match selected {
        Some(_) => "part of account",
        None => "account",
    };
    match (told.planned, told.source) {
        (Some(_), Some(file)) => writeln!(out, "# Permission check of {}\n", escape(file))?,
        _ => writeln!(out, "# Permission drift of {of} {}\n", assessment.account)?,
    }
    if let Some(selected) = selected {
        writeln!(out, "**{}**\n", escape(&selected))?;
    }
    if let Some(failure) = &assessment.failure {
        let work = told.planned.map_or("audit", |_| "check");
        writeln!(out, "**The {work} failed:** {}\n", escape(failure))?;
        let at = assessment.at.strftime("%Y-%m-%d %H:%M UTC");
        return writeln!(out, "Nothing was checked. {at}.");
    }
    let bound = assessment.coverage.bound.len();
    let are = if bound == 1 { "is" } else { "are" };
    writeln!(
        out,
        "**{} drifted, {} undetermined, {} compliant{}** of {}; {bound} of {} {are} bound to action sets. {} {}{}.",
        number(Judgement::Drifted),
        number(Judgement::Undetermined),
        number(Judgement::Compliant),
        of_which_unread(assessment),
        counted(assessment.verdicts.len(), "requirement"),
        counted(assessment.coverage.principals, "principal"),
        told.planned.map_or("Audited", |_| "Checked"),
        assessment.at.strftime("%Y-%m-%d %H:%M UTC"),
        told.planned.map_or_else(String::new, |_| format!(
            " for account {}",
            assessment.account
        )),
    )?;
    if let Some(known) = told.provenance {
        writeln!(out, "\n{}", escape(&provenance(known, assessment)))?;
    }
    writeln!(out, "\n{}", layers(&assessment.coverage))?;
    if !assessment.is_complete() {
        writeln!(
            out,
            "\nThis {} is incomplete: not everything could be read or decided.",
            told.planned.map_or("audit", |_| "check"),
        )?;
    }
    Ok(())
}

fn table(
    out: &mut dyn Write,
    told: &AuditReport<'_>,
    drift: &Drift<'_>,
    findings: &[&Finding],
) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| Level | Principal | What | Owner | Since the baseline |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    for finding in findings.iter().take(TOLD) {
        let since = drift.since(finding).map_or("", Since::as_str);
        let muted = told.mute(finding).map_or("", |_| " (muted)");
        writeln!(
            out,
            "| {}{muted} | {} | {} | {} | {since} |",
            finding.level,
            escape(&told.who(finding)),
            escape(&told.headline(finding)),
            escape(&owners(finding, &told.settings.owners).join(", ")),
        )?;
    }
    Ok(())
}

fn section(
    out: &mut dyn Write,
    told: &AuditReport<'_>,
    drift: &Drift<'_>,
    finding: &Finding,
) -> io::Result<()> {
    writeln!(out, "\n## {}\n", escape(&told.headline(finding)))?;
    let since = drift.since(finding).map_or_else(String::new, |since| {
        format!(", {} since the baseline", since.as_str())
    });
    writeln!(
        out,
        "{} `{}` {}{since}",
        finding.level, finding.code, finding.id
    )?;
    if let Some(arn) = &finding.principal {
        writeln!(out, "{}", escape(arn.as_str()))?;
    }
    writeln!(out, "\n**Impact:** {}\n", escape(&finding.impact))?;
    for reason in reasons(finding) {
        writeln!(out, "- {}", escape(&reason))?;
    }
    let steps = told.remedies(finding);
    writeln!(out, "\n**What to do:** {}", escape(&steps.join(" ")))?;
    if let Some(mute) = told.mute(finding) {
        writeln!(out, "\n{}", escape(&justification(mute)))?;
    }
    Ok(())
}

fn resolved(out: &mut dyn Write, told: &AuditReport<'_>) -> io::Result<()> {
    let lines: Vec<String> = told
        .resolved()
        .map(|event| {
            let how = match event.kind {
                EventKind::Resolved(Resolution::Left) => " (deleted, or no longer bound)",
                EventKind::Resolved(Resolution::Healthy)
                | EventKind::Opened
                | EventKind::Worsened
                | EventKind::Eased
                | EventKind::Reminded => "",
            };
            format!("{}{how}", headline(&event.finding))
        })
        .collect();
    list(out, "Resolved since the baseline", &lines)
}

fn list(out: &mut dyn Write, title: &str, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## {title}\n")?;
    for line in lines.iter().take(TOLD) {
        writeln!(out, "- {}", escape(line))?;
    }
    if lines.len() > TOLD {
        writeln!(out, "- and {} more", lines.len() - TOLD)?;
    }
    Ok(())
}

/// A sentence of ours that may hold foreign text: what stands in backticks is code, everything else is text.
pub(crate) fn escape(sentence: &str) -> String {
    let parts: Vec<&str> = sentence.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return as_text(sentence);
    }
    let parts = parts.iter().enumerate();
    parts
        .map(|(at, part)| match at % 2 == 1 {
            true => as_code(part),
            false => as_text(part),
        })
        .collect()
}

/// A foreign text as a code span. A vertical bar would end the table's cell in a span too.
fn as_code(text: &str) -> String {
    let is_safe = !text.trim().is_empty() && !text.contains(['|', '\\']) && text == plain(text);
    match is_safe {
        true => format!("`{text}`"),
        false => as_text(&format!("`{text}`")),
    }
}

/// A foreign text as text.
///
/// A backslash takes the meaning of punctuation. Links that GitHub makes by itself (`http://`, `www.`, `@name`, `#12`)
/// are made after that, so an empty comment breaks them.
fn as_text(text: &str) -> String {
    let text = plain(text);
    let mut escaped = String::with_capacity(text.len() + 16);
    if text.starts_with(['-', '+', '=']) {
        escaped.push('\\');
    }
    let numbered = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let is_numbered = numbered.len() < text.len() && numbered.starts_with(['.', ')']);
    let number = if is_numbered {
        text.len() - numbered.len()
    } else {
        usize::MAX
    };
    for (at, character) in text.char_indices() {
        let rest = text.get(at + character.len_utf8()..).unwrap_or_default();
        let before = text.get(..at).unwrap_or_default();
        match character {
            '@' | '#' if rest.starts_with(|next: char| next.is_alphanumeric()) => {
                escaped.push('\\');
                escaped.push(character);
                escaped.push_str(NOTHING);
            }
            ':' if rest.starts_with("//") || ends_with_word(before, &["mailto", "xmpp"]) => {
                escaped.push(':');
                escaped.push_str(NOTHING);
            }
            '.' if ends_with_word(before, &["www"]) => {
                escaped.push_str(NOTHING);
                escaped.push('.');
            }
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '.' | ')' if at == number => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// Splits a text without being seen.
const NOTHING: &str = "<!-- -->";

fn ends_with_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        let start = text.len().checked_sub(word.len());
        let end = start.and_then(|start| text.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
    }

    #[test]
    fn markup_arrives_as_text() {
        check("*bold* _it_ ` ~no~", "\\*bold\\* \\_it\\_ \\` \\~no\\~");
        check("[link](x) ![img](x)", "\\[link\\](x) !\\[img\\](x)");
        check("<script>&amp;", "&lt;script&gt;&amp;amp;");
        check("a|b", "a\\|b");
        check("$x$", "\\$x\\$");
    }

    #[test]
    fn what_stands_in_backticks_is_code() {
        check("*Add* `s3:*`; see `a_b`.", "\\*Add\\* `s3:*`; see `a_b`.");
        check("`@here` `https://x`", "`@here` `https://x`");
        // What could end the span or the cell, or holds nothing, is text.
        check("`a|b`", "\\`a\\|b\\`");
        check("`a\nb` ``", "\\`a\\\\u{a}b\\` \\`\\`");
    }

    #[test]
    fn a_text_begins_no_list_and_no_heading() {
        check("- item", "\\- item");
        check("# title", "\\# title");
        check("12. item", "12\\. item");
        check("12) item", "12\\) item");
    }

    #[test]
    fn a_text_makes_no_link_and_mentions_nobody() {
        check("https://x", "https:<!-- -->//x");
        check("WWW.x", "WWW<!-- -->.x");
        check("mailto:a", "mailto:<!-- -->a");
        check("@here", "\\@<!-- -->here");
        check("#12", "\\#<!-- -->12");
    }

    #[test]
    fn a_line_break_begins_no_line() {
        check("a\nb", "a\\\\u{a}b");
    }

    #[test]
    fn an_arn_stays_legible() {
        check(
            "arn:aws:iam::111122223333:role/Backup-1",
            "arn:aws:iam::111122223333:role/Backup-1",
        );
    }
}
