//! JUnit XML, for Jenkins, GitLab and other test dashboards.
//!
//! In: an audit report. Out: one test suite for each principal, one test case for each of its action sets. Drifted is a failure.
//! Undetermined is an error, not skipped, because dashboards show skipped tests in green. Skipped are muted findings, with the
//! reason of the mute, and principals that look like Veeam's but have no action set. A finding without an action set is a test
//! case of its own; the account has a suite for its own findings and the coverage. The case of the coverage is an error where SCPs,
//! RCPs or policies of declared resources were refused, and skipped where nobody gave them: it passes only where all was looked at.
//!
//! The form is that of Jenkins' `junit-10.xsd`. All durations are 0.

use std::collections::BTreeMap;
use std::io::{self, Write};

use audit::verdict::{Notice, Verdict};
use audit::{Code, Finding, Judgement, Level};
use iam::PrincipalArn;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::audit_report::{AuditReport, justification};
use crate::words::coverage::{not_checked, not_looked_at, selected};
use crate::words::finding::headline;
use crate::words::layers::layers_not_read;
use crate::words::plain::plain;

/// The version of this form, as a property of the account's suite.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the document and a line break.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, told: &AuditReport<'_>) -> io::Result<()> {
    let suites = suites(told);
    let count = |how: fn(&Outcome) -> bool| {
        let cases = suites.iter().flat_map(|suite| &suite.cases);
        cases.filter(|case| how(&case.outcome)).count().to_string()
    };
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = BytesStart::new("testsuites");
    let selected = selected(&told.assessment.coverage);
    let name = match &selected {
        Some(selected) => format!("permdrift. {}", clean(selected)),
        None => "permdrift".to_owned(),
    };
    root.push_attribute(("name", &*name));
    root.push_attribute(("tests", &*count(|_| true)));
    root.push_attribute(("failures", &*count(Outcome::is_failure)));
    root.push_attribute(("errors", &*count(Outcome::is_error)));
    root.push_attribute(("time", "0"));
    xml.write_event(Event::Start(root))?;
    for suite in &suites {
        suite.write(&mut xml, told)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    xml.into_inner().write_all(b"\n")
}

struct Suite<'a> {
    /// `None` for the account's own.
    principal: Option<&'a PrincipalArn>,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    outcome: Outcome,
    /// Notices, and what was not checked; empty if there is nothing.
    remarks: String,
}

/// How a case ended, with its message and its text.
enum Outcome {
    Passed,
    Failed(&'static str, String, String),
    Errored(&'static str, String, String),
    Skipped(String),
}

impl Outcome {
    fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(..))
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Errored(..))
    }

    fn is_skipped(&self) -> bool {
        matches!(self, Self::Skipped(_))
    }
}

type Findings<'a> = BTreeMap<(Option<&'a PrincipalArn>, &'a str), Vec<&'a Finding>>;

fn suites<'a>(told: &AuditReport<'a>) -> Vec<Suite<'a>> {
    let mut left: Findings<'a> = BTreeMap::new();
    for finding in told.findings.values() {
        let key = (finding.principal.as_ref(), &*finding.set);
        left.entry(key).or_default().push(finding);
    }
    let mut by_principal: BTreeMap<Option<&PrincipalArn>, Vec<Case>> = BTreeMap::new();
    by_principal.entry(None).or_default().push(coverage(told));
    for verdict in &told.assessment.verdicts {
        let findings = left
            .remove(&(Some(&verdict.principal), &*verdict.requirement.set))
            .unwrap_or_default();
        let cases = by_principal.entry(Some(&verdict.principal)).or_default();
        cases.push(requirement(told, verdict, &findings));
    }
    for finding in left.into_values().flatten() {
        let cases = by_principal.entry(finding.principal.as_ref()).or_default();
        cases.push(other(told, finding));
    }
    by_principal
        .into_iter()
        .map(|(principal, cases)| Suite { principal, cases })
        .collect()
}

