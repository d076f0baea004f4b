//! Names: which names and paths does IAM refuse?
//!
//! The lengths are those of IAM's quotas, which AWS does not raise; the characters those of IAM's API. Only a name that is known to the
//! end is looked at.

use super::Assembly;

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    User,
    Role,
    Group,
    ManagedPolicy,
    InlinePolicy,
    InstanceProfile,
}

const LONGEST_PATH: usize = 512;

impl Named {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
            Self::ManagedPolicy => "managed policy",
            Self::InlinePolicy => "inline policy",
            Self::InstanceProfile => "instance profile",
        }
    }

    /// How many characters its name may have.
    fn longest(self) -> usize {
        match self {
            Self::User | Self::Role => 64,
            Self::Group | Self::ManagedPolicy | Self::InlinePolicy | Self::InstanceProfile => 128,
        }
    }

    /// Whether a path may have this character between its slashes.
    fn is_in_path(self, letter: char) -> bool {
        match self {
            Self::ManagedPolicy => is_in_name(letter),
            Self::User | Self::Role | Self::Group | Self::InlinePolicy | Self::InstanceProfile => {
                letter.is_ascii_graphic()
            }
        }
    }
}

fn is_in_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter)
}

impl Assembly<'_> {
    /// Adds a gap for a name that IAM refuses.
    pub(crate) fn check_name(&mut self, id: &str, line: usize, named: Named, name: &str) {
        let (what, longest) = (named.as_str(), named.longest());
        let length = name.chars().count();
        if name.is_empty() {
            self.refuse(
                id,
                line,
                &format!("IAM refuses the name of the {what}: it is empty"),
            );
        } else if length > longest {
            let why = format!(
                "IAM refuses the name of the {what}: it has {length} characters, and {longest} are the most"
            );
            self.refuse(id, line, &why);
        } else if let Some(odd) = name.chars().find(|letter| !is_in_name(*letter)) {
            let why = format!(
                "IAM refuses the name `{name}` of the {what}: it has `{odd}` in it, where letters and digits of ASCII and `_+=,.@-` were expected"
            );
            self.refuse(id, line, &why);
        }
    }

    /// Adds a gap for a path that IAM refuses.
    pub(crate) fn check_path(&mut self, id: &str, line: usize, named: Named, path: &str) {
        let length = path.chars().count();
        if length > LONGEST_PATH {
            let why = format!(
                "IAM refuses the path: it has {length} characters, and {LONGEST_PATH} are the most"
            );
            self.refuse(id, line, &why);
        } else if !path.starts_with('/') || !path.ends_with('/') {
            let why = format!(
                "IAM refuses the path `{path}`: expected a slash at both ends, such as `/backup/`"
            );
            self.refuse(id, line, &why);
        } else if let Some(odd) = path
            .chars()
            .find(|letter| *letter != '/' && !named.is_in_path(*letter))
        {
            let expected = match named {
                Named::ManagedPolicy => "letters and digits of ASCII and `_+=,.@-`",
                Named::User
                | Named::Role
                | Named::Group
                | Named::InlinePolicy
                | Named::InstanceProfile => "visible characters of ASCII",
            };
            let why = format!(
                "IAM refuses the path `{path}`: it has `{odd}` in it, where {expected} were expected"
            );
            self.refuse(id, line, &why);
        }
    }

    /// Adds a gap once; a policy that several hold is looked at for each of them.
    pub(super) fn refuse(&mut self, id: &str, line: usize, why: &str) {
        let gap = self.gap(id, line, why);
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }
}
