//! `permdrift print-policy`: the IAM policy that an audit of an AWS account needs, and on demand what saving an organisation needs.

use aws::calls::{Covers, audit_policy};

use crate::arguments::PrintPolicyArguments;
use crate::exit::Exit;
use crate::output;

/// Prints it.
///
/// # Errors
/// Where standard output takes no more.
pub(crate) fn run(asked: &PrintPolicyArguments) -> anyhow::Result<Exit> {
    let covers = match asked.organization {
        true => Covers::WholeOrganization,
        false => Covers::Audits,
    };
    let policy = audit_policy(&asked.partition, asked.account, covers);
    output::bytes(|out| out.write_all(policy.as_bytes()))?;
    Ok(Exit::Fine)
}
