//! The audit: requirements, verdicts, changes and findings.
