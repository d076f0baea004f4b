"""A SAM template as plain CloudFormation, without AWS.

In: a template file. Out, on standard output: the same as JSON, after AWS's own translator. Its managed-policy names are
never looked up: our functions name a role of their own.
"""

import json
import os
import sys

from samtranslator.parser.parser import Parser
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    def load(self):
        return {}


def main():
    # The translator asks for a region to fill in, and then leaves it to CloudFormation.
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    with open(sys.argv[1], encoding="utf-8") as source:
        template = yaml_parse(source)
    # The translator wants a bucket; where zip and definition lie is the caller's business.
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = {"Bucket": "code", "Key": "sweep.zip"}
        if resource["Type"] == "AWS::Serverless::StateMachine" and "DefinitionUri" in properties:
            properties["DefinitionUri"] = {"Bucket": "code", "Key": "organization.asl.json"}
    print(json.dumps(transform(template, {}, NoManagedPolicies())))


main()
