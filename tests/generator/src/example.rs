//! The example: one company's account, in which every verdict, every cause and every finding code is found.
//!
//! About forty principals with names that say what is wrong with them. [`example`] gives the files that stand in `examples/`
//! (all but the settings, which a person wrote); a test holds them equal.

mod making;
mod roles;
mod users;

use making::Making;
use serde::Serialize;

use crate::document::{Document, allow, allow_all_but, deny, document, pretty};
use crate::listing::Account;

/// The files of the example.
pub struct Example {
    /// What `aws iam get-account-authorization-details` prints.
    pub account: Account,
    /// What `aws iam get-credential-report` holds, as CSV.
    pub credential_report: String,
    /// The SCPs of the organization's root.
    pub scp_root: Document,
    /// The SCPs of the account.
    pub scp_account: Document,
}

/// The example, the same each time.
#[must_use]
pub fn example() -> Example {
    let mut making = Making::new();
    roles::veeam(&mut making);
    roles::others(&mut making);
    let credential_report = users::all(&mut making);
    Example {
        account: making.account.counted(),
        credential_report,
        scp_root: document([
            allow(["*"], ["*"]).sid("FullAccess"),
            deny(
                ["organizations:LeaveOrganization", "account:CloseAccount"],
                ["*"],
            )
            .sid("StayInTheOrganization"),
            crate::Statement {
                action: crate::Texts::default(),
                not_action: [
                    "iam:*",
                    "sts:*",
                    "organizations:*",
                    "account:*",
                    "pricing:*",
                    "support:*",
                ]
                .into(),
                ..deny(["*"], ["*"])
            }
            .sid("EuropeOnly")
            .when(
                "StringNotEquals",
                "aws:RequestedRegion",
                ["eu-central-1", "eu-west-1", "us-east-1"],
            ),
        ]),
        scp_account: document([
            allow_all_but(["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"])
                .sid("AlarmsAreMadeByObservability"),
            deny(["ec2:ImportImage", "ec2:ImportVolume"], ["*"]).sid("ImagesComeFromThePipeline"),
        ]),
    }
}

impl Example {
    /// A file of the example, as it stands in `examples/`.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        let json = |document: &Document| lines(document);
        match name {
            "account.json" => Some(self.account.to_json()),
            "credential-report.csv" => Some(self.credential_report.clone().into_bytes()),
            "scp-root.json" => Some(json(&self.scp_root)),
            "scp-account.json" => Some(json(&self.scp_account)),
            _ => None,
        }
    }

    /// The names that [`Example::file`] knows.
    pub const FILES: [&str; 4] = [
        "account.json",
        "credential-report.csv",
        "scp-root.json",
        "scp-account.json",
    ];
}

fn lines(value: &impl Serialize) -> Vec<u8> {
    let mut json = pretty(value);
    json.push(b'\n');
    json
}
