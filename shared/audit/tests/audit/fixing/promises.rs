//! The promises of a fix: it closes what it says, adds nothing else, and refuses only what no policy could give.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use audit::Look;
use audit::verdict::{Place, Verdict};
use iam::inventory::InlinePolicy;
use iam::{ActionName, Context, Document, Question};

use super::case::Case;

type Cells = BTreeSet<(String, usize, u16)>;

fn cells<'p>(set: &str, places: impl Iterator<Item = &'p Place>) -> Cells {
    places
        .flat_map(|place| {
            let positions = place.actions.iter();
            positions.map(|at| (set.to_owned(), place.question, *at))
        })
        .collect()
}

fn missing(verdicts: &[&Verdict]) -> Cells {
    let of = |verdict: &&Verdict| {
        let places = verdict.missing.iter().flat_map(|missing| &missing.places);
        cells(&verdict.requirement.set, places)
    };
    verdicts.iter().flat_map(of).collect()
}

fn all_known() -> Arc<[ActionName]> {
    static ACTIONS: LazyLock<Arc<[ActionName]>> = LazyLock::new(|| {
        let mut actions: Vec<ActionName> = catalog::known_actions()
            .map(|known| known.name.parse().unwrap())
            .collect();
        actions.sort();
        actions.into()
    });
    Arc::clone(&ACTIONS)
}

/// Every action that AWS has, on everything that the requirements ask about, on `*` and on what is nobody's business.
fn universe(verdicts: &[&Verdict]) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    let mut add = |resource: &str, context: &Arc<Context>| {
        let question = Question {
            resource: resource.into(),
            context: Arc::clone(context),
            actions: all_known(),
        };
        if !questions.contains(&question) {
            questions.push(question);
        }
    };
    for asked in verdicts
        .iter()
        .flat_map(|verdict| verdict.requirement.questions())
    {
        add(&asked.resource, &asked.context);
        add("*", &asked.context);
        add("arn:aws:s3:::somebody-elses/secret", &asked.context);
    }
    questions
}

/// Checks one principal of a case against everything that a fix promises; gives back what was closed and refused.
pub(crate) fn hold(case: &Case, before: &Look, at: usize) -> (usize, usize) {
    let arn = &case.inventory.principals[at].arn;
    let own = |verdict: &&Verdict| verdict.principal == *arn;
    let verdicts: Vec<&Verdict> = before.assessment.verdicts.iter().filter(own).collect();
    let gap = missing(&verdicts);
    if gap.is_empty() {
        return (0, 0);
    }
    let fix = case.fix(at, before).unwrap();
    let closed: Cells = fix
        .remedies
        .iter()
        .flat_map(|remedy| cells(&remedy.requirement.set, remedy.closed.iter()))
        .collect();
    let stays: Cells = gap.difference(&closed).cloned().collect();
    assert!(closed.is_subset(&gap), "{arn}: more than the gap");
    assert_eq!(fix.additions.is_empty(), closed.is_empty(), "{arn}");

    // It closes exactly what it says.
    let fixed = case.with(at, &fix);
    let after = fixed.audit_one(at);
    let left: Cells = fix
        .remedies
        .iter()
        .flat_map(|remedy| {
            let refused = remedy.refused.iter().flat_map(|missing| &missing.places);
            let unsure = remedy.unsure.iter().flat_map(|unknown| &unknown.places);
            cells(&remedy.requirement.set, refused.chain(unsure))
        })
        .collect();
    assert_eq!(left, stays, "{arn}: closed or told of, each once");
    let now = missing(&after.assessment.verdicts.iter().collect::<Vec<_>>());
    assert_eq!(now, stays, "{arn}: what stays missing");

    // It adds no other action, nor one that it closes on other resources than it must.
    let questions = universe(&verdicts);
    let (was, is) = (case.allowed(at, &questions), fixed.allowed(at, &questions));
    assert!(was.is_subset(&is), "{arn}: an Allow takes nothing away");
    let named = |wanted: fn(&str) -> bool| -> BTreeSet<&ActionName> {
        let remedies = fix.remedies.iter();
        remedies
            .flat_map(|remedy| {
                remedy
                    .closed
                    .iter()
                    .map(|place| (&remedy.requirement, place))
            })
            .filter(|(requirement, place)| wanted(place.resource(requirement)))
            .flat_map(|(requirement, place)| place.actions(requirement))
            .collect()
    };
    let (anywhere, on_all) = (named(|_| true), named(|resource| resource == "*"));
    for (question, action) in is.difference(&was) {
        let resource = &questions[*question].resource;
        assert!(anywhere.contains(action), "{arn}: {action} was not missing");
        let elsewhere = &**resource == "*" || resource.ends_with("/secret");
        let why = "was not missing there";
        assert!(
            !elsewhere || on_all.contains(action),
            "{arn}: {action} on {resource} {why}"
        );
    }

    // What it refuses is out of reach of any policy of the principal.
    let mut almighty = Case {
        inventory: case.inventory.clone(),
        settings: case.settings.clone(),
        scps: case.scps.clone(),
    };
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    almighty.inventory.principals[at].inline.push(InlinePolicy {
        name: "everything".into(),
        document: Arc::new(Document::parse(document)),
    });
    let found = almighty.audit_one(at);
    let unknown = found.assessment.verdicts.iter().flat_map(|verdict| {
        let places = verdict.unknown.iter().flat_map(|unknown| &unknown.places);
        cells(&verdict.requirement.set, places)
    });
    let mut denied = missing(&found.assessment.verdicts.iter().collect::<Vec<_>>());
    denied.extend(unknown);
    assert!(
        stays.is_subset(&denied),
        "{arn}: refused, and could be given"
    );
    (closed.len(), stays.len())
}
