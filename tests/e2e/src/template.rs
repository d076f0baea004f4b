//! The template: what is deployed, as plain CloudFormation?
//!
//! In: `template.yaml`. Out: the same after SAM's own translator, as JSON.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use crate::tools::{Tools, root};

/// Where the source is.
#[must_use]
pub fn source() -> PathBuf {
    root().join("template.yaml")
}

/// The transformed template.
///
/// # Panics
/// If the translator refuses the template; the message is its own.
#[must_use]
pub fn transformed() -> &'static Value {
    static TEMPLATE: OnceLock<Value> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let told = Tools::Server
            .command("python")
            .arg(root().join("tests/e2e/tools/transform.py"))
            .arg(source())
            .output()
            .expect("python starts");
        assert!(
            told.status.success(),
            "the translator refuses template.yaml:\n{}",
            String::from_utf8_lossy(&told.stderr)
        );
        serde_json::from_slice(&told.stdout).expect("the translator prints JSON")
    })
}
