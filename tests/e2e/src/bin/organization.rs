//! One run of a hub over a large organisation, measured: what does it call, how long does it take here, is every account accounted for?
//!
//!     organization BINARY [ACCOUNTS [PRINCIPALS]]
//!
//! Every account has so many bound users. An SCP hits fourteen accounts; one account in a hundred has no role, one is suspended, one in
//! two hundred fails. AWS's quotas are kept by the stand-in, for Organizations, STS and the IAM of each account.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use e2e::hub::{Hub, MANAGEMENT, denies_writes, listing};
use e2e::server::{ACCOUNT, Enforcement};
use e2e::standin::{Conduct, Member, OrganizationStandIn, Quotas};
use serde_json::json;

const RUN: &str = "2026-11-30T03:15:00Z";
/// As many as two cores bear; on AWS it is the stack's parameter.
const CONCURRENCY: &str = "8";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let binary = arguments.next().expect("the first argument is the binary");
    let mut number = |default: usize| {
        arguments.next().map_or(default, |text| {
            text.parse().expect("a number of accounts or principals")
        })
    };
    let (accounts, principals) = (number(1_000), number(20));
    let members: Vec<Member> = (0..accounts).map(|at| member(at, principals)).collect();
    let organization = OrganizationStandIn::start(
        members,
        vec![denies_writes(&["ou-ab12-denied01"])],
        (ACCOUNT, MANAGEMENT),
        Quotas::Kept,
    );
    let parameters = [("Concurrency", CONCURRENCY)];
    let hub = Hub::deploy(
        Path::new(&binary),
        organization,
        Enforcement::Off,
        &parameters,
        &[],
    );
    for name in ["first", "same"] {
        let began = Instant::now();
        let ended = hub.run(&json!({ "run": RUN }));
        println!(
            "{name} run: {} in {:.0} s, children {:?}",
            ended.status,
            began.elapsed().as_secs_f64(),
            ended.children
        );
        println!("  {}", ended.output);
        for (operation, count) in hub.organization.counts() {
            println!(
                "  {operation}: {} calls, {} refused as too many",
                count.calls, count.throttled
            );
        }
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut failed = 0;
        for (kind, detail) in hub.to_machines() {
            failed += usize::from(
                kind == "Finding Opened" && detail["finding"]["code"] == "audit-failed",
            );
            *kinds.entry(kind).or_default() += 1;
        }
        println!("  machines: {kinds:?}, of which accounts that were not audited {failed}");
        let people = hub.to_people();
        let subjects: Vec<&String> = people.iter().map(|(subject, _)| subject).take(5).collect();
        println!("  people: {} messages, such as {subjects:#?}", people.len());
        let kept = hub.keys();
        let whole = kept.iter().filter(|key| key.starts_with("accounts/"));
        println!("  {} accounts kept", whole.count());
    }
}

fn member(at: usize, principals: usize) -> Member {
    let account = match at {
        0 => ACCOUNT.to_owned(),
        1 => MANAGEMENT.to_owned(),
        _ => format!("{:012}", 200_000_000_000 + at),
    };
    let unit = if (2..16).contains(&at) {
        "ou-ab12-denied01"
    } else {
        "ou-ab12-other001"
    };
    let listing = listing(&account, principals);
    let mut member = Member::new(&account, &[unit], listing);
    member.lets_in = at % 100 != 99;
    if at % 100 == 98 {
        member.state = "SUSPENDED";
    }
    if at % 200 == 97 {
        let fault = (500, "ServiceFailure", "an unknown error");
        member.conduct = Conduct {
            refused: [("GetAccountAuthorizationDetails", fault)].into(),
            ..Conduct::default()
        };
    }
    member
}
