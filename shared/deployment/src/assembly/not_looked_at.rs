//! What a file creates outside IAM that may still change what users and roles may do.

use super::Assembly;

/// Something that is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotLookedAt {
    /// A CloudFormation stack or stack set.
    Stack,
    /// A policy of the organisation that restricts users and roles, or its attachment.
    OrganizationPolicy,
    /// A budget that attaches a policy when it is exceeded.
    BudgetAction,
}

/// The types of an organisation's policies that restrict users and roles.
const RESTRICTING: [&str; 2] = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"];

impl NotLookedAt {
    /// A policy of the organisation of this type; `None` where it restricts nobody.
    pub(crate) fn organization_policy(kind: Option<&str>) -> Option<Self> {
        let restricts = kind.is_none_or(|kind| RESTRICTING.contains(&kind));
        restricts.then_some(Self::OrganizationPolicy)
    }

    /// An action of a budget of this type; `None` where it attaches no policy.
    pub(crate) fn budget_action(kind: Option<&str>) -> Option<Self> {
        let attaches = kind != Some("RUN_SSM_DOCUMENTS");
        attaches.then_some(Self::BudgetAction)
    }
}

impl Assembly<'_> {
    /// Adds a note on something that is not looked at; `line` is 0 where it is not known.
    pub(crate) fn note_not_looked_at(&mut self, id: &str, line: usize, what: NotLookedAt) {
        let place = match line {
            0 => String::new(),
            line => format!(" (line {line})"),
        };
        let what = match what {
            NotLookedAt::Stack => {
                "is a stack of its own, which is not looked at: check its template too"
            }
            NotLookedAt::OrganizationPolicy => {
                "changes the policies of the organisation, which is not looked at: give the SCPs that will be in force with --scp"
            }
            NotLookedAt::BudgetAction => {
                "attaches a policy when a budget is exceeded, which is not looked at"
            }
        };
        let note = format!("`{id}`{place} {what}");
        self.beside.insert(note.clone());
        self.notes.insert(note);
    }
}