/// The test case for coverage: was everything checked?
fn coverage(told: &AuditReport<'_>) -> Case {
    let assessment = told.assessment;
    let mut lines = not_looked_at(&assessment.coverage);
    lines.extend(
        assessment
            .failure
            .as_deref()
            .map(|failure| plain(failure).into_owned()),
    );
    let layers = layers_not_read(&assessment.coverage);
    lines.extend(layers.refused);
    let selected = selected(&assessment.coverage).into_iter();
    let not_asked: Vec<String> = selected.chain(layers.not_read).collect();
    let outcome = if lines.is_empty() && not_asked.is_empty() {
        Outcome::Passed
    } else if lines.is_empty() {
        Outcome::Skipped(not_asked.join("; "))
    } else {
        lines.extend(not_asked);
        let message = "not everything could be looked at".to_owned();
        Outcome::Errored("incomplete", message, lines.join("\n"))
    };
    Case {
        name: "everything was looked at".to_owned(),
        outcome,
        remarks: String::new(),
    }
}

fn requirement(told: &AuditReport<'_>, verdict: &Verdict, findings: &[&Finding]) -> Case {
    let (notices, faults): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|finding| finding.level == Level::Notice);
    let lines = |findings: &[&Finding]| {
        let lines: Vec<String> = findings
            .iter()
            .flat_map(|finding| {
                let mut lines = vec![format!("{} [{}]", headline(finding), finding.id)];
                lines.extend(told.paragraphs(finding));
                lines
            })
            .collect();
        lines.join("\n")
    };
    let mutes: Vec<String> = faults
        .iter()
        .filter_map(|finding| told.mute(finding).map(justification))
        .collect();
    let message = || match faults.first() {
        Some(finding) => headline(finding),
        None => format!(
            "{}: {}",
            plain(&verdict.requirement.set),
            verdict.judgement()
        ),
    };
    let outcome = match verdict.judgement() {
        Judgement::Compliant => Outcome::Passed,
        Judgement::Drifted | Judgement::Undetermined
            if !faults.is_empty() && mutes.len() == faults.len() =>
        {
            Outcome::Skipped(mutes.join("; "))
        }
        Judgement::Drifted => Outcome::Failed("drifted", message(), lines(&faults)),
        Judgement::Undetermined => Outcome::Errored("undetermined", message(), lines(&faults)),
    };
    let mut remarks = lines(&notices);
    if let Some(text) = not_checked(verdict.unread()) {
        remarks.push_str(&format!("\n{text}"));
    }
    if verdict
        .notices
        .iter()
        .any(|notice| matches!(notice, Notice::Asked { .. }))
    {
        remarks.push_str(
            "\nSome actions are needed only under a condition that nobody answered; see [answers] in the settings.",
        );
    }
    Case {
        name: plain(&verdict.requirement.set).into_owned(),
        outcome,
        remarks: remarks.trim().to_owned(),
    }
}

/// A finding that is about no requirement: keys, tags, coverage.
fn other(told: &AuditReport<'_>, finding: &Finding) -> Case {
    let name = match &*finding.set {
        "" => finding.code.to_string(),
        set => format!("{}: {}", finding.code, plain(set)),
    };
    let text = told.paragraphs(finding).join("\n");
    let (outcome, remarks) = match (told.mute(finding), finding.level) {
        (Some(mute), _) => (Outcome::Skipped(justification(mute)), String::new()),
        (None, Level::Notice) => notice_outcome(finding, &text),
        (None, Level::Low | Level::Medium | Level::High | Level::Critical) => {
            (fault_outcome(told, finding, text), String::new())
        }
    };
    Case {
        name,
        outcome,
        remarks,
    }
}

/// The outcome and the remarks of a notice.
fn notice_outcome(finding: &Finding, text: &str) -> (Outcome, String) {
    match finding.code {
        // It was not audited, so it is not a pass.
        Code::Coverage => (Outcome::Skipped(headline(finding)), String::new()),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::Undetermined
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::AuditFailed => (Outcome::Passed, format!("{}\n{text}", headline(finding))),
    }
}

/// The outcome of a finding above a notice.
fn fault_outcome(told: &AuditReport<'_>, finding: &Finding, text: String) -> Outcome {
    let code = finding.code.as_str();
    match finding.code {
        Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::Undetermined
        | Code::AuditFailed => Outcome::Errored(code, told.headline(finding), text),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess => Outcome::Failed(code, headline(finding), text),
    }
}

