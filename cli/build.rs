//! Build script: which commit is this program built from?
//!
//! In: `PERMDRIFT_COMMIT`, else the checkout that this package lies in. Out: the variable `PERMDRIFT_COMMIT` for the compiler,
//! `unknown` where there is neither (a source archive). Changes that are not committed are not told.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=PERMDRIFT_COMMIT");
    let given = std::env::var("PERMDRIFT_COMMIT").ok();
    let commit = given
        .filter(|given| !given.is_empty())
        .or_else(of_checkout)
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=PERMDRIFT_COMMIT={commit}");
}

/// The commit of the checkout whose folder `cli` this package is. A source archive that was unpacked inside of somebody
/// else's checkout has none.
fn of_checkout() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    // Git appends to this file whenever the checkout gets another commit.
    let log = root.join(git(root, &["rev-parse", "--git-path", "logs/HEAD"])?);
    if log.exists() {
        println!("cargo::rerun-if-changed={}", log.display());
    }
    git(root, &["rev-parse", "--short=12", "HEAD"])
}

/// What git prints, without the line end; `None` where git is not there or refuses.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}
