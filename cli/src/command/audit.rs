//! `permdrift audit`: does every tagged user and role still hold what Veeam needs?

mod baseline;
pub(super) mod export;
mod organization;
mod provenance;
pub(super) mod verdict;
mod wanted;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context as _;
use audit::events::TrailEvents;
use audit::mute::{At, muted};
use audit::ports::{News, Pause, PublishError, Publisher};
use audit::{Asked, Baseline, Explain, Findings, Ports, Settings};
use catalog::Catalog;
use iam::inventory;
use jiff::Timestamp;
use report::machine::json;
use report::words::provenance::Provenance;
use report::{AuditReport, screen};

use self::baseline::BaselineFile;
use crate::arguments::{AuditArguments, Only, Output};
use crate::exit::{Exit, UsageError};
use crate::progress::Progress;
use crate::saved::Files;
use crate::source::{Source, note_scps};
use crate::{account, input, output};

/// Where IAM lives: findings are filed there if the settings name no region.
const HOME_REGION: &str = "us-east-1";

const NOBODY_TO_ASK: &str = "--who asks CloudTrail, which a saved account does not have: add --events with trail events, or audit the account itself";

/// Audits, tells, and keeps what it was asked to keep.
///
/// # Errors
/// What cannot be read, found or written.
pub(crate) fn run(asked: &AuditArguments) -> anyhow::Result<Exit> {
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    asked.show.check()?;
    if organization::is_asked(asked) {
        return organization::run(asked, now);
    }
    let formats = export::formats(&asked.export)?;
    wanted::check_files(asked, &asked.account.snapshot)?;
    let is_saved = asked.account.auth_details.is_some() || !asked.account.snapshot.is_empty();
    if asked.who && is_saved && asked.events.is_none() {
        return Err(UsageError(NOBODY_TO_ASK.to_owned()).into());
    }
    let (settings, catalog) =
        account::settings(asked.account.rules.settings.as_deref(), &asked.action_sets)?;
    let store = BaselineFile::open(asked)?;
    let events = asked.events.as_deref().map(trail_events).transpose()?;
    let credential_report = asked.credential_report.as_deref();
    let files = Files::of_account(&asked.account, credential_report)?;
    let (source, progress) =
        Source::open(&asked.account, &settings, &files, credential_report, now)?;
    let audit = Asked {
        touched_by: events.as_ref(),
        explain: match asked.who {
            true => Explain::LookUp,
            false => Explain::Given,
        },
        ..wanted::of(asked, &catalog, &settings, now)?
    };
    let screen = Screen {
        asked,
        settings: &settings,
        catalog: &catalog,
        formats,
        provenance: provenance::of(asked, &settings, files.saved.as_ref()),
        progress: Mutex::new(Some(progress)),
    };
    let ports = Ports {
        environment: &source,
        store: &store,
        publisher: &screen,
        // A file gives the same answer twice; and without a baseline nothing is newly denied.
        pause: (source.is_live() && store.is_known()).then_some(&screen),
    };
    let run = source
        .wait(audit::run(&audit, &ports))?
        .map_err(|error| store.not_run(error))?;
    note_scps(&source, &asked.account);
    source.note_calls();
    let assessment = &run.look.assessment;
    let muted = muted(&settings.mutes, &run.findings, At::of(assessment));
    let fail_on = asked.fail_on.unwrap_or(settings.fail_on);
    let missed = match asked.baseline {
        Some(_) => verdict::missed(&run, &settings),
        None => Vec::new(),
    };
    let new = asked.new_only.then(|| run.newly_opened());
    let counting = verdict::Counting {
        work: "audit",
        muted: &muted,
        fail_on,
        new: new.as_ref(),
    };
    let (exit, because) = verdict::of(assessment, &run.findings, &counting, &missed);
    if let Some(because) = because {
        output::note(&because);
    }
    Ok(exit)
}

/// The trail events of a file.
fn trail_events(path: &Path) -> anyhow::Result<TrailEvents> {
    let bytes = input::bytes_up_to(path, inventory::LIMIT)?;
    let none = || format!("{} holds no trail events", input::name(path));
    let text = inventory::text(&bytes).with_context(none)?;
    audit::events::read(&text).with_context(none)
}

/// The command line as a publisher: the screen, and the files that were asked for.
struct Screen<'a> {
    asked: &'a AuditArguments,
    settings: &'a Settings,
    catalog: &'a Catalog,
    formats: Vec<(&'a Path, export::Format)>,
    provenance: Provenance,
    /// Shown until there is something to print.
    progress: Mutex<Option<Progress>>,
}

impl Publisher for Screen<'_> {
    async fn publish(&self, news: &News<'_>) -> Result<(), PublishError> {
        self.print(news).map_err(|error| PublishError(error.into()))
    }
}

impl Pause for Screen<'_> {
    async fn pause(&self, time: Duration) {
        if let Ok(progress) = self.progress.lock()
            && let Some(progress) = &*progress
        {
            progress.now(format!(
                "waiting {} s before what is newly denied is asked again",
                time.as_secs()
            ));
        }
        tokio::time::sleep(time).await;
    }
}

impl Screen<'_> {
    fn print(&self, news: &News<'_>) -> anyhow::Result<()> {
        let asked = self.asked;
        if let Ok(mut progress) = self.progress.lock() {
            drop(progress.take());
        }
        let mut findings = news.findings.clone();
        with_history(&mut findings, news.baseline);
        let muted = muted(&self.settings.mutes, &findings, At::of(news.assessment));
        let events = asked.baseline.is_some().then_some(news.events);
        let saved = &asked.account;
        let file = saved.snapshot.first().or(saved.auth_details.as_ref());
        let file = file.filter(|path| path.as_os_str() != "-");
        let file = file.map(|path| path.to_string_lossy());
        let region = self.settings.regions.first();
        let told = AuditReport {
            assessment: news.assessment,
            findings: &findings,
            events,
            explained: news.events,
            settings: self.settings,
            catalog: self.catalog,
            source: file.as_deref(),
            provenance: Some(&self.provenance),
            region: region.map_or(HOME_REGION, AsRef::as_ref),
            planned: None,
        };
        for (path, format) in &self.formats {
            export::write(path, *format, &told)?;
        }
        match asked.form.output {
            Output::Json => output::bytes(|out| json::assessment::write(out, &told)),
            Output::Table => {
                let content = screen::audit::Screen {
                    assessment: news.assessment,
                    owners: &self.settings.owners,
                    catalog: self.catalog,
                    muted: &muted,
                    mutes: news.mutes,
                    events,
                    explained: news.events,
                    filter: screen::audit::Filter {
                        only: asked.show.only.map(Only::judgement),
                        severity: asked.show.severity,
                    },
                    detail: match asked.show.summary {
                        true => screen::audit::Detail::Summary,
                        false => screen::audit::Detail::Whole,
                    },
                    subject: screen::audit::Subject::Account(Some(&self.provenance)),
                };
                output::people(|pen| screen::audit::write(pen, &content))
            }
        }
    }
}

/// Says since when each finding is open, where the baseline knows.
fn with_history(findings: &mut Findings, baseline: &Baseline) {
    for finding in findings.values_mut() {
        if let Some(tracked) = baseline.tracked_of(finding) {
            finding.opened = tracked.finding.opened;
            finding.openings = tracked.finding.openings;
        }
    }
}
