//! How long does it take to have the embedded catalog? Loading must stay well under a millisecond, and so must an
//! audit's first look at the sets that people do bind.

use catalog::Catalog;
use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench]
fn embedded() -> Catalog {
    Catalog::embedded()
}

#[divan::bench(args = ["vbaws-role-default-backup-restore", "vbr-s3-immutability"])]
fn one_set(bencher: Bencher<'_, '_>, id: &str) {
    bencher
        .with_inputs(Catalog::embedded)
        .bench_refs(|catalog| catalog.find(id).map(|set| set.actions.len()));
}

#[divan::bench]
fn every_set(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(Catalog::embedded)
        .bench_refs(|catalog| catalog.sets().map(|set| set.actions.len()).sum::<usize>());
}
