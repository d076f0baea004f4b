//! How long does it take to load the embedded catalog? It must stay well under a millisecond.

use catalog::Catalog;

fn main() {
    divan::main();
}

#[divan::bench]
fn embedded() -> Catalog {
    Catalog::embedded()
}
