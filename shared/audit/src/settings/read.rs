//! Reading settings: from TOML to [`Settings`], mistake by mistake.

use std::sync::Arc;
use std::time::Duration;

use catalog::nearest;
use catalog::section::{Located, quoted};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::fields::{
    Section, answers, assumed_by, context_keys, date, external_ids, integer, lacks, needed,
    organizational_unit, regions, rising_days, texts, values, version, word, worker_accounts,
};
use super::mistake::{Mistake, SettingsError};
use super::values::{
    Binding, Canary, Expiry, Flapping, Mute, Muted, Owners, RequestContext, Settings,
};
use crate::find::finding::Code;
use crate::settings::pattern::Pattern;

type Document<'t> = catalog::section::Document<'t, Box<str>>;

impl Settings {
    /// Reads a settings document.
    ///
    /// # Errors
    /// Every mistake in it, sorted by line.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        settings(text).map(|(settings, _)| settings)
    }
}

/// The settings of a document, and whether it also holds action sets, which are the catalog's to read.
pub(super) fn settings(text: &str) -> Result<(Settings, bool), SettingsError> {
    let document = Document::parse(text).map_err(|error| {
        let mut text = error.to_string();
        if error.message.contains("duplicate key") {
            text.push_str(": each key, and so each layer's owner, is set once");
        }
        SettingsError {
            mistakes: vec![Mistake {
                line: error.line,
                text: text.into(),
            }],
        }
    })?;
    let found = read_document(document.root());
    let mut mistakes: Vec<Mistake> = document
        .into_mistakes()
        .into_iter()
        .map(|Located { line, value }| Mistake { line, text: value })
        .collect();
    if mistakes.is_empty() {
        return Ok(found);
    }
    mistakes.sort();
    Err(SettingsError { mistakes })
}

fn read_document(root: Section<'_, '_>) -> (Settings, bool) {
    let mut settings = Settings::default();
    if let Some(prefix) = root.text("tag-prefix") {
        if prefix.value.is_empty() || prefix.value.len() > 64 {
            root.report(
                prefix.line,
                "`tag-prefix` must have 1 to 64 characters, such as \"veeam:\"",
            );
        }
        settings.tag_prefix = prefix.value.into();
    }
    settings.product_version = version(&root);
    settings.regions = regions(&root);
    settings.assumed_by = assumed_by(&root);
    settings.action_set_files = texts(root.texts("action-set-files"));
    if let Some(patterns) = root.texts("looks-like-veeam") {
        settings.looks_like_veeam = patterns.iter().map(|at| Pattern::new(&at.value)).collect();
    }
    if let Some(days) = integer(&root, "access-key-max-age-days", 0) {
        settings.access_key_max_age_days = (days.value > 0).then_some(days.value);
    }
    if let Some(days) = integer(&root, "access-key-unused-days", 0) {
        settings.access_key_unused_days = (days.value > 0).then_some(days.value);
    }
    if let Some(level) = root.text("fail-on").and_then(|at| word(&root, &at)) {
        settings.fail_on = level;
    }
    if let Some(least) = root.text("excess").filter(|at| at.value != "none") {
        settings.excess = word(&root, &least);
    }
    let required = root.texts("require").unwrap_or_default();
    settings.require = required.iter().filter_map(|at| word(&root, at)).collect();
    if let Some(layers) = root.texts("read") {
        settings.read = layers.iter().filter_map(|at| word(&root, at)).collect();
    }
    if let Some(flag) = root.flag("look-up-callers") {
        settings.look_up_callers = flag.value;
    }
    if let Some(pause) = integer(&root, "confirm-pause-seconds", 0) {
        settings.confirm_pause = Duration::from_secs(u64::try_from(pause.value).unwrap_or(0));
    }
    if let Some(pause) = integer(&root, "change-confirm-pause-seconds", 0) {
        settings.change_confirm_pause =
            Duration::from_secs(u64::try_from(pause.value).unwrap_or(0));
    }
    if let Some(most) = integer(&root, "simulation-ceiling", 1) {
        settings.simulation_ceiling = usize::try_from(most.value).unwrap_or(usize::MAX);
    }
    if let Some(days) = integer(&root, "forget-after-days", 1) {
        settings.forget_after_days = days.value;
    }
    if let Some(days) = integer(&root, "notice-days", 0) {
        settings.notice_days = days.value;
    }
    if let Some(context) = root.table("context", "[context]") {
        settings.context = context_keys(&context);
    }
    if let Some(section) = root.table("answers", "[answers]") {
        settings.answers = answers(&section);
    }
    if let Some(section) = root.table("owners", "[owners]") {
        settings.owners = owners(section);
    }
    if let Some(section) = root.table("reminders", "[reminders]") {
        if let Some(days) = rising_days(&section, "days") {
            settings.reminders.days = days;
        }
        if let Some(days) = rising_days(&section, "undetermined-days") {
            settings.reminders.undetermined_days = days;
        }
        section.finish();
    }
    if let Some(section) = root.table("flapping", "[flapping]") {
        settings.flapping = flapping(section);
    }
    if let Some(section) = root.table("canary", "[canary]") {
        settings.canary = canary(section);
    }
    settings.bindings = root
        .tables("bind", "[[bind]]")
        .into_iter()
        .map(binding)
        .collect();
    settings.requests = root
        .tables("request", "[[request]]")
        .into_iter()
        .map(request)
        .collect();
    settings.mutes = root
        .tables("mute", "[[mute]]")
        .into_iter()
        .filter_map(mute)
        .collect();
    // Sets of the user's own may stand in the same document; the catalog reads and checks them.
    let has_sets = root.has("action-set");
    root.tables("action-set", "[[action-set]]");
    root.finish();
    (settings, has_sets)
}

