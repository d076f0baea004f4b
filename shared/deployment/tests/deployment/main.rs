//! Deployments: what do policy documents, templates and plans make of an account, and what do they leave open?

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops, and nobody uses it from outside"
)]

mod functions;
mod grants;
mod made;
mod plans;
mod refused;
mod templates;
mod worlds;
