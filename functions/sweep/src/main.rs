//! `sweep`: the Lambda that audits every bound principal of an account on a schedule.
//!
//! Here is the edge: environment, clock, log and Lambda's runtime. `docs/lambda.md` is the contract with the stack: variables, events,
//! table, messages, metrics. What a run does is in [`sweep`]. The environment can make the program another function, `on-change`,
//! `roster` or `gather`: it is one program, so that a release has one zip.

mod error;
mod metrics;
mod order;
mod summary;
mod sweep;
mod totals;

use aws::chain;
use iam::AccountId;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use stack::config::Function;
use stack::metrics::COMPLETED;
use stack::{Begun, Config, Stack, own_account};
use tokio::sync::OnceCell;
use tracing::{Instrument, info, info_span};

use order::Order;
use sweep::Done;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    stack::log::write();
    let config = Config::read(|name| std::env::var(name).ok())?;
    // Nothing that AWS's clients need is made before there is work: they cost more than all the rest of the start.
    let stack = OnceCell::new();
    let (config, stack) = (&config, &stack);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        let stack = stack.get_or_init(|| Stack::connect(config)).await;
        let handled = match config.function {
            Function::Sweep => handle(stack, event).await,
            Function::OnChange => on_change::handle(stack, event).await,
            Function::Roster => roster::handle(stack, event).await,
            Function::Gather => gather::handle(stack, event).await,
        };
        handled.map_err(|error| {
            let reason = chain(error.as_ref());
            tracing::error!(reason, "the run failed");
            let is_lasting = config.function == Function::Roster && !roster::is_passing(&error);
            Diagnostic {
                // The state machine does not repeat what cannot succeed.
                error_type: match is_lasting {
                    true => "AuditCannotSucceed",
                    false => "AuditFailed",
                }
                .to_owned(),
                error_message: reason,
            }
        })
    }))
    .await
}

async fn handle(stack: &Stack, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
    let (event, context) = event.into_parts();
    let begun = Begun::of(&context);
    let own = own_account(&context)?;
    let order = Order::read(&event, &context.request_id, own);
    let target = order.as_ref().ok().and_then(|order| order.target.as_ref());
    let account = target.map_or(own, |target| target.account);
    let key = order
        .as_ref()
        .map_or(&context.request_id, |order| &order.key);
    let audit = format!("{account}/{key}");
    let frame = begun.frame(&audit, account, own);
    let span = info_span!("audit", audit, account = account.as_str());
    let before = stack.process.tally().counts();
    let swept = sweep::sweep(stack, order, &frame).instrument(span).await;
    let name = &stack.config.stack;
    match swept {
        Ok(done) => {
            let completed = match stack.config.hub {
                Some(_) => metrics::ACCOUNTS_AUDITED,
                None => COMPLETED,
            };
            let line = metrics::done(name, &frame, frame.millis(), &done, completed);
            println!("{line}");
            let (requirements, calls) = (done.run.counts.requirements, done.counts.calls);
            info!(audit, requirements, calls, "done");
            Ok(answer(&audit, account, &done))
        }
        Err(error) => {
            let counts = stack.process.tally().counts().since(&before);
            println!("{}", metrics::failed(name, &frame, frame.millis(), counts));
            Err(error.into())
        }
    }
}

fn answer(audit: &str, account: AccountId, done: &Done) -> Value {
    if let Some(reason) = &done.failed {
        return json!({
            "audit": audit,
            "account": account.as_str(),
            "completed": true,
            "failed": reason,
        });
    }
    let [opened, worsened, eased, reminded, resolved] = done.steps;
    let mut answer = json!({
        "audit": audit,
        "account": account.as_str(),
        "completed": done.completed,
        "requirements": done.run.counts.requirements,
        "compliant": done.run.counts.compliant,
        "compliantNotChecked": done.run.counts.compliant_not_checked,
        "drifted": done.run.counts.drifted,
        "undetermined": done.run.counts.undetermined,
        "findings": {
            "opened": opened,
            "worsened": worsened,
            "eased": eased,
            "reminded": reminded,
            "resolved": resolved,
        },
        "remainder": done.remainder,
        "calls": done.counts.calls,
    });
    if let (Some(next), Some(answer)) = (&done.next, answer.as_object_mut()) {
        answer.insert("next".to_owned(), next.clone());
    }
    answer
}
