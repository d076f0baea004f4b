//! Sources: does a condition on `aws:SourceArn` let a service act for the role's own account?

use iam::condition::operator::{Operator, Quantifier, Test};
use iam::policy::Condition;
use iam::truth::Truth;
use iam::{AccountId, Arn, Context};

/// Whether a condition on `aws:SourceArn` holds for what a service does in the account; `None` for other conditions, and where it
/// hangs on which resource the service acts for.
pub(super) fn source_arn(
    condition: &Condition,
    service: &str,
    account: AccountId,
    context: &Context,
) -> Option<Truth> {
    const KEY: &str = "aws:SourceArn";
    if !condition.key.eq_ignore_ascii_case(KEY) || context.names(KEY) {
        return None;
    }
    let operator = Operator::parse(&condition.operator)?;
    let has_wildcards = match operator.test {
        Test::Arn | Test::StringLike => true,
        Test::StringEquals | Test::StringEqualsIgnoreCase => false,
        Test::Numeric(_)
        | Test::Date(_)
        | Test::Bool
        | Test::Binary
        | Test::IpAddress
        | Test::Null => return None,
    };
    if operator.negated || operator.if_exists || operator.quantifier != Quantifier::One {
        return None;
    }
    let mut all_elsewhere = true;
    for value in &condition.values {
        let Ok(arn) = Arn::parse(value) else {
            return None;
        };
        let is_elsewhere = match arn.account.parse::<AccountId>() {
            Ok(tied) => tied != account,
            // None in the ARN, or a pattern.
            Err(_) => false,
        };
        if is_elsewhere {
            continue;
        }
        all_elsewhere = false;
        let is_wide = |part: &str| part == "*";
        let prefix = service.split('.').next().unwrap_or(service);
        let takes_all = has_wildcards
            && (is_wide(arn.service) || arn.service == prefix)
            && is_wide(arn.region)
            && is_wide(arn.resource)
            && (is_wide(arn.account) || arn.account == account.as_str());
        if takes_all {
            return Some(Truth::Yes);
        }
    }
    all_elsewhere.then_some(Truth::No)
}
