//! An organisation: AWS Organizations, STS and the IAM of every account, played at one address.
//!
//! Whose IAM answers is told by the access key: `AssumeRole` gives out one for each account, and any other is the hub's own. Accounts
//! are listed with `State` and `Paths`, and quotas are kept where they are asked for, as no AWS-compatible server does.

mod incident;
mod played;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::rate::{IAM, Rates, STS, of_organizations};
use super::refusal::Refusal;
use super::{State, xml};
use crate::http::{Answer, Listener, Message, listen};

pub use incident::Incident;
use played::Played;
pub use played::{AttachedPolicy, Member, ORGANIZATION, ROOT};

/// When an account joined, in epoch seconds, unless it says otherwise.
const JOINED: i64 = 1_600_000_000;
/// Entries on a page, as AWS has them.
const PAGE: usize = 20;
const JSON: &str = "application/x-amz-json-1.1";

/// Whether AWS's quotas are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotas {
    /// As on AWS.
    Kept,
    /// Every call is taken.
    Open,
}

/// What was asked of one service by one caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All calls.
    pub calls: usize,
    /// Those that were refused as too many.
    pub throttled: usize,
}

/// The stand-in, listening.
pub struct OrganizationStandIn {
    shared: Arc<Shared>,
    listener: Listener,
}

struct Shared {
    hub: String,
    management: String,
    quotas: Quotas,
    rates: Mutex<Rates>,
    played: Mutex<Played>,
    counts: Mutex<BTreeMap<String, Count>>,
    /// Calls of Organizations that are refused, with the code.
    refused: Mutex<BTreeMap<&'static str, &'static str>>,
}

impl OrganizationStandIn {
    /// Plays an organisation of these accounts. `hub` and `management`: two of them.
    ///
    /// # Panics
    /// If a listing cannot be read.
    #[must_use]
    pub fn start(
        members: Vec<Member>,
        policies: Vec<AttachedPolicy>,
        (hub, management): (&str, &str),
        quotas: Quotas,
    ) -> Self {
        let mut played = Played {
            members: BTreeMap::new(),
            iams: BTreeMap::new(),
            policies,
        };
        for member in members {
            let state = State::new(&member.listing, member.conduct.clone());
            played
                .iams
                .insert(member.account.clone(), Arc::new(Mutex::new(state)));
            played.members.insert(member.account.clone(), member);
        }
        played.put_in_force(management);
        let shared = Arc::new(Shared {
            hub: hub.to_owned(),
            management: management.to_owned(),
            quotas,
            rates: Mutex::default(),
            played: Mutex::new(played),
            counts: Mutex::default(),
            refused: Mutex::default(),
        });
        let answering = Arc::clone(&shared);
        let listener = listen(move |request| Answer::Whole(answering.answer(&request)));
        Self { shared, listener }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// What was asked since this was last asked, by operation.
    ///
    /// # Panics
    /// If an answer panicked.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, Count> {
        std::mem::take(&mut self.shared.counts.lock().expect("no answer panics"))
    }

    /// Changes an account; `None` back: it leaves.
    ///
    /// # Panics
    /// If there is no such account.
    pub fn change(&self, account: &str, change: impl FnOnce(Member) -> Option<Member>) {
        let mut played = self.shared.played.lock().expect("no answer panics");
        let member = played
            .members
            .remove(account)
            .expect("the account is there");
        if let Some(member) = change(member) {
            let state = State::new(&member.listing, member.conduct.clone());
            let iam = Arc::new(Mutex::new(state));
            played.iams.insert(account.to_owned(), iam);
            played.members.insert(account.to_owned(), member);
        }
        played.put_in_force(&self.shared.management);
    }

    /// Refuses a call of Organizations from now on, with this code; `None`: no more.
    ///
    /// # Panics
    /// If an answer panicked.
    pub fn refuse(&self, operation: &'static str, code: Option<&'static str>) {
        let mut refused = self.shared.refused.lock().expect("no answer panics");
        match code {
            Some(code) => refused.insert(operation, code),
            None => refused.remove(operation),
        };
    }

    /// Has these policies from now on.
    ///
    /// # Panics
    /// If a document cannot be read.
    pub fn attach(&self, policies: Vec<AttachedPolicy>) {
        let mut played = self.shared.played.lock().expect("no answer panics");
        played.policies = policies;
        played.put_in_force(&self.shared.management);
    }
}