type Xml<'w> = Writer<&'w mut dyn Write>;

impl Suite<'_> {
    fn write(&self, xml: &mut Xml<'_>, told: &AuditReport<'_>) -> io::Result<()> {
        let account = told.assessment.account;
        let name = match self.principal {
            Some(arn) => clean(arn.as_str()),
            None => format!("account {account}"),
        };
        let count = |how: fn(&Outcome) -> bool| {
            let cases = self.cases.iter();
            cases.filter(|case| how(&case.outcome)).count().to_string()
        };
        let mut start = BytesStart::new("testsuite");
        start.push_attribute(("name", &*name));
        start.push_attribute(("tests", &*count(|_| true)));
        start.push_attribute(("failures", &*count(Outcome::is_failure)));
        start.push_attribute(("errors", &*count(Outcome::is_error)));
        start.push_attribute(("skipped", &*count(Outcome::is_skipped)));
        start.push_attribute(("time", "0"));
        let at = told.assessment.at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        start.push_attribute(("timestamp", &*at));
        xml.write_event(Event::Start(start))?;
        if self.principal.is_none() {
            xml.write_event(Event::Start(BytesStart::new("properties")))?;
            for (name, value) in [
                ("permdrift.schemaVersion", SCHEMA_VERSION.to_string()),
                ("permdrift.account", account.to_string()),
            ] {
                let mut property = BytesStart::new("property");
                property.push_attribute(("name", name));
                property.push_attribute(("value", &*value));
                xml.write_event(Event::Empty(property))?;
            }
            xml.write_event(Event::End(BytesEnd::new("properties")))?;
        }
        let class = self.principal.map_or("account".to_owned(), |arn| {
            format!("{}.{}", arn.kind(), clean(arn.name()))
        });
        for case in &self.cases {
            case.write(xml, &class)?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))
    }
}

impl Case {
    fn write(&self, xml: &mut Xml<'_>, class: &str) -> io::Result<()> {
        let mut start = BytesStart::new("testcase");
        start.push_attribute(("classname", class));
        start.push_attribute(("name", &*clean(&self.name)));
        start.push_attribute(("time", "0"));
        let is_empty = matches!(self.outcome, Outcome::Passed) && self.remarks.is_empty();
        if is_empty {
            return xml.write_event(Event::Empty(start));
        }
        xml.write_event(Event::Start(start))?;
        match &self.outcome {
            Outcome::Passed => {}
            Outcome::Failed(kind, message, text) => {
                fault(xml, "failure", kind, message, text)?;
            }
            Outcome::Errored(kind, message, text) => {
                fault(xml, "error", kind, message, text)?;
            }
            Outcome::Skipped(message) => {
                let mut skipped = BytesStart::new("skipped");
                skipped.push_attribute(("message", &*clean(message)));
                xml.write_event(Event::Empty(skipped))?;
            }
        }
        if !self.remarks.is_empty() {
            xml.write_event(Event::Start(BytesStart::new("system-out")))?;
            xml.write_event(Event::Text(BytesText::new(&text(&self.remarks))))?;
            xml.write_event(Event::End(BytesEnd::new("system-out")))?;
        }
        xml.write_event(Event::End(BytesEnd::new("testcase")))
    }
}

fn fault(xml: &mut Xml<'_>, tag: &str, kind: &str, message: &str, said: &str) -> io::Result<()> {
    let mut start = BytesStart::new(tag);
    start.push_attribute(("type", kind));
    start.push_attribute(("message", &*clean(message)));
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Text(BytesText::new(&text(said))))?;
    xml.write_event(Event::End(BytesEnd::new(tag)))
}

/// Lines of text, with characters that XML cannot contain spelled out.
fn text(lines: &str) -> String {
    let lines: Vec<String> = lines.lines().map(clean).collect();
    lines.join("\n")
}

/// A text with characters that XML cannot contain spelled out.
fn clean(text: &str) -> String {
    plain(text)
        .replace('\u{fffe}', "\\u{fffe}")
        .replace('\u{ffff}', "\\u{ffff}")
}
