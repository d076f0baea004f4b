//! The organisation.

use super::*;
use audit::resources::Reading;

fn wanted() -> Wanted {
    Wanted {
        organization: true,
        ..nothing()
    }
}

#[tokio::test]
async fn the_levels_are_read_from_the_root_and_each_policy_once() {
    let (side, sent) = read_where(&wanted(), |_| None).await;
    let organization = side
        .resources
        .organization
        .read()
        .unwrap()
        .as_ref()
        .unwrap();
    assert_eq!(&*organization.id, "o-exampleorgid");
    let levels = organization.service_control.read().unwrap();
    assert_eq!(levels.len(), 3);
    assert!(
        levels
            .iter()
            .flatten()
            .all(|policy| policy.document.is_ok())
    );
    assert_eq!(
        organization.resource_control,
        Reading::Read(vec![]),
        "none is attached anywhere"
    );
    assert_eq!(sent.len(), 1 + 2 + 6 + 1);
    assert!(sent.iter().all(|call| {
        call.uri
            .starts_with("https://organizations.us-east-1.amazonaws.com/")
    }));
}

#[tokio::test]
async fn a_member_account_that_may_not_look_asks_no_more() {
    let (side, sent) = read_where(&wanted(), |sent| {
        (!sent.target.ends_with("DescribeOrganization"))
            .then(|| json_refusal(400, "AccessDeniedException"))
    })
    .await;
    let organization = side
        .resources
        .organization
        .read()
        .unwrap()
        .as_ref()
        .unwrap();
    assert_eq!(&*organization.id, "o-exampleorgid");
    let refused = Reading::Refused("AccessDeniedException".into());
    assert_eq!(
        (
            &organization.service_control,
            &organization.resource_control
        ),
        (&refused, &refused)
    );
    assert_eq!(sent.len(), 2);
}

#[tokio::test]
async fn an_account_without_an_organisation_is_in_none() {
    let (side, sent) = read_where(&wanted(), |_| {
        Some(json_refusal(400, "AWSOrganizationsNotInUseException"))
    })
    .await;
    assert_eq!(side.resources.organization, Reading::Read(None));
    assert_eq!(sent.len(), 1);
}

#[tokio::test]
async fn a_policy_that_may_not_be_read_leaves_its_kind_unread() {
    let (side, _) = read_where(&wanted(), |sent| {
        sent.target
            .ends_with("DescribePolicy")
            .then(|| json_refusal(400, "AccessDeniedException"))
    })
    .await;
    let organization = side
        .resources
        .organization
        .read()
        .unwrap()
        .as_ref()
        .unwrap();
    assert_eq!(
        organization.service_control,
        Reading::Refused("AccessDeniedException".into())
    );
}