impl Shared {
    fn answer(&self, request: &Message) -> Message {
        let caller = self.caller(request);
        if let Some(operation) = request
            .header("x-amz-target")
            .and_then(|target| target.strip_prefix("AWSOrganizationsV20161128."))
        {
            let (operation, body) = (operation.to_owned(), json_of(request));
            return self.organizations(&caller, &operation, &body);
        }
        let form = request.form();
        let field = |name: &str| {
            let found = form.iter().find(|(key, _)| key == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let operation = field("Action");
        let quota = match operation {
            "AssumeRole" | "GetCallerIdentity" => ("sts", STS),
            _ => ("iam", IAM),
        };
        let is_of_iam = field("Version") == "2010-05-08" || quota.0 == "sts";
        if !self.count(operation, &caller, is_of_iam.then_some(quota)) {
            return Refusal::throttled().message();
        }
        let account = match operation {
            "AssumeRole" => field("RoleArn").split(':').nth(4).unwrap_or_default(),
            _ => &*caller,
        };
        self.happen(account, operation, request.connection);
        if operation == "AssumeRole" {
            return self.assume(field("RoleArn"), field("RoleSessionName"));
        }
        let iam = {
            let played = self.played.lock().expect("no answer panics");
            played.iams.get(&caller).cloned()
        };
        match iam {
            Some(iam) => super::answer(request, &iam),
            None => Refusal {
                status: 403,
                code: "InvalidClientTokenId",
                message: "The security token included in the request is invalid".to_owned(),
            }
            .message(),
        }
    }

    /// What happens in an account of which something is asked.
    fn happen(&self, account: &str, operation: &str, connection: Option<(SocketAddr, SocketAddr)>) {
        let mut played = self.played.lock().expect("no answer panics");
        let member = played.members.get(account);
        let happens = member.and_then(|member| member.incident);
        match happens.filter(|(when, _)| *when == operation) {
            None => {}
            Some((_, Incident::Killed)) => {
                // A panic must not take the answers to all others with it.
                drop(played);
                incident::kill(connection.expect("somebody asks"));
            }
            Some((_, Incident::Left)) => {
                played.members.remove(account);
                played.put_in_force(&self.management);
            }
        }
    }

    /// The account of the caller's access key: `AssumeRole` writes it into those that it gives out.
    fn caller(&self, request: &Message) -> String {
        let key = request
            .header("authorization")
            .and_then(|header| header.split_once("Credential="))
            .and_then(|(_, rest)| rest.split('/').next());
        let account = key.and_then(|key| key.strip_prefix("ASIA")?.get(..12));
        let is_account = |account: &&str| account.bytes().all(|byte| byte.is_ascii_digit());
        account
            .filter(is_account)
            .map_or_else(|| self.hub.clone(), str::to_owned)
    }

    /// Counts a call, and says whether it is taken.
    fn count(
        &self,
        operation: &str,
        caller: &str,
        quota: Option<(&'static str, (f64, f64))>,
    ) -> bool {
        let is_taken = match (self.quotas, quota) {
            (Quotas::Kept, Some((kind, quota))) => {
                let mut rates = self.rates.lock().expect("no answer panics");
                rates.take(caller, kind, quota)
            }
            (Quotas::Kept | Quotas::Open, _) => true,
        };
        let mut counts = self.counts.lock().expect("no answer panics");
        let count = counts.entry(operation.to_owned()).or_default();
        count.calls += 1;
        count.throttled += usize::from(!is_taken);
        is_taken
    }

    fn assume(&self, role: &str, session: &str) -> Message {
        let account = role.split(':').nth(4).unwrap_or_default();
        let played = self.played.lock().expect("no answer panics");
        let lets_in = played.members.get(account).is_some_and(|one| one.lets_in);
        if !lets_in {
            let who = format!("arn:aws:sts::{}:assumed-role/hub/hub", self.hub);
            let message = format!(
                "User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}"
            );
            return Refusal {
                status: 403,
                code: "AccessDenied",
                message,
            }
            .message();
        }
        let arn = role
            .replacen(":iam:", ":sts:", 1)
            .replacen(":role/", ":assumed-role/", 1);
        let result = json!({
            "AssumedRoleUser": { "Arn": format!("{arn}/{session}"), "AssumedRoleId": "AROAROLE:session" },
            "Credentials": { "AccessKeyId": format!("ASIA{account}"), "SecretAccessKey": "of-role",
                "SessionToken": "of-role", "Expiration": "2099-01-01T00:00:00Z" },
        });
        Message::answer(200, "text/xml", xml::response("AssumeRole", &result))
    }

    fn organizations(&self, caller: &str, operation: &str, body: &Value) -> Message {
        let refused = |code: &str, message: &str| {
            let body = json!({ "__type": code, "Message": message });
            Message::answer(400, JSON, body.to_string())
        };
        if !self.count(operation, caller, of_organizations(operation)) {
            return refused("TooManyRequestsException", "slow down");
        }
        let code = self.refused.lock().expect("no answer panics");
        if let Some(code) = code.get(operation) {
            return refused(code, "refused by this test");
        }
        let is_delegate = caller == self.hub || caller == self.management;
        if !is_delegate && operation != "DescribeOrganization" {
            return refused("AccessDeniedException", "only for delegates");
        }
        let played = self.played.lock().expect("no answer panics");
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let told = match operation {
            "DescribeOrganization" => json!({ "Organization": {
                "Id": ORGANIZATION, "MasterAccountId": self.management, "FeatureSet": "ALL",
                "Arn": format!("arn:aws:organizations::{}:organization/{ORGANIZATION}", self.management) } }),
            "ListAccounts" => {
                let accounts = played.members.values().map(|one| {
                    let levels: Vec<&str> = one.levels().collect();
                    json!({ "Id": one.account, "Name": format!("account {}", one.account), "State": one.state,
                        "Status": one.state, "JoinedTimestamp": JOINED, "Email": "nobody@example.com",
                        "Paths": [format!("{ORGANIZATION}/{}/", levels.join("/"))] })
                });
                page("Accounts", accounts.collect(), body)
            }
            "ListPolicies" => {
                let policies = played.policies().into_iter();
                let policies = policies.filter(|one| one.kind == text("Filter"));
                let policies = policies.map(|one| one.summary(&self.management));
                page("Policies", policies.collect(), body)
            }
            "ListPoliciesForTarget" => {
                let policies = played.on(text("TargetId"), text("Filter"));
                let policies = policies.map(|one| one.summary(&self.management));
                page("Policies", policies.collect(), body)
            }
            "ListTargetsForPolicy" => {
                let mut policies = played.policies.iter();
                let policy = policies.find(|one| one.id == text("PolicyId"));
                let targets = policy.map_or(&[][..], |one| &one.targets);
                let targets = targets
                    .iter()
                    .map(|target| json!({ "TargetId": target, "Name": target }));
                page("Targets", targets.collect(), body)
            }
            "DescribePolicy" => {
                let mut policies = played.policies().into_iter();
                match policies.find(|one| one.id == text("PolicyId")) {
                    Some(one) => {
                        json!({ "Policy": { "PolicySummary": one.summary(&self.management),
                        "Content": one.content.to_string() } })
                    }
                    None => return refused("PolicyNotFoundException", "no such policy"),
                }
            }
            "ListParents" => {
                let child = text("ChildId");
                let mut members = played.members.values();
                let parent = members.find_map(|one| {
                    let levels: Vec<&str> = one.levels().collect();
                    let at = levels.iter().position(|level| *level == child)?;
                    levels
                        .get(at.checked_sub(1)?)
                        .map(|&parent| parent.to_owned())
                });
                match parent {
                    Some(parent) => {
                        let kind = if parent == ROOT {
                            "ROOT"
                        } else {
                            "ORGANIZATIONAL_UNIT"
                        };
                        json!({ "Parents": [{ "Id": parent, "Type": kind }] })
                    }
                    None => return refused("ChildNotFoundException", "no such child"),
                }
            }
            _ => return refused("UnknownOperationException", operation),
        };
        Message::answer(200, JSON, told.to_string())
    }
}

fn json_of(request: &Message) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

/// One page of a list, with the token of the next.
fn page(name: &str, all: Vec<Value>, body: &Value) -> Value {
    let token = body["NextToken"].as_str().unwrap_or_default();
    let start: usize = token.parse().unwrap_or_default();
    let end = (start + PAGE).min(all.len());
    let entries = all.get(start..end).unwrap_or_default();
    let mut page = json!({ name: entries });
    if end < all.len() {
        page["NextToken"] = end.to_string().into();
    }
    page
}
