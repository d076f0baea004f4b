//! Numbers with their noun.

/// `1 action`, `2 actions`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
