//! Findings as text: what is wrong, why, what to do.
//!
//! In: a finding. Out: sentences, the same in every format that lists findings. Names from the account are plain; further
//! escaping is done by each format.

use std::collections::BTreeSet;

use audit::Code;
use audit::finding::{Finding, Item, Lack};
use audit::resource_faults::topic::FaultTopic;
use audit::settings::Owners;
use iam::{Cause, PrincipalArn};

use crate::words::cause::{is_helped_by_policy, list, remedy, remedy_unknown, why, why_unknown};
use crate::words::command::into_a_profile;
use crate::words::fault;
use crate::words::masked::{self, masked};
use crate::words::plain::plain;

/// The most names in one sentence; the rest are counted.
const NAMED: usize = 12;
/// The most action sets named in one command.
const SETS: usize = 3;

/// What is wrong with whom, in one line without a full stop.
#[must_use]
pub fn headline(finding: &Finding) -> String {
    let who = who(finding);
    let set = plain(&finding.set);
    let title = plain(&finding.title);
    match finding.code {
        Code::MissingActions => format!("{who} lacks {} of {set}", actions(finding)),
        Code::MissingTrust => {
            format!("{who} does not trust everyone that {set} needs")
        }
        Code::MissingInstanceProfile => {
            format!("{who} is in no instance profile, and {set} needs one")
        }
        Code::AccessKey => format!("access keys of {who}: {}", items(finding, ", ")),
        Code::KeyState | Code::ResourceSettings => {
            let what = fault::summary(finding).unwrap_or_else(|| items(finding, ", "));
            format!("{what}: {set} of {who} needs it")
        }
        Code::AllowedOnlyOn => {
            format!(
                "{who} is allowed {} of {set} on some resources only",
                actions(finding)
            )
        }
        Code::ExcessAccess if set.is_empty() => {
            let mut items = finding.items.iter().map(item);
            let first = items.next().unwrap_or_default();
            let more = match items.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{who} can do more than its action sets need: {first}{more}")
        }
        Code::ExcessAccess => {
            format!("{who} is bound permanently to {set}, which is meant for one occasion")
        }
        Code::Undetermined if set.is_empty() => {
            format!("the access keys of {who} were not read")
        }
        Code::Undetermined => format!("not known whether {who} holds all of {set}"),
        Code::UnknownActionSet | Code::Coverage => format!("{who}: {title}"),
        Code::ChangesNotArriving => {
            format!("changes of {who} do not arrive: {}", items(finding, ", "))
        }
        Code::ChangeNotFollowed => {
            format!(
                "a change of {who} could not be followed: {}",
                items(finding, "; ")
            )
        }
        Code::AuditFailed => format!("the audit of {who} failed: {title}"),
    }
}

/// The causes that are said in place of the items. Of a trust policy it is said with each item why it lets nobody in.
#[must_use]
pub fn causes(finding: &Finding) -> &[Lack] {
    match finding.code == Code::MissingTrust {
        true => &[],
        false => &finding.lacks,
    }
}

/// Why: one part of a sentence for each cause, or, without causes, for each item.
#[must_use]
pub fn reasons(finding: &Finding) -> Vec<String> {
    if causes(finding).is_empty() {
        return finding.items.iter().map(item).collect();
    }
    let lacks = causes(finding).iter().map(|lack| {
        let names = few(lack.actions.iter().map(iam::ActionName::as_str));
        let on = match lack.resources.iter().map(AsRef::as_ref).collect::<Vec<_>>() {
            resources if resources.as_slice() == ["*"] || resources.is_empty() => String::new(),
            resources => format!(" on {}", masked(&few(resources.into_iter()))),
        };
        let within = if lack.regions.is_empty() {
            String::new()
        } else {
            format!(" in {}", few(lack.regions.iter().map(AsRef::as_ref)))
        };
        let owner = lack
            .owner
            .as_deref()
            .map_or_else(String::new, |owner| format!("; owner: {}", plain(owner)));
        let why = match lack.cause {
            Cause::MissingContext { .. } => why_unknown(&lack.cause, &keys(finding)),
            Cause::AllowedBy(_)
            | Cause::DeniedBy(_)
            | Cause::DeniedInLayer(_)
            | Cause::NotAllowedIn(_)
            | Cause::AllowedOnlyOn { .. }
            | Cause::DeniedOn { .. }
            | Cause::Unreadable { .. }
            | Cause::NotChecked { .. }
            | Cause::CannotEvaluate { .. }
            | Cause::NoAnswer { .. } => why(&lack.cause),
        };
        match names.is_empty() {
            true => format!("{why}{owner}"),
            false => format!("{names}{on}{within}: {why}{owner}"),
        }
    });
    lacks.chain(fault::sentences(finding)).collect()
}

/// What to do, one sentence for each step; never empty.
#[must_use]
pub fn remedies(finding: &Finding, owners: &Owners) -> Vec<String> {
    remedies_with(finding, owners, "")
}

