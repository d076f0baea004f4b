//! Reading a listing: how much memory does it take besides the file?
//!
//! `cargo bench -p iam --bench read_memory`, the same account as in the bench `read`. The answer is divan's `max alloc`; the
//! times are no good, because every allocation is counted.

use generator::{Shape, account};

fn main() {
    divan::main();
}

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

#[divan::bench(sample_count = 1, sample_size = 1)]
fn read(bencher: divan::Bencher<'_, '_>) {
    let file = account(&Shape::default_role(20_000), 1).to_json();
    bencher
        .counter(divan::counter::BytesCount::new(file.len()))
        .bench(|| iam::inventory::read(&file));
}
