//! One requirement that is not compliant: what is missing or unknown, why, what breaks, what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use anstyle::Style;
use audit::Judgement;
use audit::requirement::Plan;
use audit::settings::Owners;
use audit::verdict::{Place, Profile, Trust, Verdict};
use iam::{ActionName, Cause};

use super::{Screen, count};
use crate::cause::{list, owners_of, remedy, why};
use crate::pen::Pen;
use crate::plain::plain;

pub(super) fn write(pen: &mut Pen<'_>, screen: &Screen<'_>, verdict: &Verdict) -> io::Result<()> {
    if verdict.judgement == Judgement::Compliant {
        return Ok(());
    }
    let owners = screen.owners;
    let palette = pen.palette;
    let arn = &verdict.principal;
    let plan = &verdict.plan;
    let style = palette.judgement(verdict.judgement);
    let strong = palette.strong;
    pen.blank()?;
    writeln!(
        pen.out(),
        "{style}{}{style:#}  {strong}{} {}{strong:#}  {}",
        verdict.judgement,
        arn.kind(),
        plain(arn.name()),
        plain(&plan.set),
    )?;
    pen.text(2, palette.faint, &plain(arn.as_str()))?;
    let breaks = match verdict.judgement {
        Judgement::Drifted => "Breaks",
        Judgement::Compliant | Judgement::Undetermined => "At stake",
    };
    let breaks = format!("{breaks} ({}):", plan.level);
    pen.hanging(2, &breaks, Style::new(), &plain(&plan.impact))?;
    if let Some(mute) = screen.mute(verdict) {
        pen.hanging(2, "Muted:", palette.faint, &plain(mute))?;
    }
    for missing in &verdict.missing {
        let group = Group {
            plan,
            places: &missing.places,
            cause: &missing.cause,
            keys: None,
        };
        group.write(pen, "missing", owners)?;
    }
    for unknown in &verdict.unknown {
        let group = Group {
            plan,
            places: &unknown.places,
            cause: &unknown.cause,
            keys: Some(&unknown.keys),
        };
        group.write(pen, "unknown", owners)?;
    }
    trust(pen, &verdict.trust, owners)?;
    match verdict.instance_profile {
        Profile::Holds => {}
        Profile::Lacks => {
            pen.text(2, strong, "No instance profile")?;
            pen.hanging(
                4,
                "Do:",
                palette.doing,
                &format!(
                    "Create one and put the role in it: `aws iam add-role-to-instance-profile --instance-profile-name NAME --role-name {}`.",
                    plain(arn.name())
                ),
            )?;
        }
    }
    Ok(())
}

/// The actions of one cause.
struct Group<'a> {
    plan: &'a Plan,
    places: &'a [Place],
    cause: &'a Cause,
    /// The context keys that would decide, where the actions are unknown.
    keys: Option<&'a BTreeSet<Box<str>>>,
}

impl Group<'_> {
    fn write(&self, pen: &mut Pen<'_>, word: &str, owners: &Owners) -> io::Result<()> {
        let Self {
            plan,
            places,
            cause,
            keys,
        } = self;
        let palette = pen.palette;
        let asked = gather(plan, places);
        let actions: BTreeSet<&ActionName> = asked.keys().flatten().copied().collect();
        let mut title = format!("{} {word}: {}", count(actions.len(), "action"), why(cause));
        if let Some(keys) = keys.filter(|keys| !keys.is_empty()) {
            title.push_str(&format!(
                "; the keys are {}",
                list(keys.iter().map(AsRef::as_ref))
            ));
        }
        if let [owner, ..] = owners_of(cause, owners).as_slice() {
            title.push_str(&format!("; owner: {}", plain(owner)));
        }
        pen.text(2, palette.strong, &title)?;
        for (actions, where_) in &asked {
            pen.names(4, actions.iter().map(|action| action.as_str()))?;
            if let Some(text) = where_.in_words() {
                pen.text(6, palette.faint, &text)?;
            }
        }
        pen.hanging(
            4,
            "Do:",
            palette.doing,
            &remedy(cause, Some(&plan.set), owners),
        )
    }
}

fn trust(pen: &mut Pen<'_>, trust: &Trust, owners: &Owners) -> io::Result<()> {
    let palette = pen.palette;
    if !trust.missing.is_empty() {
        let missing = list(trust.missing.iter().map(AsRef::as_ref));
        let owner = owners.trust.as_deref().map_or_else(
            || "whoever owns the role".to_owned(),
            |owner| plain(owner).into_owned(),
        );
        pen.text(
            2,
            palette.strong,
            &format!("The trust policy does not let in {missing}"),
        )?;
        let ask = format!("Ask {owner} to allow them sts:AssumeRole in the trust policy.");
        pen.hanging(4, "Do:", palette.doing, &ask)?;
    }
    if !trust.unknown.is_empty() {
        let unknown = list(trust.unknown.iter().map(AsRef::as_ref));
        let reason = plain(trust.reason.as_deref().unwrap_or("for an unknown reason"));
        let text = format!("It is not known whether the trust policy lets in {unknown}: {reason}");
        pen.text(2, palette.strong, &text)?;
    }
    Ok(())
}

/// Where the same actions were asked about.
#[derive(Default)]
struct Asked<'p> {
    resources: BTreeSet<&'p str>,
    regions: BTreeSet<&'p str>,
}

impl Asked<'_> {
    /// `None` where nothing was declared.
    fn in_words(&self) -> Option<String> {
        let resources: Vec<&str> = self
            .resources
            .iter()
            .copied()
            .filter(|one| *one != "*")
            .collect();
        let on = (!resources.is_empty()).then(|| format!("on {}", list(resources.into_iter())));
        let in_ = (!self.regions.is_empty())
            .then(|| format!("in {}", list(self.regions.iter().copied())));
        match (on, in_) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(on), Some(in_)) => Some(format!("{on} {in_}")),
        }
    }
}

/// Places by their actions, so that the same list is not told once a region.
fn gather<'p>(plan: &'p Plan, places: &'p [Place]) -> BTreeMap<Vec<&'p ActionName>, Asked<'p>> {
    let mut gathered: BTreeMap<Vec<&ActionName>, Asked<'_>> = BTreeMap::new();
    for place in places {
        let asked = gathered.entry(place.actions(plan).collect()).or_default();
        asked.resources.insert(place.resource(plan));
        asked.regions.extend(place.region(plan));
    }
    gathered
}
