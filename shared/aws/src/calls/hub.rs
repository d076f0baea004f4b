//! The calls that only the functions of a hub make, besides those of the other list.
//!
//! The sweep of a hub makes those of [`By::Audit`], [`By::Functions`] and [`By::Hub`] too, the function that audits on change the same but for
//! CloudTrail and with those of [`By::Change`], and the one that reads the roster those about [`On::Organization`] with
//! `organizations:DescribeOrganization`.

use super::call::{By, Call, On};

/// All of them.
pub const HUB_CALLS: &[Call] = &[
    Call {
        action: "s3:ListBucket",
        on: On::HubBucket,
        by: By::HubFunctions,
        why: "be told that an object is not there, instead of being refused",
    },
    Call {
        action: "s3:GetObject",
        on: On::HubRoster,
        by: By::HubFunctions,
        why: "see which accounts there are, and what stands above each",
    },
    Call {
        action: "s3:PutObject",
        on: On::HubRoster,
        by: By::Roster,
        why: "save which accounts there are, and what stands above each",
    },
    Call {
        action: "s3:PutObject",
        on: On::HubAnswers,
        by: By::Roster,
        why: "read a large organisation in several runs of the function",
    },
    Call {
        action: "s3:GetObject",
        on: On::HubAnswers,
        by: By::Roster,
        why: "go on where the run before had no more time",
    },
    Call {
        action: "s3:PutObject",
        on: On::HubItems,
        by: By::Roster,
        why: "hand the accounts that are to be audited to the state machine",
    },
    Call {
        action: "s3:GetObject",
        on: On::HubItems,
        by: By::Gather,
        why: "see which accounts were to be audited",
    },
    Call {
        action: "s3:GetObject",
        on: On::HubAccounts,
        by: By::HubReaders,
        why: "make a report of all audits, and leave a younger one as it is",
    },
    Call {
        action: "s3:PutObject",
        on: On::HubAccounts,
        by: By::HubSweep,
        why: "keep what an audit found of an account",
    },
    Call {
        action: "s3:GetObject",
        on: On::HubParts,
        by: By::HubSweep,
        why: "put the parts of an audit together that takes several runs",
    },
    Call {
        action: "s3:PutObject",
        on: On::HubParts,
        by: By::HubSweep,
        why: "keep the parts of an audit that takes several runs",
    },
    Call {
        action: "s3:PutObject",
        on: On::HubReports,
        by: By::Gather,
        why: "keep the reports",
    },
    Call {
        action: "states:StartExecution",
        on: On::StateMachine,
        by: By::HubChange,
        why: "audit the accounts below an SCP or RCP that changed",
    },
];
