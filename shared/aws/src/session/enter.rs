//! Entering: how does a hub come into another account, and only into that one?
//!
//! Unlike [`Session::assume`] the role is assumed at once, so that its refusal is not taken for one of the first call, and what AWS gives
//! is checked. The credentials last an hour, longer than any run, and are not renewed.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use iam::{AccountId, Arn};

use super::{Role, Session};
use crate::failure::Failure;

/// Why a role's credentials cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnterError {
    /// AWS did not give any.
    #[error("the role `{role}` cannot be assumed")]
    Call {
        /// Which role.
        role: String,
        /// Why.
        #[source]
        failure: Failure,
    },
    /// AWS gave some of another account.
    #[error(
        "AWS gave credentials of `{found}` in the place of the role `{role}` of account {account}"
    )]
    OtherAccount {
        /// Which role.
        role: String,
        /// The account that was to be entered.
        account: AccountId,
        /// Whose credentials they are, as AWS says.
        found: String,
    },
}

impl Session {
    /// The same, with the credentials of a role of that account.
    ///
    /// # Errors
    /// [`EnterError`].
    pub async fn enter(
        &self,
        role: &Role,
        account: AccountId,
        name: &str,
    ) -> Result<Self, EnterError> {
        let call = |failure| EnterError::Call {
            role: role.arn.clone(),
            failure,
        };
        let answer = aws_sdk_sts::Client::new(&self.config)
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(name)
            .set_external_id(role.external_id.clone())
            .send()
            .await
            .map_err(|error| call(Failure::of(&error)))?;
        let found = answer.assumed_role_user().map_or("", |user| user.arn());
        if found.is_empty() {
            // Half an answer: another attempt may bring a whole one.
            return Err(call(Failure::Broken { code: None }));
        }
        if Arn::parse(found).map_or("", |arn| arn.account) != account.as_str() {
            return Err(EnterError::OtherAccount {
                role: role.arn.clone(),
                account,
                found: found.to_owned(),
            });
        }
        let given = answer.credentials();
        let given = given.ok_or_else(|| call(Failure::Broken { code: None }))?;
        let credentials = Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            SystemTime::try_from(*given.expiration()).ok(),
            "permdrift",
        );
        let config = self.config.to_builder();
        let provider = SharedCredentialsProvider::new(credentials);
        Ok(Self {
            config: config.credentials_provider(provider).build(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{Replay, refusal};

    const ACCOUNT: &str = "222222222222";
    const ROLE: &str = "arn:aws:iam::222222222222:role/permdrift-audit";

    fn answer(arn: &str) -> (u16, String) {
        let body = format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
             <Arn>{arn}</Arn><AssumedRoleId>AROA:permdrift</AssumedRoleId></AssumedRoleUser><Credentials>\
             <AccessKeyId>ASIAENTERED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
             <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        );
        (200, body)
    }

    async fn entered(answers: Vec<(u16, String)>) -> (Replay, Result<Session, EnterError>) {
        let replay = Replay::of(answers);
        let role = Role {
            arn: ROLE.to_owned(),
            external_id: Some("of-the-hub".to_owned()),
        };
        let session = replay.session();
        let account = ACCOUNT.parse().unwrap();
        let entered = session.enter(&role, account, "permdrift").await;
        (replay, entered)
    }

    #[tokio::test]
    async fn a_role_is_assumed_at_once_and_its_credentials_are_used() {
        let arn = "arn:aws:sts::222222222222:assumed-role/permdrift-audit/permdrift";
        let caller = format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>AROA:permdrift</UserId>\
             <Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        let (replay, session) = entered(vec![answer(arn), (200, caller)]).await;
        assert_eq!(replay.sent()[0].form["ExternalId"], "of-the-hub");
        assert_eq!(&*session.unwrap().caller().await.unwrap().arn, arn);
        assert_eq!(replay.sent()[1].key, "ASIAENTERED");
    }

    #[tokio::test]
    async fn credentials_of_another_account_are_not_used() {
        let other = "arn:aws:sts::333333333333:assumed-role/permdrift-audit/permdrift";
        let (_, session) = entered(vec![answer(other)]).await;
        let expected = EnterError::OtherAccount {
            role: ROLE.to_owned(),
            account: ACCOUNT.parse().unwrap(),
            found: other.to_owned(),
        };
        assert_eq!(session.err(), Some(expected));
        // Nor are some of which AWS does not say whose they are; but that may pass.
        let (_, session) = entered(vec![answer("")]).await;
        let expected = EnterError::Call {
            role: ROLE.to_owned(),
            failure: Failure::Broken { code: None },
        };
        assert_eq!(session.err(), Some(expected));
    }

    #[tokio::test]
    async fn a_refusal_is_told_from_what_passes() {
        let check = async |answer, passes: bool, calls| {
            let (replay, session) = entered(vec![answer]).await;
            let Err(EnterError::Call { role, failure }) = session else {
                panic!("entered")
            };
            assert_eq!((&*role, failure.is_passing()), (ROLE, passes));
            assert_eq!(replay.sent().len(), calls);
        };
        check(refusal(403, "AccessDenied", "not yours"), false, 1).await;
        check(refusal(400, "Throttling", "slower"), true, 10).await;
        check(refusal(503, "ServiceUnavailable", "later"), true, 10).await;
    }
}
