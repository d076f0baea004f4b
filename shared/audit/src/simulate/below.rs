//! Below: which object below a folder does a pattern of a policy match?
//!
//! Where a scope is declared one object stands for all. A policy can deny some of them, and a sample of these is found here.

use iam::Context;
use iam::policy::Version;

use super::form::{Form, plain};
use super::witness::pattern;

/// An object whose name begins like that, and that a pattern of a policy matches; `None` where there is none.
pub(crate) fn below(
    folder: &str,
    text: &str,
    version: Version,
    context: &Context,
) -> Option<String> {
    let pattern = pattern(text, version, context)?;
    let sample = Form::of_pattern(folder).within(&[&pattern])?;
    let sample = plain(&sample.resource, "");
    pattern.matches(&sample).then_some(sample)
}
