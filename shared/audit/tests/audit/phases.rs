//! Phases: what is asked, listed and bound, looked at, judged and compared, one function each.

use std::sync::Arc;

use audit::judge::assess;
use audit::look::list;
use audit::simulate::inquiries;
use audit::{
    Asked, Assessment, Baseline, Change, Listed, Look, Principals, Saved, Selection, Settings,
    look, observe,
};
use futures_util::FutureExt as _;
use iam::{Inventory, ServiceControl};

use crate::principals::{account, at, catalog};
use crate::rules::Rules;

/// What is asked about a selection.
pub(crate) fn asked<'a>(settings: &'a Settings, now: &str, selection: &Selection) -> Asked<'a> {
    let principals = selection.principals.clone();
    Asked {
        account: Some(account()),
        principals: principals.map_or(Principals::All, Principals::These),
        sets: selection.sets.clone(),
        ..Asked::new(catalog(), settings, at(now))
    }
}

/// A saved environment.
pub(crate) fn saved<'a>(inventory: &Inventory, service_control: ServiceControl<'a>) -> Saved<'a> {
    Saved {
        inventory: Arc::new(inventory.clone()),
        service_control,
        resources: Arc::default(),
    }
}

/// What is listed and bound, whatever account the inventory is of.
pub(crate) fn listed(inventory: &Inventory, asked: &Asked<'_>) -> Listed {
    let asked = Asked {
        account: None,
        ..asked.clone()
    };
    list(&asked, &saved(inventory, ServiceControl::default()))
        .now_or_never()
        .expect("a saved environment never waits")
        .unwrap()
}

/// What the embedded simulator makes of an inventory.
pub(crate) fn looked(inventory: &Inventory, asked: &Asked<'_>, above: ServiceControl<'_>) -> Look {
    look(asked, &saved(inventory, above))
        .now_or_never()
        .expect("a saved environment never waits")
        .unwrap()
}

/// The changes of an assessment against a baseline.
pub(crate) fn compare(
    assessment: &Assessment,
    baseline: &Baseline,
    settings: &Settings,
) -> Vec<Change> {
    let findings = observe(assessment, settings);
    audit::compare(assessment, &findings, baseline, settings)
}

/// Binds, simulates by the rules and judges all at once.
pub(crate) fn audit(
    inventory: &Inventory,
    rules: &Rules,
    settings: &Settings,
    now: &str,
) -> Assessment {
    audit_some(inventory, rules, settings, now, &Selection::default())
}

pub(crate) fn audit_some(
    inventory: &Inventory,
    rules: &Rules,
    settings: &Settings,
    now: &str,
    selection: &Selection,
) -> Assessment {
    let asked = asked(settings, now, selection);
    let listed = listed(inventory, &asked);
    let inquiries = inquiries(&listed.bound);
    let replies = rules.replies(inventory, &inquiries);
    let mut assessment = assess(
        &asked,
        &listed,
        &ServiceControl::default(),
        &inquiries,
        replies,
    );
    // The rules stand for AWS's simulator.
    assessment.coverage.knows_service_control = true;
    assessment
}
