//! The log: JSON lines on standard output, of ourselves only.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Begins to write it; once in a process.
pub fn write() {
    let ours = Targets::new()
        .with_target("sweep", LevelFilter::INFO)
        .with_target("on_change", LevelFilter::INFO)
        .with_target("roster", LevelFilter::INFO)
        .with_target("gather", LevelFilter::INFO)
        .with_target("stack", LevelFilter::INFO)
        .with_target("aws", LevelFilter::INFO)
        // A target is matched by how its name begins.
        .with_target("aws_", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true);
    tracing_subscriber::registry().with(lines).with(ours).init();
}
