"""ministack, for as long as the test that started it lives.

Standard input is held open by the test; when it closes, however the test ended, the server ends too.

A few things that ministack does otherwise than AWS are put right here, each because a test leans on it; `lacking` has what it has
not at all.
"""

import os
import signal
import sys
import threading
import time
from datetime import datetime, timezone
from types import SimpleNamespace

import ministack.core.iam_actions as actions
import ministack.services.eventbridge as eventbridge
import ministack.services.kms as kms
import ministack.services.scheduler as scheduler
import ministack.services.stepfunctions as stepfunctions

import lacking


def end_with_the_test():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_the_test, daemon=True).start()
sys.argv = ["ministack"]

import ministack.app as app  # noqa: E402  (it reads the environment when imported)

# The loopback interface stands for TLS: policies refuse what is not `aws:SecureTransport`.
pin_request_origin = app.pin_request_origin
app.pin_request_origin = lambda source, _secure: pin_request_origin(source, True)

lacking.add(app.SERVICE_HANDLERS)

# SimulatePrincipalPolicy is allowed per simulated principal.
extract_resource_arn = actions.extract_resource_arn


def resource_arn(service, method, path, headers, body, parameters, *rest, **named):
    source = parameters.get("PolicySourceArn")
    if service == "iam" and source:
        return source[0] if isinstance(source, list) else source
    if arn := lacking.resource_arn(service, body):
        return arn
    return extract_resource_arn(service, method, path, headers, body, parameters, *rest, **named)


actions.extract_resource_arn = resource_arn

# KMS says whose a key is.
key_metadata = kms._key_metadata
kms._key_metadata = lambda record: {**key_metadata(record), "AWSAccountId": record["Arn"].split(":")[4]}

# Scheduler fills in its context attributes; its minute lasts six seconds, so that no test waits long for the next one.
invoke_target = eventbridge._invoke_target


def filled_in(target, event, rule, view=None):
    if event.get("Source") == "aws.scheduler" and target.get("Input"):
        due = datetime.fromtimestamp(event["Time"], timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        target = {**target, "Input": target["Input"].replace("<aws.scheduler.scheduled-time>", due)}
    return invoke_target(target, event, rule, view)


eventbridge._invoke_target = filled_in
scheduler._SCHEDULE_TICK_INTERVAL = 1
started = time.time()
scheduler.time = SimpleNamespace(time=lambda: started + (time.time() - started) * 10, sleep=time.sleep)

# A Distributed Map takes its concurrency from a path too.
run_distributed_map = stepfunctions._run_distributed_map


def with_concurrency(state, given, effective, *rest):
    if path := state.get("MaxConcurrencyPath"):
        state = {**state, "MaxConcurrency": stepfunctions._resolve_path(path, effective)}
    return run_distributed_map(state, given, effective, *rest)


stepfunctions._run_distributed_map = with_concurrency

app.main()
