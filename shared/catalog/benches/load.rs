//! Loading: how long does the first use of the embedded catalog take, and how long any later one?
//!
//! `cargo bench -p catalog`, a few times: there is one first use in a process.

#![expect(clippy::print_stdout, reason = "a bench says what it found")]

use std::hint::black_box;
use std::time::Instant;

use catalog::Catalog;

fn main() {
    for which in ["first", "later"] {
        let begun = Instant::now();
        black_box(Catalog::embedded());
        println!("{which} use: {:.2} ms", begun.elapsed().as_secs_f64() * 1e3);
    }
}
