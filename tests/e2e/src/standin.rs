//! IAM's stand-in: what would AWS answer, in its own shapes?
//!
//! A listener that speaks IAM's Query protocol for the calls that an audit makes, and STS's for who makes them. It answers from an account's listing
//! and our own evaluator, in the shapes that no AWS-compatible server has: ARN templates with the truth in
//! `ResourceSpecificResults`, pages, details of SCPs and boundaries, `PolicyExclusionList`, missing context values of every
//! statement, refusals of mixed actions, throttling with status 400, principals that are gone since they were listed.
//!
//! What it decides is ours; how it says so is AWS's. So it proves that answers are read and put together rightly, at any
//! size and with any number of refusals; whether our evaluator is right is proven elsewhere.

mod conduct;
mod listing;
mod organization;
mod policies;
mod rate;
mod refusal;
mod resources;
mod simulate;
mod xml;

use std::sync::{Arc, Mutex};

use iam::Inventory;
use iam::inventory::Reader;
use serde_json::{Value, json};

pub use conduct::Conduct;
pub use organization::{
    AttachedPolicy, Count, Incident, Member, ORGANIZATION, OrganizationStandIn, Quotas, ROOT,
};
use refusal::Refusal;

use crate::http::{Answer, Listener, Message, listen};
use crate::server::ACCOUNT;

/// What was asked, in the order of asking; refused calls too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Such as `SimulatePrincipalPolicy`.
    pub operation: String,
    /// The principal of a simulation.
    pub principal: Option<String>,
    /// Whether a layer was to be left out.
    pub excludes: bool,
    /// Whether it asked about some resources, not about `*`.
    pub names_resources: bool,
    /// The error code that it was refused with.
    pub refused: Option<String>,
}

/// The stand-in, listening.
pub struct StandIn {
    state: Arc<Mutex<State>>,
    listener: Listener,
}

struct State {
    listing: Vec<Value>,
    inventory: Arc<Inventory>,
    conduct: Arc<Conduct>,
    calls: Vec<Call>,
    simulations: u64,
}

impl State {
    fn new(account: &Value, conduct: Conduct) -> Self {
        Self {
            listing: listing::items(account),
            inventory: Arc::new(read(account)),
            conduct: Arc::new(conduct),
            calls: Vec::new(),
            simulations: 0,
        }
    }
}

impl StandIn {
    /// Plays an account, given as `aws iam get-account-authorization-details` prints it.
    ///
    /// # Panics
    /// If the listing cannot be read.
    #[must_use]
    pub fn start(account: &Value, conduct: Conduct) -> Self {
        let state = Arc::new(Mutex::new(State::new(account, conduct)));
        let shared = Arc::clone(&state);
        let listener = listen(move |request| Answer::Whole(answer(&request, &shared)));
        Self { state, listener }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// Plays another account, or the same after a change.
    ///
    /// # Panics
    /// If the listing cannot be read.
    pub fn play(&self, account: &Value) {
        let mut state = self.state.lock().expect("no answer panics");
        state.listing = listing::items(account);
        state.inventory = Arc::new(read(account));
    }

    /// Behaves otherwise from now on.
    ///
    /// # Panics
    /// If an answer panicked.
    pub fn behave(&self, conduct: Conduct) {
        self.state.lock().expect("no answer panics").conduct = Arc::new(conduct);
    }

    /// The calls since this was last asked.
    ///
    /// # Panics
    /// If an answer panicked.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().expect("no answer panics").calls)
    }
}

/// As IAM lists it: what IAM holds is not checked against its own grammar.
fn read(account: &Value) -> Inventory {
    let mut reader = Reader::new();
    let page = reader.page(account.to_string().as_bytes());
    page.and_then(|()| reader.finish())
        .expect("the account of a test can be read")
}

fn answer(request: &Message, state: &Mutex<State>) -> Message {
    let form = request.form();
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let operation = field("Action").unwrap_or_default();
    let conduct = Arc::clone(&state.lock().expect("no answer panics").conduct);
    let refused = conduct.refused.get(operation).copied();
    if refused.is_none()
        && let Some(answer) = resources::answer(request, operation, &conduct)
    {
        return answer;
    }
    let told = match operation {
        _ if let Some((status, code, message)) = refused => Err(Refusal {
            status,
            code,
            message: message.to_owned(),
        }),
        "GetAccountAuthorizationDetails" => {
            let time = state.lock().expect("no answer panics").conduct.listing_time;
            std::thread::sleep(time);
            let state = state.lock().expect("no answer panics");
            listing::page(&state.listing, state.conduct.listing_page, &field)
        }
        "SimulatePrincipalPolicy" => {
            // Deciding takes long; other callers need not wait for it.
            let (inventory, conduct, number) = {
                let mut state = state.lock().expect("no answer panics");
                state.simulations += 1;
                (
                    Arc::clone(&state.inventory),
                    Arc::clone(&state.conduct),
                    state.simulations,
                )
            };
            if is_throttled(number, conduct.throttled_percent) {
                Err(Refusal::throttled())
            } else {
                simulate::simulate(&inventory, &conduct, &form)
            }
        }
        "ListAccessKeys" => {
            let state = state.lock().expect("no answer panics");
            listing::access_keys(&state.listing, field("UserName").unwrap_or_default())
        }
        "GetCallerIdentity" => {
            let account = state.lock().expect("no answer panics").inventory.account;
            let account = account.map_or_else(|| ACCOUNT.to_owned(), |account| account.to_string());
            Ok(
                json!({ "Arn": format!("arn:aws:iam::{account}:user/caller"), "UserId": "AIDACALLER", "Account": account }),
            )
        }
        "AssumeRole" => {
            let role = field("RoleArn")
                .unwrap_or_default()
                .replacen(":iam:", ":sts:", 1);
            let arn = role.replacen(":role/", ":assumed-role/", 1);
            Ok(json!({
                "AssumedRoleUser": { "Arn": format!("{arn}/session"), "AssumedRoleId": "AROAROLE:session" },
                "Credentials": { "AccessKeyId": "ASIAROLE", "SecretAccessKey": "of-role", "SessionToken": "of-role",
                    "Expiration": "2099-01-01T00:00:00Z" },
            }))
        }
        other => Err(Refusal {
            status: 400,
            code: "InvalidAction",
            message: format!("Could not find operation {other} for version 2010-05-08"),
        }),
    };
    let mut state = state.lock().expect("no answer panics");
    state.calls.push(Call {
        operation: operation.to_owned(),
        principal: field("PolicySourceArn").map(str::to_owned),
        excludes: form
            .iter()
            .any(|(key, _)| key.starts_with("PolicyExclusionList")),
        names_resources: form.iter().any(|(key, _)| key.starts_with("ResourceArns")),
        refused: told.as_ref().err().map(|refusal| refusal.code.to_owned()),
    });
    match told {
        Ok(result) => Message::answer(200, "text/xml", xml::response(operation, &result)),
        Err(refusal) => refusal.message(),
    }
}

/// The same share of any longer stretch of calls, without a pattern that a retry could fall into step with.
fn is_throttled(number: u64, percent: u64) -> bool {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) % 100 < percent
}
