//! `SimulatePrincipalPolicy`: one evaluation result an action, the truth for each resource inside it.

use std::collections::{BTreeMap, BTreeSet};

use iam::{
    ActionName, Arn, Cause, Context, Decision, Document, Inventory, Layer, Layers, Outcome, Policy,
    PrincipalArn, Request, evaluate,
};
use serde_json::{Value, json};

use super::conduct::Conduct;
use super::listing;
use super::policies::{self, Excluded};
use super::refusal::Refusal;

/// What the caller asks.
struct Order<'a> {
    principal: &'a str,
    actions: Vec<&'a str>,
    resources: Vec<&'a str>,
    context: Context,
    excluded: Excluded,
}

pub(super) fn simulate(
    inventory: &Inventory,
    conduct: &Conduct,
    form: &[(String, String)],
) -> Result<Value, Refusal> {
    let order = Order::read(form, conduct)?;
    let arn: PrincipalArn = order
        .principal
        .parse()
        .map_err(|_| Refusal::invalid(format!("Invalid Entity Arn: {}", order.principal)))?;
    let principal = inventory
        .principal(&arn)
        .filter(|_| !conduct.gone.contains(order.principal))
        .ok_or_else(|| Refusal {
            status: 404,
            code: "NoSuchEntity",
            message: format!("The entity with ARN {} cannot be found.", order.principal),
        })?;
    refuse_mixed(&order.actions, &conduct.apart)?;

    let added = members(form, "PolicyInputList")
        .into_iter()
        .map(|text| Document::parse(text).map_err(|fault| Refusal::invalid(fault.reason)))
        .collect::<Result<Vec<Document>, Refusal>>()?;
    let mut layers = policies::layers(inventory, conduct, principal, order.excluded);
    layers.identity.extend(added.iter().map(|document| Policy {
        name: "PolicyInputList".into(),
        document: Ok(document),
    }));
    let judge = Judge {
        missing: policies::named_keys(&layers)
            .into_iter()
            .filter(|key| matches!(order.context.get(key), iam::Known::Absent))
            .collect(),
        boundary: policies::only_boundary(&layers),
        service_control: policies::only_service_control(&layers),
        layers,
        arn: &arn,
        context: &order.context,
    };
    let start = listing::position(field(form, "Marker"))?;
    let size = field(form, "MaxItems")
        .and_then(|most| most.parse().ok())
        .map_or(conduct.simulation_page, |most: usize| {
            most.min(conduct.simulation_page)
        })
        .max(1);
    let mut results = Vec::new();
    for action in order.actions.iter().skip(start).take(size) {
        results.push(judge.result(action, &order.resources)?);
    }
    let end = start + size;
    let mut page =
        json!({ "EvaluationResults": results, "IsTruncated": end < order.actions.len() });
    if end < order.actions.len() {
        page["Marker"] = json!(listing::marker(end));
    }
    Ok(page)
}

struct Judge<'a> {
    layers: Layers<'a>,
    boundary: Option<Layers<'a>>,
    service_control: Option<Layers<'a>>,
    arn: &'a PrincipalArn,
    context: &'a Context,
    missing: BTreeSet<String>,
}

impl Judge<'_> {
    fn result(&self, action: &str, resources: &[&str]) -> Result<Value, Refusal> {
        let name: ActionName = action
            .parse()
            .map_err(|_| Refusal::invalid(format!("Invalid Action: {action}")))?;
        let asked: &[&str] = if resources.is_empty() {
            &["*"]
        } else {
            resources
        };
        let outcomes: Vec<(Outcome, &str)> = asked
            .iter()
            .map(|resource| (self.decide(&self.layers, &name, resource), *resource))
            .collect();
        let worst = outcomes.iter().map(|(outcome, _)| outcome.decision).max();
        let mut result = json!({
            "EvalActionName": action,
            // A template where resources were given: whoever reads it for the ARN reads nonsense.
            "EvalResourceName": if resources.is_empty() { "*" } else { "arn:${Partition}:${Service}:${Region}:${Account}:${Resource}" },
            "EvalDecision": word(worst.unwrap_or(Decision::ImplicitDeny)),
            "MatchedStatements": outcomes.iter().flat_map(|(outcome, _)| matched(outcome)).collect::<Vec<_>>(),
            "MissingContextValues": &self.missing,
        });
        let lets_through = |layers: &Layers<'_>, resource: &str| {
            self.decide(layers, &name, resource).decision == Decision::Allowed
        };
        if let Some(layers) = &self.service_control {
            let all = asked.iter().all(|resource| lets_through(layers, resource));
            result["OrganizationsDecisionDetail"] = json!({ "AllowedByOrganizations": all });
        }
        if let Some(layers) = &self.boundary {
            let all = asked.iter().all(|resource| lets_through(layers, resource));
            result["PermissionsBoundaryDecisionDetail"] =
                json!({ "AllowedByPermissionsBoundary": all });
        }
        if !resources.is_empty() {
            let each = outcomes.iter().map(|(outcome, resource)| {
                let mut each = json!({
                    "EvalResourceName": resource,
                    "EvalResourceDecision": word(outcome.decision),
                    "MatchedStatements": matched(outcome),
                    "MissingContextValues": &self.missing,
                });
                if let Some(layers) = &self.boundary {
                    each["PermissionsBoundaryDecisionDetail"] =
                        json!({ "AllowedByPermissionsBoundary": lets_through(layers, resource) });
                }
                each
            });
            result["ResourceSpecificResults"] = each.collect();
        }
        Ok(result)
    }

    fn decide(&self, layers: &Layers<'_>, action: &ActionName, resource: &str) -> Outcome {
        evaluate(
            layers,
            &Request {
                principal: Some(self.arn),
                action,
                resource,
                context: self.context,
            },
        )
    }
}

