//! Cells of a table: several are spoiled at the same time, and all that fail are named at the end.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Cells at the same time; most of them wait.
const HANDS: usize = 8;

/// What came of each cell, by its position.
///
/// # Panics
/// If any cell failed; the message names all that did.
pub(crate) fn each<C: Sync>(
    cells: &[C],
    spoil: impl Fn(usize, &C) -> &'static str + Sync,
    name: impl Fn(&C) -> String,
) -> BTreeMap<usize, &'static str> {
    let words: Mutex<BTreeMap<usize, &'static str>> = Mutex::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = cells.get(at) else {
                        return;
                    };
                    // One that fails has said why; the others are to be seen as well.
                    if let Ok(word) = catch_unwind(AssertUnwindSafe(|| spoil(at, cell))) {
                        words.lock().expect("no cell holds it").insert(at, word);
                    }
                }
            });
        }
    });
    let words = words.into_inner().expect("no cell holds it");
    let failed: Vec<String> = cells
        .iter()
        .enumerate()
        .filter(|(at, _)| !words.contains_key(at))
        .map(|(_, cell)| name(cell))
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} cells failed:\n{}",
        failed.len(),
        cells.len(),
        failed.join("\n")
    );
    words
}
