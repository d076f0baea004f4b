"""Whether findings are what Security Hub's BatchImportFindings takes, by AWS's own service model.

In, on standard input: a JSON list of findings. Out: each place that is wrong, a line; the exit status is 1 if there is one.
What the model leaves to its prose (lengths, the size of a finding) is here with the page's numbers.
"""

import json
import re
import sys

from botocore.session import Session

# Security Hub user guide, "Required attributes" and "Optional top-level attributes" of ASFF.
LONGEST = {
    "Title": 256,
    "Description": 1024,
    "Id": 512,
    "GeneratorId": 512,
    "Remediation.Recommendation.Text": 512,
}
SIZE = 240 * 1024


def check(shape, value, path, found):
    kinds = {"string": str, "boolean": bool, "integer": int, "float": (int, float), "double": (int, float), "long": int}
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            found.append(f"{path}: is no structure")
            return
        for name in shape.required_members:
            if name not in value:
                found.append(f"{path}.{name}: is missing")
        for name, inner in value.items():
            if name not in shape.members:
                found.append(f"{path}.{name}: is not known")
            else:
                check(shape.members[name], inner, f"{path}.{name}", found)
    elif kind == "list":
        for at, inner in enumerate(value):
            check(shape.member, inner, f"{path}[{at}]", found)
    elif kind == "map":
        for name, inner in value.items():
            check(shape.key, name, f"{path} key", found)
            check(shape.value, inner, f"{path}.{name}", found)
    elif kind == "timestamp":
        pass
    else:
        if not isinstance(value, kinds[kind]):
            found.append(f"{path}: {value!r} is no {kind}")
            return
        meta = shape.metadata
        if kind == "string":
            if shape.enum and value not in shape.enum:
                found.append(f"{path}: {value!r} is none of {shape.enum}")
            if "pattern" in meta and not re.fullmatch(meta["pattern"], value, re.DOTALL):
                found.append(f"{path}: {value!r} does not match {meta['pattern']}")
            longest = LONGEST.get(path.split(".", 1)[-1], meta.get("max"))
            if longest is not None and len(value) > longest:
                found.append(f"{path}: {len(value)} characters, at most {longest}")


def main():
    findings = json.load(sys.stdin)
    model = Session().get_service_model("securityhub").operation_model("BatchImportFindings")
    shape = model.input_shape.members["Findings"].member
    found = []
    for at, finding in enumerate(findings):
        check(shape, finding, f"finding {at}", found)
        if len(json.dumps(finding).encode()) > SIZE:
            found.append(f"finding {at}: larger than {SIZE} bytes")
        account = finding["AwsAccountId"]
        own = f":securityhub:{finding['Region']}:{account}:product/{account}/default"
        if not finding["ProductArn"].endswith(own):
            found.append(f"finding {at}: {finding['ProductArn']} is not the account's own product")
        for name in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"):
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", finding[name]):
                found.append(f"finding {at}.{name}: {finding[name]}")
        if finding["UpdatedAt"] < finding["CreatedAt"]:
            found.append(f"finding {at}: updated before it was created")
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
