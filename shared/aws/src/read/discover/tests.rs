//! Discovery, as IAM answers it.

use serde_json::{Value, json};

use super::*;
use crate::replay::{Replay, refusal};

fn page(lists: &str, rest: &str) -> (u16, String) {
    let body = format!(
        "<GetAccountAuthorizationDetailsResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n\
         <GetAccountAuthorizationDetailsResult>{lists}{rest}</GetAccountAuthorizationDetailsResult>\n\
         <ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ResponseMetadata>\n\
         </GetAccountAuthorizationDetailsResponse>\n"
    );
    (200, body)
}

fn more(marker: &str) -> String {
    format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>")
}

const LAST: &str = "<IsTruncated>false</IsTruncated>";

fn user(name: &str) -> String {
    format!(
        "<UserDetailList><member><Path>/</Path><UserName>{name}</UserName><UserId>AIDA{name}</UserId>\
         <Arn>arn:aws:iam::123456789012:user/{name}</Arn><CreateDate>2026-11-01T00:00:00Z</CreateDate>\
         <UserPolicyList/><GroupList/><AttachedManagedPolicies/>\
         <Tags><member><Key>veeam:action-sets</Key><Value>a b</Value></member></Tags></member></UserDetailList>"
    )
}

async fn listed(
    answers: Vec<(u16, String)>,
) -> (Result<Inventory, DiscoverError>, Vec<Option<String>>) {
    let replay = Replay::of(answers);
    let found = discover(&replay.iam(), &mut |_| Ok(())).await;
    let markers = replay
        .sent()
        .into_iter()
        .map(|sent| sent.form.get("Marker").cloned());
    (found, markers.collect())
}

fn names(inventory: &Inventory) -> Vec<&str> {
    inventory
        .principals
        .iter()
        .map(|principal| principal.arn.name())
        .collect()
}

#[tokio::test]
async fn every_page_is_read_the_empty_ones_too() {
    let answers = vec![
        page(&user("one"), &more("a+b/=")),
        page("", &more("second")),
        page(&user("two"), LAST),
    ];
    let (found, markers) = listed(answers).await;
    let found = found.unwrap();
    assert_eq!(names(&found), ["one", "two"]);
    assert_eq!(
        found.principals[0].tags.len(),
        1,
        "tags come with the listing"
    );
    assert_eq!(
        markers,
        [None, Some("a+b/=".to_owned()), Some("second".to_owned())]
    );
    assert_eq!(found.gaps, []);
}

#[tokio::test]
async fn a_listing_that_is_not_whole_fails() {
    let (found, _) = listed(vec![page(&user("one"), "<IsTruncated>true</IsTruncated>")]).await;
    assert!(matches!(found, Err(DiscoverError::NoMarker { page: 1 })));
    let denied = refusal(403, "AccessDenied", "not authorized");
    let (found, _) = listed(vec![page(&user("one"), &more("x")), denied]).await;
    let Err(DiscoverError::Page { page: 2, failure }) = found else {
        panic!("{found:?}")
    };
    assert_eq!(
        failure.to_string(),
        "AWS refused: AccessDenied: not authorized"
    );
}

#[tokio::test]
async fn an_answer_cut_inside_a_list_is_asked_for_again() {
    let whole = page(&user("one"), LAST);
    let (before, _) = whole.1.split_once("<Tags>").unwrap();
    let cut = (200, before.to_owned());
    let (found, markers) = listed(vec![cut.clone(), whole]).await;
    assert_eq!(names(&found.unwrap()), ["one"]);
    assert_eq!(markers.len(), 2);
    let (found, markers) = listed(vec![cut]).await;
    assert!(
        matches!(found, Err(DiscoverError::Page { page: 1, .. })),
        "{found:?}"
    );
    assert_eq!(markers.len(), 10, "every attempt");
}

#[tokio::test]
async fn throttling_as_http_400_is_asked_again() {
    let throttled = refusal(400, "Throttling", "Rate exceeded");
    let answers = vec![
        throttled.clone(),
        throttled.clone(),
        page(&user("one"), LAST),
    ];
    let (found, markers) = listed(answers).await;
    assert_eq!((names(&found.unwrap()), markers.len()), (vec!["one"], 3));
    let (found, _) = listed(vec![throttled]).await;
    assert!(matches!(
        found,
        Err(DiscoverError::Page {
            failure: Failure::Throttled,
            ..
        })
    ));
}

