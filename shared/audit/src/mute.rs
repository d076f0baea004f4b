//! Mutes: which findings does an owner want kept quiet, and until when?

use std::sync::Arc;

use jiff::Timestamp;

/// What is worth telling about a mute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MuteNote {
    /// What identifies the mute: its finding or principal pattern, with its line in the settings.
    pub mute: Arc<str>,
    /// Who wrote it.
    pub owner: Arc<str>,
    /// What is worth telling.
    pub kind: MuteNoteKind,
}

/// What can be worth telling about a mute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MuteNoteKind {
    /// It ends within seven days.
    EndsSoon(Timestamp),
    /// It has ended, and mutes nothing any more.
    Ended(Timestamp),
    /// Its date is no date, so it counts as ended.
    NoDate(Arc<str>),
    /// It matched nothing in this audit.
    Unused,
}