fn owners(section: Section<'_, '_>) -> Owners {
    let owner = |key| section.text(key).map(|at| Arc::from(at.value));
    let owners = Owners {
        identity: owner("identity"),
        boundary: owner("boundary"),
        scp: owner("scp"),
        trust: owner("trust"),
        resource: owner("resource"),
    };
    section.finish();
    owners
}

fn flapping(section: Section<'_, '_>) -> Flapping {
    let mut flapping = Flapping::default();
    if let Some(openings) = integer(&section, "openings", 2) {
        flapping.openings = u32::try_from(openings.value).unwrap_or(u32::MAX);
    }
    if let Some(days) = integer(&section, "within-days", 1) {
        flapping.within_days = days.value;
    }
    if let Some(hours) = integer(&section, "calm-hours", 1) {
        flapping.calm_hours = hours.value;
    }
    section.finish();
    flapping
}

fn canary(section: Section<'_, '_>) -> Option<Canary> {
    let principal = needed(
        &section,
        "principal",
        "the ARN of a role or user that lacks the action",
    );
    let action = needed(&section, "action", "the action that it lacks");
    section.finish();
    Some(Canary {
        principal: word(&section, &principal?)?,
        action: word(&section, &action?)?,
    })
}

fn binding(section: Section<'_, '_>) -> Binding {
    let principal = needed(
        &section,
        "principal",
        "the ARNs that are bound, such as \"arn:aws:iam::*:role/vendor-*\"",
    );
    if !section.has("action-sets") {
        lacks(
            &section,
            "action-sets",
            "ids of the catalog, such as [\"vbaws-role-repository\"]",
        );
    }
    let binding = Binding {
        line: section.line,
        principal: principal.and_then(|at| principals(&section, &at)),
        action_sets: texts(section.texts("action-sets")),
        scope: section
            .table("scope", "[bind.scope]")
            .map(|scope| values(scope.free_texts()))
            .unwrap_or_default(),
        regions: regions(&section),
        product_version: version(&section),
        assumed_by: assumed_by(&section),
        worker_accounts: worker_accounts(&section),
        external_ids: external_ids(&section),
        answers: section
            .table("answers", "[bind.answers]")
            .map(|section| answers(&section))
            .unwrap_or_default(),
    };
    section.finish();
    binding
}

