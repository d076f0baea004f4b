//! Terminal output of a fix: what it adds, which gaps it closes, and which gaps no policy can close, why, and who can.
//!
//! In: a fix and the owners from the settings. Out: paragraphs. The policies are written by
//! [`policies`](crate::machine::policies); a statement for the policy of a resource stands here, for it is for somebody else.

mod access_keys;

use std::collections::BTreeSet;
use std::io;

use anstyle::Style;
use audit::assessment::LayerCoverage;
use audit::fix::{ATTACHED_POLICIES, Addition, Fix, Holder, Remedy};
use audit::requirement::ResourcePolicy;
use audit::resource_faults::fault::FaultyResource;
use audit::resources::NamedResource;
use audit::settings::Owners;
use audit::verdict::{Place, Profile, Trust};
use iam::{Cause, Layer};

use crate::screen::actions::Group;
use crate::screen::owner as owner_line;
use crate::screen::pen::Pen;
use crate::words::cause::{list, owner, remedy, remedy_unknown, usual_owner, why, why_unknown};
use crate::words::command::into_a_profile;
use crate::words::counted::counted;
use crate::words::coverage;
use crate::words::fault;
use crate::words::layers;
use crate::words::message::capital;
use crate::words::plain::plain;
use crate::words::trust::{how_to_let_in, not_let_in, owners_missing};

/// Writes what the fix does and does not do, and what it rests on.
///
/// # Errors
/// If writing fails.
pub fn write(
    pen: &mut Pen<'_>,
    fix: &Fix,
    read: &LayerCoverage,
    owners: &Owners,
) -> io::Result<()> {
    let strong = pen.palette.strong;
    let arn = &fix.principal;
    writeln!(
        pen.out(),
        "{strong}{} {}{strong:#}  {}",
        arn.kind(),
        plain(arn.name()),
        plain(arn.as_str())
    )?;
    if fix.is_needless() && !fix.leaves_unknown() {
        let (style, text) = match coverage::not_checked(&not_read(fix)) {
            None => (pen.palette.good, "Nothing is missing.".to_owned()),
            Some(text) => (
                pen.palette.unknown,
                format!("Nothing is missing in what was looked at; {text}."),
            ),
        };
        pen.text(2, style, &text)?;
        return layers(pen, read);
    }
    for remedy in &fix.remedies {
        Telling {
            fix,
            owners,
            remedy,
        }
        .write(pen)?;
    }
    access_keys::write(pen, fix)?;
    additions(pen, fix)?;
    statements(pen, fix, owners)?;
    layers(pen, read)
}

/// The policies of resources that could still deny, whatever is added.
fn not_read(fix: &Fix) -> Vec<ResourcePolicy> {
    let remedies = fix.remedies.iter();
    let all: BTreeSet<ResourcePolicy> = remedies
        .flat_map(|remedy| remedy.not_read.iter().copied())
        .collect();
    all.into_iter().collect()
}

fn layers(pen: &mut Pen<'_>, read: &LayerCoverage) -> io::Result<()> {
    pen.blank()?;
    let checked = layers::checked(read);
    pen.text(0, pen.palette.faint, &format!("Checked: {checked}"))
}

struct Telling<'a> {
    fix: &'a Fix,
    owners: &'a Owners,
    remedy: &'a Remedy,
}

