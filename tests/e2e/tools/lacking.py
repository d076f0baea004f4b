"""What the templates use and ministack has not: Security Hub, chat channels, StackSets, and by CloudFormation API destinations and
policies of buses.

EventBridge itself is ministack's. Security Hub takes every finding and gives it back, the chat service tells how its channels are set
up and sends nothing, and a StackSet is there and rolls out nothing. Whether a caller may is ministack's business, as ever.
"""

import json

import ministack.core.iam_actions as actions
import ministack.services.eventbridge as eventbridge
from ministack.core.responses import get_account_id, json_response

FINDINGS = []
CHANNELS = []


async def security_hub(_method, path, _headers, body, _parameters):
    if path == "/findings/import":
        FINDINGS.extend(found := json.loads(body)["Findings"])
        return json_response({"FailedCount": 0, "SuccessCount": len(found), "FailedFindings": []})
    return json_response({"Findings": FINDINGS})


async def chatbot(_method, _path, _headers, _body, _parameters):
    return json_response({"SlackChannelConfigurations": CHANNELS})


def resource_arn(service, body):
    """What Security Hub's callers must be granted; `None` for other services."""
    if service != "securityhub":
        return None
    findings = json.loads(body or "{}").get("Findings", [])
    return findings[0]["ProductArn"] if isinstance(findings, list) and findings else "*"


def slack_channel(_logical_id, properties, _stack_name):
    arn = f"arn:aws:chatbot::{get_account_id()}:chat-configuration/slack-channel/{properties['ConfigurationName']}"
    CHANNELS.append(
        {
            "ChatConfigurationArn": arn,
            "SlackTeamId": properties["SlackWorkspaceId"],
            "SlackTeamName": "",
            "SlackChannelName": "",
            **{key: properties[key] for key in ("SlackChannelId", "IamRoleArn", "SnsTopicArns", "ConfigurationName")},
            "GuardrailPolicyArns": properties["GuardrailPolicies"],
        }
    )
    return arn, {"Arn": arn}


def stack_set(_logical_id, properties, _stack_name):
    name = f"{properties['StackSetName']}:00000000-0000-4000-8000-000000000000"
    return name, {"StackSetId": name}


def bus_policy(logical_id, properties, _stack_name):
    statement = properties["Statement"]
    eventbridge._put_permission({**properties, **{key: statement[key] for key in ("Principal", "Action", "Condition")}})
    return logical_id, {}


def made_by(create, arn):
    def handler(logical_id, properties, stack_name):
        name = properties.get("Name") or f"{stack_name}-{logical_id}"
        status, _, body = create({**properties, "Name": name})
        if status >= 400:
            raise ValueError(body)
        return name, {"Arn": json.loads(body)[arn]}

    return {"create": handler}


def add(handlers):
    """Adds all of it, the services to these handlers."""
    handlers["securityhub"] = security_hub
    handlers["chatbot"] = chatbot
    actions.SERVICE_TO_IAM_NAMESPACE["securityhub"] = "securityhub"
    actions._BOTOCORE_SERVICE_MAP["securityhub"] = ["securityhub"]
    cloudformation = handlers["cloudformation"]

    async def with_more_types(*request):
        # Not imported before somebody deploys: it takes half a second.
        from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as types

        types["AWS::Events::Connection"] = made_by(eventbridge._create_connection, "ConnectionArn")
        types["AWS::Events::ApiDestination"] = made_by(eventbridge._create_api_destination, "ApiDestinationArn")
        types["AWS::Chatbot::SlackChannelConfiguration"] = {"create": slack_channel}
        types["AWS::CloudFormation::StackSet"] = {"create": stack_set}
        types["AWS::Events::EventBusPolicy"] = {"create": bus_policy}
        return await cloudformation(*request)

    handlers["cloudformation"] = with_more_types
