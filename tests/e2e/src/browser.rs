//! The browser of the tests: which is it, and where does it lie?
//!
//! The one that `CHROMIUM` names. Else, on Linux with an x86_64 processor, a headless Chromium of one pinned version, which an
//! npm package holds whole; it is unpacked beside the Python tools the first time that a test needs it. Elsewhere the first
//! of the usual names in the search path.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{Tools, folder, run};

const PACKAGE: &str = "@sparticuz/chromium";
const VERSION: &str = "153.0.0";

/// The program of the browser, installed if need be.
///
/// # Panics
/// If there is none and none can be installed; the message says what to do.
#[must_use]
pub fn chromium() -> PathBuf {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        return named.into();
    }
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        pinned()
    } else {
        found()
    }
}

fn pinned() -> PathBuf {
    let place = folder().join(format!("chromium-{VERSION}"));
    let program = place.join("chromium");
    if !program.exists() {
        fs::create_dir_all(folder()).expect("the folder of the tools can be made");
        let lock = File::create(folder().join("chromium.lock"))
            .expect("the lock of the browser can be made");
        lock.lock().expect("the lock of the browser can be held");
        if !program.exists() {
            install(&place);
        }
    }
    program
}

fn install(place: &Path) {
    // What an interrupted install left behind.
    let _ = fs::remove_dir_all(place);
    fs::create_dir_all(place).expect("the folder of the browser can be made");
    run(Command::new("npm")
        .args(["pack", "--silent", &format!("{PACKAGE}@{VERSION}")])
        .current_dir(place));
    let package = place.join(format!("sparticuz-chromium-{VERSION}.tgz"));
    run(Tools::Formats
        .command("python")
        .arg(crate::tools::root().join("tests/e2e/tools/unpack_chromium.py"))
        .arg(&package)
        .arg(place));
    let _ = fs::remove_file(package);
}

fn found() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!(
                "the HTML report is tested in a real browser, and there is none: install Chromium, or name one in CHROMIUM"
            )
        })
}
