//! Deployments: what do policy documents, templates and plans make of an account, and what do they leave open?

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops, and nobody uses it from outside"
)]

mod broken_plans;
mod cloud_control;
mod every_value;
mod existing;
mod existing_plans;
mod functions;
mod grammar;
mod grants;
mod names;
mod plain_scalars;
mod plan_names;
mod plan_references;
mod plan_text;
mod plans;
mod quotas;
mod refused;
mod sam;
mod same_names;
mod summary;
mod template_text;
mod templates;