#[tokio::test]
async fn a_page_is_saved_as_the_command_line_of_aws_prints_it() {
    let lists = "<RoleDetailList><member><Path>/backup/</Path><RoleName>Veeam</RoleName><RoleId>AROA1</RoleId>\
        <Arn>arn:aws:iam::123456789012:role/backup/Veeam</Arn><CreateDate>2026-11-01T10:20:30Z</CreateDate>\
        <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>\
        <InstanceProfileList/><RolePolicyList><member><PolicyName>odd</PolicyName>\
        <PolicyDocument>%7Bbroken</PolicyDocument></member></RolePolicyList><AttachedManagedPolicies><member>\
        <PolicyName>p</PolicyName><PolicyArn>arn:aws:iam::123456789012:policy/p</PolicyArn></member></AttachedManagedPolicies>\
        <PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
        <PermissionsBoundaryArn>arn:aws:iam::123456789012:policy/b</PermissionsBoundaryArn></PermissionsBoundary>\
        <Tags/><RoleLastUsed/></member></RoleDetailList>";
    let replay = Replay::of(vec![page(lists, LAST)]);
    let mut saved = Vec::new();
    let mut sink = |bytes: &[u8]| {
        saved.push(bytes.to_vec());
        Ok(())
    };
    discover(&replay.iam(), &mut sink).await.unwrap();
    let saved: Value = serde_json::from_slice(&saved[0]).unwrap();
    let expected = json!({
        "UserDetailList": [], "GroupDetailList": [], "Policies": [], "IsTruncated": false,
        "RoleDetailList": [{
            "Path": "/backup/", "RoleName": "Veeam", "RoleId": "AROA1",
            "Arn": "arn:aws:iam::123456789012:role/backup/Veeam", "CreateDate": "2026-11-01T10:20:30+00:00",
            "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [] },
            "InstanceProfileList": [],
            "RolePolicyList": [{ "PolicyName": "odd", "PolicyDocument": "%7Bbroken" }],
            "AttachedManagedPolicies": [{ "PolicyName": "p", "PolicyArn": "arn:aws:iam::123456789012:policy/p" }],
            "PermissionsBoundary": { "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/b" },
            "Tags": [], "RoleLastUsed": {} }],
    });
    assert_eq!(saved, expected);
}

fn keys(rest: &str) -> (u16, String) {
    let body = format!(
        "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><UserName>one</UserName>\
         <AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status>\
         <CreateDate>2026-11-01T00:00:00Z</CreateDate></member></AccessKeyMetadata>{rest}</ListAccessKeysResult>\
         <ResponseMetadata/></ListAccessKeysResponse>"
    );
    (200, body)
}

async fn asked(answers: Vec<(u16, String)>) -> Inventory {
    let (found, _) = listed(vec![page(&user("one"), LAST)]).await;
    let mut inventory = found.unwrap();
    let user = inventory.principals[0].arn.clone();
    access_keys(&Replay::of(answers).iam(), &mut inventory, &[user]).await;
    inventory
}

#[tokio::test]
async fn of_a_key_only_its_end_is_kept() {
    let found = asked(vec![keys(LAST)]).await;
    let keys: Vec<&AccessKey> = found
        .access_keys
        .iter()
        .flatten()
        .flat_map(|(_, keys)| keys)
        .collect();
    assert_eq!(
        (keys.len(), &*keys[0].suffix, keys[0].active),
        (1, "MPLE", true)
    );
}

#[tokio::test]
async fn an_incomplete_list_of_keys_is_unknown() {
    for answers in [
        vec![refusal(403, "AccessDenied", "not authorized")],
        vec![keys("<IsTruncated>true</IsTruncated>")],
    ] {
        let found = asked(answers).await;
        assert_eq!(found.access_keys, None);
        assert_eq!(found.gaps.len(), 1, "{:?}", found.gaps);
    }
}
