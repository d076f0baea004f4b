//! Assumers: may whoever assumes a role ask for that, by policies of its own?
//!
//! A trust policy that names an account leaves it to identity policies who of the account assumes the role, and a permissions boundary or a
//! Deny counts whomever it names. In: a role, its trust policy, somebody of the same account who has to assume it. Out: whether his own
//! policies and the SCPs above the account let him. What the trust policy itself says is judged elsewhere.

use iam::evaluate::{Caller, ResourceSide};
use iam::simulator::{layers, request_context};
use iam::trust::TrustPolicy;
use iam::{
    Context, Decision, Layer, Layers, Policy, Principal, PrincipalArn, Request, StatementRef,
    evaluate,
};

use super::statements::{Listing, Speaks, Who};
use crate::asked::Extent;

/// Whoever has to assume a role.
pub(super) enum Assumer<'a> {
    /// A service, an account, or somebody of another account: nothing is known of its policies.
    Other,
    Listed(&'a Principal),
    /// A role or user of the account that the listing does not have.
    Unlisted,
}

impl<'a> Assumer<'a> {
    pub(super) fn of(who: Who<'_>, listing: &Listing<'a>) -> Self {
        let arn = match who {
            Who::Principal(arn) => arn.parse::<PrincipalArn>().ok(),
            Who::Account(_) | Who::Service(_) => None,
        };
        let Some(arn) = arn.filter(|arn| arn.account() == listing.account) else {
            return Self::Other;
        };
        match listing.inventory.principal(&arn) {
            Some(assumer) => Self::Listed(assumer),
            None if listing.extent == Extent::Whole => Self::Unlisted,
            // A template need not create who is there already.
            None => Self::Other,
        }
    }

    /// Whether its own policies let it assume a role whose trust policy lets it in, and the statements of SCPs that do not, or perhaps not.
    pub(super) fn may(
        &self,
        listing: &Listing<'_>,
        role: &Principal,
        trust: &TrustPolicy,
        context: &Context,
    ) -> (Speaks, Vec<StatementRef>) {
        match self {
            Self::Other => (Speaks::Yes, Vec::new()),
            Self::Listed(assumer) => may(listing, assumer, role, trust, context),
            Self::Unlisted if listing.inventory.gaps.is_empty() => (Speaks::No, Vec::new()),
            Self::Unlisted => (Speaks::Perhaps, Vec::new()),
        }
    }
}

/// Whether the assumer's own policies let a request through that the trust policy does.
fn may(
    listing: &Listing<'_>,
    assumer: &Principal,
    role: &Principal,
    trust: &TrustPolicy,
    context: &Context,
) -> (Speaks, Vec<StatementRef>) {
    let (Ok(document), Ok(action)) = (trust.document(), "sts:AssumeRole".parse()) else {
        return (Speaks::Yes, Vec::new());
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
        ..layers(listing.inventory, assumer, listing.service_control)
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
    let mut by = outcome.cause.denied_or_left_open_by().to_vec();
    by.retain(|one| is_above(&one.layer));
    let is_own = |layer: &Layer| matches!(layer, Layer::Identity | Layer::Boundary);
    let mut layers = outcome.cause.layers().into_iter();
    let is_his = layers.any(|layer| is_own(&layer) || is_above(&layer));
    let may = match outcome.decision {
        Decision::Allowed => Speaks::Yes,
        Decision::Undetermined if is_his => Speaks::Perhaps,
        Decision::ImplicitDeny | Decision::ExplicitDeny if is_his => Speaks::No,
        Decision::Undetermined | Decision::ImplicitDeny | Decision::ExplicitDeny => Speaks::Yes,
    };
    (may, by)
}

fn is_above(layer: &Layer) -> bool {
    matches!(layer, Layer::ServiceControl { .. })
}