/// The same where commands need options besides, as [`binding`](crate::words::provenance::Provenance::binding) has them.
#[must_use]
pub fn remedies_with(finding: &Finding, owners: &Owners, options: &str) -> Vec<String> {
    let command = fix(&[finding]).map(|fix| fix + options);
    steps(finding, owners, command.as_deref())
}

/// The command that prints a policy for findings of one principal; `None` if a policy of the principal cannot help.
#[must_use]
pub fn fix(findings: &[&Finding]) -> Option<String> {
    let wanting = findings.iter().filter(|finding| {
        let mut causes = finding.lacks.iter().map(|lack| &lack.cause);
        finding.code == Code::MissingActions && causes.any(is_helped_by_policy)
    });
    let principal = wanting.clone().find_map(|one| one.principal.as_ref())?;
    let sets: BTreeSet<&str> = wanting.map(|finding| &*finding.set).collect();
    let mut command = format!("permdrift fix {}", plain(principal.as_str()));
    // Of many sets the command would be too long for a chat; without any it is about all.
    for set in sets.iter().filter(|_| sets.len() <= SETS) {
        command.push_str(&format!(" --action-set {}", plain(set)));
    }
    Some(command)
}

/// As [`remedies`], with this command for steps that need a policy.
#[must_use]
pub fn steps(finding: &Finding, owners: &Owners, command: Option<&str>) -> Vec<String> {
    let trust = || {
        owners.trust.as_deref().map_or_else(
            || "whoever owns the role".to_owned(),
            |owner| plain(owner).into_owned(),
        )
    };
    let name = finding
        .principal
        .as_ref()
        .map_or("NAME", PrincipalArn::name);
    let one = match finding.code {
        Code::MissingActions | Code::AllowedOnlyOn | Code::Undetermined
            if !finding.lacks.is_empty() =>
        {
            let mut steps: Vec<String> = finding
                .lacks
                .iter()
                .map(|lack| step(finding, &lack.cause, command))
                .collect();
            steps.dedup();
            steps.extend(fault::remedies(finding));
            return steps;
        }
        Code::KeyState | Code::ResourceSettings | Code::Undetermined
            if !fault::sentences(finding).is_empty() =>
        {
            return fault::remedies(finding);
        }
        Code::KeyState | Code::ResourceSettings => {
            "Ask whoever owns the resource to set it as the finding says.".to_owned()
        }
        Code::MissingActions => "Grant the missing actions.".to_owned(),
        Code::MissingTrust if !finding.lacks.is_empty() => {
            "Ask whoever owns the RCP to let them assume the role; no trust policy can.".to_owned()
        }
        Code::MissingTrust => format!(
            "Ask {} to allow them sts:AssumeRole in the trust policy.",
            trust()
        ),
        Code::MissingInstanceProfile => format!(
            "Create an instance profile and put the role in it: {}",
            into_a_profile(name)
        ),
        Code::AccessKey if finding.principal.is_none() => {
            "Find out what uses the root user's key (its last use tells), give that a role, and delete the key.".to_owned()
        }
        Code::AccessKey => "Leave exactly one active access key: create, activate or delete keys in IAM until there is one. If it is a new key, enter it in Veeam.".to_owned(),
        Code::UnknownActionSet => "Correct the tag or the binding; `permdrift catalog list` prints the action sets.".to_owned(),
        Code::AllowedOnlyOn => "Declare the scope in a tag or in the settings.".to_owned(),
        Code::ExcessAccess => "Take away what it does not need, or accept it.".to_owned(),
        Code::Coverage => coverage(finding),
        Code::Undetermined if finding.set.is_empty() => {
            "Give the audit the credential report, so that it can look at the keys.".to_owned()
        }
        Code::Undetermined => "Let the audit read the trust policy, or say under [context] what its conditions ask.".to_owned(),
        Code::ChangesNotArriving => "See that a trail records management events there, and that its events reach the stack: `permdrift doctor` and docs/operations.md, \"Audits on change\". Where nobody wants audits on change, set ChangeState to DISABLED.".to_owned(),
        Code::ChangeNotFollowed => "Nothing: the next scheduled audit looks at everybody, and ends this. If it comes again, report the call and the field that is named.".to_owned(),
        Code::AuditFailed => "Repair what stopped the audit, then run it again. Until then nothing is checked.".to_owned(),
    };
    vec![one]
}

