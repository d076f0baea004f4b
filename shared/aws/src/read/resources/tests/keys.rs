//! Keys.

use super::*;
use audit::resources::Reading;

#[tokio::test]
async fn a_key_takes_three_calls_in_its_region() {
    let (side, sent) = read_where(&named([key(KEY)]), |_| None).await;
    let key = &side.resources.keys[KEY];
    let metadata = key.metadata.read().unwrap();
    assert_eq!(
        (&*metadata.state, &*metadata.manager),
        ("Enabled", "CUSTOMER")
    );
    assert!(key.policy.read().unwrap().is_ok());
    assert_eq!(key.grants.read().unwrap().len(), 1);
    assert_eq!(sent.len(), 3);
    for call in sent {
        assert!(
            call.uri
                .starts_with("https://kms.eu-central-1.amazonaws.com/"),
            "{}",
            call.uri
        );
        assert!(call.headers["authorization"].contains("/eu-central-1/kms/aws4_request"));
    }
}

#[tokio::test]
async fn a_key_that_several_operations_use_is_read_once() {
    let both =
        [catalog::KeyRole::Source, catalog::KeyRole::Target].map(|role| NamedResource::Key {
            arn: KEY.into(),
            role: Some(role),
        });
    let (_, sent) = read_where(&named(both), |_| None).await;
    assert_eq!(sent.len(), 3);
}

#[tokio::test]
async fn a_key_of_another_account_keeps_what_it_tells() {
    let other = KEY.replace(ACCOUNT, "444455556666");
    let (side, _) = read_where(&named([key(&other)]), |sent| {
        let is_description = sent.target.ends_with("DescribeKey");
        Some(match is_description {
            true => {
                let (status, body) = answer(sent);
                (
                    status,
                    body.replace(
                        "\"AWSAccountId\":\"111122223333\"",
                        "\"AWSAccountId\":\"444455556666\"",
                    ),
                )
            }
            false => json_refusal(400, "AccessDeniedException"),
        })
    })
    .await;
    let key = &side.resources.keys[&*other];
    assert_eq!(
        key.metadata.read().unwrap().account.as_str(),
        "444455556666"
    );
    assert_eq!(key.policy, Reading::Refused("AccessDeniedException".into()));
    assert_eq!(
        (side.reads.calls, side.reads.refused, side.reads.failed),
        (3, 2, 0)
    );
}

#[tokio::test]
async fn all_pages_of_grants_are_read() {
    let more = |sent: &Sent| {
        let (status, body) = answer(sent);
        let is_last = sent.body.contains("\"Marker\":\"AQ==\"");
        let goes_on = "\"NextMarker\":\"AQ==\",\"Truncated\":true";
        let body = match is_last {
            true => body.replace("abcde1237f76", "ffffe1237f76"),
            false => body.replace("\"Truncated\":false", goes_on),
        };
        (status, body)
    };
    let (side, sent) = read_where(&named([key(KEY)]), move |sent| Some(more(sent))).await;
    let grants = side.resources.keys[KEY].grants.read().unwrap();
    assert_eq!((grants.len(), sent.len()), (2, 4));
    let (side, _) = read_where(&named([key(KEY)]), move |sent| {
        let is_second = sent.body.contains("Marker");
        Some(match is_second {
            true => json_refusal(400, "AccessDeniedException"),
            false => more(sent),
        })
    })
    .await;
    let grants = &side.resources.keys[KEY].grants;
    assert_eq!(
        *grants,
        Reading::Refused("AccessDeniedException".into()),
        "half of them says nothing"
    );
}

#[tokio::test]
async fn the_grants_of_a_key_that_aws_manages_are_not_read() {
    let (side, sent) = read_where(&named([key(KEY)]), |sent| {
        let (status, body) = answer(sent);
        Some((status, body.replace("\"CUSTOMER\"", "\"AWS\"")))
    })
    .await;
    let key = &side.resources.keys[KEY];
    assert!(key.policy.read().is_some());
    assert_eq!((&key.grants, sent.len()), (&Reading::NotRead, 2));
}

#[tokio::test]
async fn what_is_no_key_is_not_asked_about() {
    let alias = "arn:aws:kms:eu-central-1:111122223333:alias/veeam";
    let (side, sent) = read_where(&named([key(alias), key("nonsense")]), |_| None).await;
    assert!(side.resources.keys.is_empty() && sent.is_empty());
}

#[tokio::test]
async fn a_key_that_a_vault_leads_to_is_read_with_its_grants() {
    let wanted = Wanted {
        found_keys: true,
        ..named([NamedResource::Vault(VAULT.into())])
    };
    let (side, sent) = read_where(&wanted, |_| None).await;
    let key = &side.resources.keys[KEY];
    assert!(key.metadata.read().is_some() && key.policy.read().is_some());
    assert_eq!(key.grants.read().unwrap().len(), 1);
    assert_eq!(sent.len(), 5);
    let vault = &side.resources.vaults[VAULT];
    assert!(vault.policy.read().unwrap().as_ref().unwrap().is_ok());
    assert!(!vault.description.read().unwrap().is_locked);
}

#[tokio::test]
async fn a_vault_of_another_account_is_not_asked_about() {
    let other = VAULT.replace(ACCOUNT, "444455556666");
    let wanted = named([NamedResource::Vault(other.as_str().into())]);
    let (side, sent) = read_where(&wanted, |_| None).await;
    assert!(side.resources.vaults.is_empty() && sent.is_empty());
}

#[tokio::test]
async fn a_vault_without_a_policy_has_none() {
    let wanted = named([NamedResource::Vault(VAULT.into())]);
    let (side, _) = read_where(&wanted, |sent| {
        sent.uri.ends_with("access-policy").then(|| {
            let body = r#"{"Code":"ERROR_3002","Context":"c","Message":"Backup vault policy does not exist","Type":"c","__type":"ResourceNotFoundException"}"#;
            (400, body.to_owned())
        })
    })
    .await;
    assert_eq!(side.resources.vaults[VAULT].policy, Reading::Read(None));
}
