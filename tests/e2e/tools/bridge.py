"""Any AWS call, as one line of JSON in and one line out.

In: {"service": "iam", "operation": "create_role", "parameters": {...}, "region"?: "...", "credentials"?: [id, secret, token]}.
Out: {"answer": {...}} or {"code": "...", "message": "..."}. In the parameters {"$zip": PATH} stands for a zip with that file as
`bootstrap`, and {"$bytes": TEXT} for bytes. The operation `wait_until_X` is boto3's waiter X. The endpoint is the
environment's.
"""

import datetime
import io
import json
import sys
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(read_timeout=900, retries={"total_max_attempts": 1})
CLIENTS = {}


def zipped(path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_STORED
        with open(path, "rb") as source:
            archive.writestr(entry, source.read())
    return buffer.getvalue()


def into(value):
    if isinstance(value, dict):
        if list(value) == ["$zip"]:
            return zipped(value["$zip"])
        if list(value) == ["$bytes"]:
            return value["$bytes"].encode()
        return {key: into(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [into(inner) for inner in value]
    return value


def out_of(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "read"):
        return value.read().decode("utf-8", "replace")
    return str(value)


def client(service, region, credentials):
    key = (service, region, tuple(credentials))
    if key not in CLIENTS:
        identity, secret, token = credentials
        CLIENTS[key] = boto3.client(
            service,
            region_name=region,
            aws_access_key_id=identity,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=CONFIG,
        )
    return CLIENTS[key]


def call(order):
    calls = client(order["service"], order["region"], order["credentials"])
    kind, _, waiter = order["operation"].partition("wait_until_")
    if waiter and not kind:
        calls.get_waiter(waiter).wait(**order["parameters"], WaiterConfig={"Delay": 1, "MaxAttempts": 120})
        return {}
    answer = getattr(calls, order["operation"])(**into(order["parameters"]))
    answer.pop("ResponseMetadata", None)
    return answer


for line in sys.stdin:
    try:
        told = {"answer": call(json.loads(line))}
    except ClientError as error:
        told = {"code": error.response["Error"].get("Code", ""), "message": str(error)}
    except Exception as error:  # the test decides what to make of it
        told = {"code": type(error).__name__, "message": str(error)}
    print(json.dumps(told, default=out_of), flush=True)