/// What to do where less was looked at than should be.
fn coverage(finding: &Finding) -> String {
    let has = |name: &str| finding.items.iter().any(|item| &*item.name == name);
    if finding.principal.is_some() {
        return match has("no longer bound") {
            true => "If Veeam still uses it so, tag or bind it again. If it was deleted or bound otherwise on purpose, do nothing: the finding ends by itself.",
            false => "Tag or bind it if Veeam uses it; `permdrift tag` proposes action sets.",
        }
        .to_owned();
    }
    let settings = [Item::UNMATCHED_BINDING, Item::UNKNOWN_ACCOUNT];
    let mut said = Vec::new();
    if settings.into_iter().any(has) {
        said.push("Correct what the settings name, or take it out of them.");
    }
    let mut names = finding.items.iter().map(|item| &*item.name);
    if names.any(|name| !settings.contains(&name)) {
        said.push("Tag or bind what Veeam uses, and give the audit the whole listing.");
    }
    said.join(" ")
}

/// What to do about one cause of a finding.
fn step(finding: &Finding, cause: &Cause, command: Option<&str>) -> String {
    match cause {
        Cause::MissingContext { .. } => remedy_unknown(cause, &keys(finding)),
        Cause::AllowedBy(_)
        | Cause::DeniedBy(_)
        | Cause::DeniedInLayer(_)
        | Cause::NotAllowedIn(_)
        | Cause::AllowedOnlyOn { .. }
        | Cause::DeniedOn { .. }
        | Cause::Unreadable { .. }
        | Cause::NotChecked { .. }
        | Cause::CannotEvaluate { .. }
        | Cause::NoAnswer { .. } => remedy(cause, command),
    }
}

/// All that a finding says, in sentences: what breaks, why, and these remedies.
#[must_use]
pub fn paragraphs(finding: &Finding, remedies: Vec<String>) -> Vec<String> {
    let mut said = vec![format!("{}: {}", finding.level, plain(&finding.impact))];
    said.extend(reasons(finding));
    said.extend(remedies);
    said
}

/// The owners of the blocking layers, each once.
#[must_use]
pub fn owners<'a>(finding: &'a Finding, owners: &'a Owners) -> Vec<&'a str> {
    let trust = owners.trust.as_deref();
    let mut owners: Vec<&str> = finding
        .lacks
        .iter()
        .filter_map(|lack| lack.owner.as_deref())
        .chain(trust.filter(|_| finding.code == Code::MissingTrust))
        .collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

/// `role Name`, `account 123456789012`.
#[must_use]
pub fn who(finding: &Finding) -> String {
    match &finding.principal {
        Some(arn) => format!("{} {}", arn.kind(), plain(arn.name())),
        None => format!("account {}", finding.account),
    }
}

/// The context keys without a value. Items that are not context keys have a place.
fn keys(finding: &Finding) -> BTreeSet<Box<str>> {
    let items = finding.items.iter().filter(|item| item.place.is_empty());
    items.map(|item| Box::from(&*item.name)).collect()
}

fn actions(finding: &Finding) -> String {
    let actions: BTreeSet<_> = finding
        .lacks
        .iter()
        .flat_map(|lack| &*lack.actions)
        .collect();
    match actions.len() {
        1 => "1 action".to_owned(),
        number => format!("{number} actions"),
    }
}

fn items(finding: &Finding, between: &str) -> String {
    let items: Vec<String> = finding.items.iter().map(item).collect();
    items.join(between)
}

/// One item, with its place.
#[must_use]
pub fn item(item: &Item) -> String {
    if FaultTopic::of(item).is_some() {
        fault::sentence(item)
    } else if item.place.is_empty() {
        plain(&item.name).into_owned()
    } else {
        let place = masked::resource(&item.place);
        format!("{} ({place})", plain(&item.name))
    }
}

fn few<'t>(names: impl ExactSizeIterator<Item = &'t str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named = list(names.take(NAMED));
    if more > 0 {
        format!("{named} and {more} more")
    } else {
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::event::tests::event;
    use audit::EventKind;
    use iam::Layer;
    use std::sync::Arc;

    /// A finding of one set, denied by these layers.
    fn finding(set: &str, layers: &[Layer]) -> Finding {
        let mut finding = event(EventKind::Opened, 1).finding;
        finding.set = set.into();
        Arc::make_mut(&mut finding.lacks)[0].cause = Cause::NotAllowedIn(layers.to_vec());
        finding
    }

    #[test]
    fn a_command_prints_what_a_policy_of_the_principal_can_give() {
        let scp = Layer::ServiceControl { level: None };
        let own = |set| finding(set, &[Layer::Identity]);
        let check = |findings: &[Finding], sets: Option<&str>| {
            let findings: Vec<&Finding> = findings.iter().collect();
            let command = "permdrift fix arn:aws:iam::123456789012:role/backup/VeeamRestore";
            let expected = sets.map(|sets| format!("{command}{sets}"));
            assert_eq!(fix(&findings), expected);
        };
        check(&[own("a")], Some(" --action-set a"));
        check(&[finding("a", &[scp])], None);
        check(&[finding("a", &[scp]), own("b")], Some(" --action-set b"));
        check(
            &[own("b"), own("a"), own("b")],
            Some(" --action-set a --action-set b"),
        );
        check(&[own("a"), own("b"), own("c"), own("d")], Some(""));
    }
}
