//! The resource side of the account: it is in no organisation, and has no buckets, vaults, keys, volumes and databases. CloudTrail has what
//! the stand-in is told, in its event history alone: there is no trail.

use super::{Conduct, xml};
use crate::http::Message;
use serde_json::{Value, json};

const REGIONS: [&str; 6] = [
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "us-east-1",
    "us-west-2",
];

/// The answer to a request for the resource side, or for what CloudTrail recorded; `None` for other requests.
pub(super) fn answer(request: &Message, operation: &str, conduct: &Conduct) -> Option<Message> {
    let json =
        |status, body: &str| Some(Message::answer(status, "application/x-amz-json-1.1", body));
    match request.header("x-amz-target") {
        Some(target) if target.starts_with("TrentService.") => {
            return json(
                400,
                r#"{"__type":"NotFoundException","message":"Key does not exist"}"#,
            );
        }
        Some(target) if target.starts_with("AWSOrganizations") => {
            let none = r#"{"__type":"AWSOrganizationsNotInUseException","Message":"Your account is not a member of an organization."}"#;
            return json(400, none);
        }
        Some(target) if target.ends_with(".LookupEvents") => {
            if let Some((status, code, message)) = conduct.refused.get("LookupEvents") {
                let refusal = json!({ "__type": code, "message": message });
                return json(*status, &refusal.to_string());
            }
            let events = conduct.recorded.iter();
            let events = events.map(|event| json!({ "CloudTrailEvent": event.to_string() }));
            let events: Vec<Value> = events.collect();
            return json(200, &json!({ "Events": events }).to_string());
        }
        Some(target) if target.ends_with(".DescribeTrails") => {
            return json(200, r#"{"trailList":[]}"#);
        }
        Some(_) | None => {}
    }
    match request.target().split('?').next().unwrap_or_default() {
        "/backup-vaults" | "/backup-vaults/" => return json(200, r#"{"BackupVaultList":[]}"#),
        "/account-settings" => {
            let types =
                r#"{"ResourceTypeManagementPreference":{},"ResourceTypeOptInPreference":{}}"#;
            return json(200, types);
        }
        "/" if request.first.starts_with("GET ") => {
            let none = "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>";
            return Some(Message::answer(200, "application/xml", none));
        }
        _ => {}
    }
    let body = match operation {
        "DescribeRegions" => {
            let status = "<optInStatus>opt-in-not-required</optInStatus>";
            let regions =
                REGIONS.map(|name| format!("<item><regionName>{name}</regionName>{status}</item>"));
            let regions = regions.concat();
            format!("<{operation}Response><regionInfo>{regions}</regionInfo></{operation}Response>")
        }
        "DescribeVolumes"
        | "DescribeVpcEndpoints"
        | "DescribeDBInstances"
        | "DescribeDBClusters" => xml::response(operation, &json!({})),
        "GetEbsDefaultKmsKeyId" => {
            format!("<{operation}Response><kmsKeyId>alias/aws/ebs</kmsKeyId></{operation}Response>")
        }
        "GetEbsEncryptionByDefault" => {
            format!(
                "<{operation}Response><ebsEncryptionByDefault>false</ebsEncryptionByDefault></{operation}Response>"
            )
        }
        _ => return None,
    };
    Some(Message::answer(200, "text/xml", body))
}
