//! Reading a listing: how long does it take, against serde_json alone into types like ours?
//!
//! `cargo bench -p iam --bench read`. The account is 20,000 roles bound to the appliance's default role, as the AWS CLI
//! prints it. `plain_serde_json` derives everything, documents included, and neither skips nor shares anything. What a
//! reading needs in memory is the bench `read_memory`'s.

mod plain;

use std::sync::LazyLock;

use generator::{Shape, account};

fn main() {
    divan::main();
}

static FILE: LazyLock<Vec<u8>> =
    LazyLock::new(|| account(&Shape::default_role(20_000), 1).to_json());

#[divan::bench(sample_count = 9, sample_size = 1)]
fn read(bencher: divan::Bencher<'_, '_>) {
    let file = &*FILE;
    bencher
        .counter(divan::counter::BytesCount::new(file.len()))
        .bench(|| iam::inventory::read(file));
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn plain_serde_json(bencher: divan::Bencher<'_, '_>) {
    let file = &*FILE;
    bencher
        .counter(divan::counter::BytesCount::new(file.len()))
        .bench(|| serde_json::from_slice::<plain::Listing>(file));
}

/// The validity of the text and the way through it, without building anything: no reader can be quicker than this with
/// serde_json.
#[divan::bench(sample_count = 9, sample_size = 1)]
fn skip_with_serde_json(bencher: divan::Bencher<'_, '_>) {
    let file = &*FILE;
    bencher
        .counter(divan::counter::BytesCount::new(file.len()))
        .bench(|| serde_json::from_slice::<serde::de::IgnoredAny>(file));
}