fn request(section: Section<'_, '_>) -> RequestContext {
    let principal = section.text("principal");
    let actions = section.texts("actions").unwrap_or_default();
    for one in actions.iter().filter(|one| !one.value.contains(':')) {
        let found = &one.value;
        let hint = format!(
            "`{found}` is no action: write \"iam:PassRole\" or a pattern such as \"s3:Get*\""
        );
        section.report(one.line, hint);
    }
    let context = section.table("context", "[request.context]");
    if context.is_none() {
        lacks(
            &section,
            "context",
            "the keys that these requests carry, such as { \"aws:SourceVpc\" = \"vpc-1\" }",
        );
    }
    let request = RequestContext {
        principal: principal.and_then(|at| principals(&section, &at)),
        actions: actions.iter().map(|at| Pattern::new(&at.value)).collect(),
        context: context.as_ref().map(context_keys).unwrap_or_default(),
    };
    section.finish();
    request
}

fn mute(section: Section<'_, '_>) -> Option<Mute> {
    let line = section.line;
    let finding = section.text("finding");
    let principal = section.text("principal");
    let ou = section.text("ou");
    let codes = section.texts("codes").unwrap_or_default();
    let actions = section.texts("actions");
    let owner = needed(&section, "owner", "who answers for the silence");
    let reason = needed(&section, "reason", "why it may be silent");
    let expires = date(&section, "expires");
    if expires.is_none() && !section.has("expires") {
        lacks(
            &section,
            "expires",
            "a mute ends; write a date such as \"2027-03-31\"",
        );
    }
    let what = match (&finding, &principal, &ou) {
        (Some(id), None, None) => word(&section, id).map(Muted::Finding),
        (None, Some(pattern), _) => principals(&section, pattern).map(Muted::Principal),
        (None, None, Some(_)) => Some(Muted::Accounts),
        (Some(_), Some(both), _) | (Some(_), None, Some(both)) => {
            section.report(
                both.line,
                "a mute has either `finding`, or `principal` and `ou`, not both",
            );
            None
        }
        (None, None, None) => {
            lacks(
                &section,
                "finding",
                "the id of a finding, or `principal` with a pattern of ARNs, or `ou` with the id of an OU",
            );
            None
        }
    };
    if (principal.is_some() || ou.is_some()) && codes.is_empty() {
        lacks(
            &section,
            "codes",
            "which findings of these principals or accounts, such as [\"missing-actions\"]",
        );
    }
    let ou = ou.and_then(|at| organizational_unit(&section, &at));
    let codes: Vec<Code> = codes.iter().filter_map(|at| code(&section, at)).collect();
    if actions.is_none() && (finding.is_some() || codes.contains(&Code::MissingActions)) {
        lacks(
            &section,
            "actions",
            "the missing actions it is for, so that worse drift breaks through; [] for other codes",
        );
    }
    let actions = actions
        .unwrap_or_default()
        .iter()
        .filter_map(|at| word(&section, at))
        .collect();
    section.finish();
    Some(Mute {
        line,
        what: what?,
        ou,
        codes,
        actions,
        owner: owner?.value.into(),
        reason: reason?.value.into(),
        expires: expiry(&expires?.value),
    })
}

fn principals(section: &Section<'_, '_>, at: &Located<String>) -> Option<Pattern> {
    let found = Pattern::of_principals(&at.value);
    found
        .map_err(|error| section.report(at.line, error.to_string()))
        .ok()
}

/// A day ends at midnight UTC; what is no date is kept as it was found.
fn expiry(text: &str) -> Expiry {
    let end = text.parse::<Timestamp>().ok().or_else(|| {
        let day: Date = text.parse().ok()?;
        let next = day.checked_add(1.day()).ok()?;
        Some(next.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    end.map_or_else(|| Expiry::Malformed(text.into()), Expiry::At)
}

fn code(section: &Section<'_, '_>, at: &Located<String>) -> Option<Code> {
    let found = at.value.parse();
    if found.is_err() {
        let known = Code::ALL.map(Code::as_str);
        let advice = match nearest(&at.value, known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("expected one of {}", quoted(&known)),
        };
        section.report(at.line, format!("unknown code `{}`: {advice}", at.value));
    }
    found.ok()
}
