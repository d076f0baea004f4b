//! Signs: what does a title begin with, so that it can be told at a glance how bad it is?

use audit::{EventKind, Level};

/// Green where it is over, red where backups or restores fail, else yellow.
pub(crate) fn sign(kind: EventKind, level: Level) -> &'static str {
    match kind {
        EventKind::Resolved(_) => "\u{2705}",
        EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded => {
            match level {
                Level::High | Level::Critical => "\u{1f534}",
                Level::Notice | Level::Low | Level::Medium => "\u{1f7e1}",
            }
        }
    }
}
