//! Assumers: may whoever assumes a role ask for that, by policies of its own?
//!
//! A trust policy that names an account leaves it to identity policies who of the account assumes the role, and a permissions boundary or a
//! Deny counts whomever it names. In: a role, its trust policy, somebody of the same account who has to assume it. Out: whether his own
//! policies let him. What the trust policy itself says is judged elsewhere; SCPs decide with the assumer's own requirements.

use iam::evaluate::{Caller, ResourceSide};
use iam::simulator::{ServiceControl, layers, request_context};
use iam::trust::TrustPolicy;
use iam::{
    Context, Decision, Inventory, Layer, Layers, Policy, Principal, PrincipalArn, Request, evaluate,
};

use super::statements::{Speaks, Who};

/// Whoever has to assume a role, where it is listed.
pub(super) fn listed<'a>(who: Who<'_>, inventory: &'a Inventory) -> Option<&'a Principal> {
    match who {
        Who::Principal(arn) => inventory.principal(&arn.parse::<PrincipalArn>().ok()?),
        Who::Account(_) | Who::Service(_) => None,
    }
}

/// Whether the assumer's own policies let a request through that the trust policy does.
pub(super) fn may(
    inventory: &Inventory,
    assumer: &Principal,
    role: &Principal,
    trust: &TrustPolicy,
    context: &Context,
) -> Speaks {
    let (Ok(document), Ok(action)) = (trust.document(), "sts:AssumeRole".parse()) else {
        return Speaks::Yes;
    };
    let layers = Layers {
        resource_side: Some(ResourceSide {
            caller: Caller::of(&assumer.arn, &assumer.id),
            account: None,
            policy: Some(Policy {
                name: "trust policy".into(),
                document: Ok(&document),
            }),
            grants: Vec::new(),
            resource_control: Vec::new(),
            exempt: None,
            endpoint: None,
        }),
        ..layers(inventory, assumer, &ServiceControl::default())
    };
    let context = request_context(assumer, context);
    let outcome = evaluate(
        &layers,
        &Request {
            principal: Some(&assumer.arn),
            action: &action,
            resource: role.arn.as_str(),
            context: &context,
        },
    );
    let is_own = |layer: &Layer| matches!(layer, Layer::Identity | Layer::Boundary);
    let is_his = outcome.cause.layers().iter().any(is_own);
    match outcome.decision {
        Decision::Allowed => Speaks::Yes,
        Decision::Undetermined if is_his => Speaks::Perhaps,
        Decision::ImplicitDeny | Decision::ExplicitDeny if is_his => Speaks::No,
        Decision::Undetermined | Decision::ImplicitDeny | Decision::ExplicitDeny => Speaks::Yes,
    }
}
