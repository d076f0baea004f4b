//! How the Lambda is linked: for a short start.
//!
//! A start brings in memory page by page. What runs before the first event stands together (`start.ld`), and nothing has to
//! be moved to where the kernel loads it: addresses are fixed, `docs/security.md` says what that means.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=start.ld");
    let is = |name, value| var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        let folder = var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/start.ld");
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
