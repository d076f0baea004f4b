//! What AWS itself does with the role of a function.

use e2e::template::Place;

use super::{Need, need};

/// What Lambda writes of the function. `group`: the end of its log group's name.
pub(super) fn log(place: &Place<'_>, group: &str) -> Vec<Need> {
    let Place {
        template,
        partition,
        region,
        account,
        ..
    } = place;
    let stack = template.stack();
    let streams = format!(
        "arn:{partition}:logs:{region}:{account}:log-group:/permdrift/{stack}/{group}:log-stream:*"
    );
    // Lambda Developer Guide, "Sending Lambda function logs": the group is there already.
    vec![
        need("logs:CreateLogStream", streams.clone()),
        need("logs:PutLogEvents", streams),
    ]
}

/// What Lambda does with the queue that starts the function.
pub(super) fn queue(place: &Place<'_>, queue: &str) -> Vec<Need> {
    // The same, "Creating an event source mapping for SQS".
    let actions = [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    ];
    actions.map(|action| need(action, place.arn(queue))).into()
}

/// What a service does with the stack's key, in the name of whoever uses what is encrypted.
pub(super) fn key(place: &Place<'_>, action: &'static str, via: &'static str) -> Need {
    Need {
        action,
        resource: place.arn("Key"),
        via: Some(via),
    }
}
