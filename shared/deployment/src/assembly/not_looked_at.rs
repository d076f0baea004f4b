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