impl Telling<'_> {
    fn write(&self, pen: &mut Pen<'_>) -> io::Result<()> {
        let Remedy {
            requirement,
            closed,
            refused,
            halves,
            unsure,
            unknown,
            trust,
            instance_profile,
            faults,
            not_read: _,
        } = self.remedy;
        let palette = pen.palette;
        let has_trust = !trust.missing.is_empty() || !trust.unknown.is_empty();
        let told = !closed.is_empty()
            || !refused.is_empty()
            || !unsure.is_empty()
            || !unknown.is_empty()
            || has_trust
            || !faults.is_empty()
            || *instance_profile == Profile::Lacks;
        if !told {
            return Ok(());
        }
        pen.blank()?;
        let strong = palette.strong;
        writeln!(
            pen.out(),
            "{strong}{}{strong:#}  {}",
            plain(&requirement.set),
            plain(&requirement.title)
        )?;
        if !closed.is_empty() {
            let text = format!("{} granted by the printed policy", self.count(closed));
            let unread = coverage::not_checked(&self.remedy.may_be_denied_by());
            let (style, text) = match unread {
                None => (palette.good, text),
                Some(unread) => (
                    palette.unknown,
                    format!("{text}, as far as was looked at; {unread}"),
                ),
            };
            pen.text(2, style, &text)?;
        }
        if !halves.is_empty() {
            let text = format!(
                "{} of the following granted by the printed policy together with a statement below",
                self.count(halves)
            );
            pen.text(2, palette.good, &text)?;
        }
        for missing in refused {
            let why = why(&missing.cause);
            let text = format!(
                "{} that no policy of this user or role can grant",
                self.count(&missing.places)
            );
            self.stays(pen, &text, &why, &missing.cause, &missing.places)?;
            pen.hanging(4, "Do:", palette.doing, &remedy(&missing.cause, None))?;
            self.owners(pen, &missing.cause)?;
        }
        for unknown in unsure {
            let why = why_unknown(&unknown.cause, &unknown.keys);
            let text = format!(
                "{} missing, and it cannot be known whether a policy would help",
                self.count(&unknown.places)
            );
            self.stays(pen, &text, &why, &unknown.cause, &unknown.places)?;
            let advice = remedy_unknown(&unknown.cause, &unknown.keys);
            pen.hanging(4, "Do:", palette.doing, &advice)?;
            self.owners(pen, &unknown.cause)?;
        }
        for unknown in unknown {
            let why = why_unknown(&unknown.cause, &unknown.keys);
            let text = format!(
                "{} not in the printed policy, because it is not known whether they are missing",
                self.count(&unknown.places)
            );
            self.stays(pen, &text, &why, &unknown.cause, &unknown.places)?;
            let advice = remedy_unknown(&unknown.cause, &unknown.keys);
            pen.hanging(4, "Do:", palette.doing, &advice)?;
        }
        self.trust(pen, trust)?;
        for one in faults {
            pen.text(2, palette.bad, &capital(&fault::fault(one)))?;
            let remedy = fault::remedy(one);
            pen.hanging(4, "Do:", palette.doing, remedy)?;
        }
        if *instance_profile == Profile::Lacks {
            self.profile(pen)?;
        }
        Ok(())
    }

    /// What the fix does not close, why, and which actions.
    fn stays(
        &self,
        pen: &mut Pen<'_>,
        what: &str,
        why: &str,
        cause: &Cause,
        places: &[Place],
    ) -> io::Result<()> {
        let is_bounded = cause.not_allowed_in().contains(&Layer::Boundary);
        let boundary = match &self.fix.boundary {
            Some(arn) if is_bounded => format!(", which is {}", plain(arn)),
            Some(_) | None => String::new(),
        };
        let text = format!("{what}: {why}{boundary}");
        pen.text(2, pen.palette.bad, &text)?;
        let group = Group {
            requirement: &self.remedy.requirement,
            places,
        };
        group.names(pen)
    }

    /// Whom to ask: the owner named in the settings, or else the usual owner of the layer.
    fn owners(&self, pen: &mut Pen<'_>, cause: &Cause) -> io::Result<()> {
        let mut all: Vec<&str> = cause
            .layers()
            .into_iter()
            .map(|layer| owner(layer, self.owners).unwrap_or_else(|| usual_owner(layer)))
            .collect();
        all.dedup();
        owner_line::write(pen, 4, &all)
    }

    fn trust(&self, pen: &mut Pen<'_>, trust: &Trust) -> io::Result<()> {
        let palette = pen.palette;
        let owner: Vec<&str> = self.owners.trust.as_deref().into_iter().collect();
        if !trust.missing.is_empty() {
            pen.text(2, palette.bad, &not_let_in(trust))?;
            pen.hanging(4, "Do:", palette.doing, how_to_let_in(trust))?;
            owner_line::write(pen, 4, &owners_missing(trust, self.owners))?;
        }
        if !trust.unknown.is_empty() {
            let unknown = list(trust.unknown.iter().map(AsRef::as_ref));
            let reason = plain(trust.why().unwrap_or("for an unknown reason"));
            let text = format!(
                "It is not known whether the trust policy allows sts:AssumeRole to {unknown}: {reason}"
            );
            pen.text(2, palette.unknown, &text)?;
            owner_line::write(pen, 4, &owner)?;
        }
        Ok(())
    }

    fn profile(&self, pen: &mut Pen<'_>) -> io::Result<()> {
        let palette = pen.palette;
        pen.text(2, palette.bad, "The role is in no instance profile")?;
        let how = into_a_profile(self.fix.principal.name());
        pen.hanging(4, "Do:", palette.doing, &how)
    }

    fn count(&self, places: &[Place]) -> String {
        let actions: BTreeSet<_> = places
            .iter()
            .flat_map(|place| place.actions(&self.remedy.requirement))
            .collect();
        counted(actions.len(), "action")
    }
}