impl<'a> Order<'a> {
    fn read(form: &'a [(String, String)], conduct: &Conduct) -> Result<Self, Refusal> {
        let principal = field(form, "PolicySourceArn").unwrap_or_default();
        let actions = members(form, "ActionNames");
        for action in &actions {
            if !(3..=128).contains(&action.len()) || action.contains(['*', '?']) {
                return Err(Refusal::invalid(format!("Invalid Action: {action}")));
            }
        }
        let resources = members(form, "ResourceArns");
        for resource in &resources {
            if Arn::parse(resource).is_err() {
                return Err(Refusal::invalid(format!(
                    "Invalid Resource ARN: {resource}"
                )));
            }
        }
        let mut excluded = Excluded::default();
        for (key, value) in form {
            if !key.starts_with("PolicyExclusionList.") {
                continue;
            }
            if !conduct.knows_exclusion {
                return Err(Refusal {
                    status: 400,
                    code: "ValidationError",
                    message: "Unknown parameter: PolicyExclusionList".to_owned(),
                });
            }
            match (key.rsplit('.').next(), value.as_str()) {
                (Some("PolicyType"), "scp") => excluded.service_control = true,
                (Some("PolicyType"), "permission-boundary") => excluded.boundary = true,
                _ => {
                    return Err(Refusal::invalid(format!(
                        "Invalid policy identifier {key}={value}"
                    )));
                }
            }
        }
        Ok(Self {
            principal,
            actions,
            resources,
            context: context(form)?,
            excluded,
        })
    }
}

/// Keys that are not sent are absent, as AWS takes them.
fn context(form: &[(String, String)]) -> Result<Context, Refusal> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in form {
        let Some(rest) = key.strip_prefix("ContextEntries.member.") else {
            continue;
        };
        let Some((number, what)) = rest.split_once('.') else {
            continue;
        };
        if what == "ContextKeyName" {
            if !(5..=256).contains(&value.len()) {
                return Err(Refusal::invalid(format!("Invalid context key {value}")));
            }
            names.insert(number, value);
        } else if what.starts_with("ContextKeyValues.") {
            values.entry(number).or_default().push(value);
        }
    }
    let mut context = Context::complete();
    for (number, name) in names {
        let given = values.remove(number).unwrap_or_default();
        context.set(name, given);
    }
    Ok(context)
}

fn refuse_mixed(actions: &[&str], apart: &[BTreeSet<String>]) -> Result<(), Refusal> {
    let mut groups: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for action in actions {
        let own = apart.iter().position(|group| group.contains(*action));
        groups
            .entry(own.unwrap_or(apart.len()))
            .or_default()
            .push(action);
    }
    if groups.len() < 2 {
        return Ok(());
    }
    let named: Vec<String> = groups
        .into_values()
        .map(|group| format!("[{}]", group.join(",")))
        .collect();
    Err(Refusal::invalid(format!(
        "Invalid Input Actions: {} require different authorization information.",
        named.join(" and ")
    )))
}

fn matched(outcome: &Outcome) -> Vec<Value> {
    // AWS names statements of the principal's own policies only, and none for what nothing allows.
    let by = match &outcome.cause {
        Cause::AllowedBy(by) => by.iter().collect(),
        Cause::DeniedBy(by) => by.iter().collect(),
        _ => Vec::new(),
    };
    by.into_iter()
        .filter(|at| at.layer == Layer::Identity)
        .map(|at| {
            let line = at.index.unwrap_or_default() * 8 + 3;
            json!({
                "SourcePolicyId": &*at.policy,
                // A value that the SDK's own list does not have.
                "SourcePolicyType": "IAM Policy",
                "StartPosition": { "Line": line, "Column": 17 },
                "EndPosition": { "Line": line + 7, "Column": 6 },
            })
        })
        .collect()
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        // Never from a complete context; a policy that cannot be read lets nothing through.
        Decision::ImplicitDeny | Decision::Undetermined => "implicitDeny",
    }
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn members<'a>(form: &'a [(String, String)], list: &str) -> Vec<&'a str> {
    form.iter()
        .filter(|(key, _)| {
            key.strip_prefix(list)
                .is_some_and(|rest| rest.starts_with(".member."))
        })
        .map(|(_, value)| value.as_str())
        .collect()
}