fn additions(pen: &mut Pen<'_>, fix: &Fix) -> io::Result<()> {
    if fix.additions.is_empty() {
        return Ok(());
    }
    let palette = pen.palette;
    pen.heading("What is printed")?;
    for Addition {
        name,
        holder,
        document,
    } in &fix.additions
    {
        let kind = match holder {
            Holder::Inline => "inline",
            Holder::Managed => "managed",
        };
        let text = format!(
            "{kind} policy {}: {} characters",
            plain(name),
            document.characters()
        );
        pen.text(2, Style::new(), &text)?;
    }
    if fix.beyond_quota > 0 {
        let text = format!(
            "{} more than can be attached: a principal takes {ATTACHED_POLICIES} managed policies",
            counted(fix.beyond_quota, "policy").replace("policys", "policies")
        );
        pen.text(2, palette.bad, &text)?;
        let how = "Detach what is not needed, or have the quota \"Managed policies attached to an IAM role\" (or user) raised.";
        pen.hanging(4, "Do:", palette.doing, how)?;
    }
    Ok(())
}

/// What the owners of resources have to add to their policies.
fn statements(pen: &mut Pen<'_>, fix: &Fix, owners: &Owners) -> io::Result<()> {
    if fix.statements.is_empty() {
        return Ok(());
    }
    pen.heading("For the policies of resources, simulated")?;
    for statement in &fix.statements {
        let resource = match &statement.resource {
            NamedResource::Key { arn, .. } => FaultyResource::Key(arn.clone()),
            NamedResource::Bucket(name) => FaultyResource::Bucket(name.clone()),
            NamedResource::Vault(arn) => FaultyResource::Vault(arn.clone()),
        };
        let owner = owner(Layer::Resource, owners)
            .map_or_else(String::new, |owner| format!(": {}", plain(owner)));
        let text = format!(
            "for the policy of {}, by its owner{owner}",
            plain(&resource.label())
        );
        pen.text(2, Style::new(), &text)?;
        for line in statement.to_json().lines() {
            writeln!(pen.out(), "    {}", plain(line))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use audit::fix::ResourceStatement;

    use super::*;
    use crate::screen::palette::Palette;

    #[test]
    fn the_statement_for_the_policy_of_a_key_is_told_with_its_owner() {
        let principal: iam::PrincipalArn = "arn:aws:iam::111122223333:role/veeam".parse().unwrap();
        let key = "arn:aws:kms:eu-west-1:999900001111:key/11111111-2222-3333-4444-5555555590ab";
        let fix = Fix {
            statements: vec![ResourceStatement {
                resource: NamedResource::Key {
                    arn: key.into(),
                    role: None,
                },
                sid: "Permdriftveeam".to_owned(),
                principal: principal.clone(),
                actions: vec!["kms:Decrypt".parse().unwrap()],
                resources: vec!["*".to_owned()],
            }],
            principal,
            additions: Vec::new(),
            beyond_quota: 0,
            remedies: Vec::new(),
            boundary: None,
            keys: None,
        };
        let owners = Owners {
            resource: Some("Platform".into()),
            ..Owners::default()
        };
        let mut out = Vec::new();
        let mut pen = Pen::new(&mut out, Palette::default(), None);
        statements(&mut pen, &fix, &owners).unwrap();
        let expected = r#"
For the policies of resources, simulated
  for the policy of key …90ab in eu-west-1 of 999900001111, by its owner: Platform
    {
      "Sid": "Permdriftveeam",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111122223333:role/veeam"
      },
      "Action": [
        "kms:Decrypt"
      ],
      "Resource": "*"
    }
"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
