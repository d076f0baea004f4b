"""Reads an export as its own consumer would: consume.py FORMAT FILE.

Prints one line for each thing that the consumer would refuse, and ends with 1 if there is any.
"""

import csv
import json
import sys
from pathlib import Path

SCHEMAS = Path(__file__).parent / "schemas"


def told(validator, document, where=""):
    for error in validator.iter_errors(document):
        path = "/".join(str(step) for step in error.absolute_path)
        yield f"{where}{path}: {error.message[:300]}"


def sarif(file):
    from jsonschema import Draft4Validator

    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8"))
    document = json.loads(file.read_text("utf-8"))
    validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
    yield from told(validator, document)
    for run in document["runs"]:
        rules = run["tool"]["driver"]["rules"]
        prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
        if len(set(prints)) != len(prints):
            yield "two results have one fingerprint"
        for result in run["results"]:
            if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
                yield f"{result['ruleId']} does not stand at its index"
            if not result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]:
                yield "GitHub refuses a result without a file"


def junit(file):
    import xmlschema

    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
    for error in schema.iter_errors(str(file)):
        yield f"{error.path}: {error.reason}"
    from xml.etree import ElementTree

    root = ElementTree.parse(file).getroot()
    for suite in root:
        cases = suite.findall("testcase")
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            number = sum(1 for case in cases if case.find(tag) is not None)
            if int(suite.get(name)) != number:
                yield f"{suite.get('name')}: {name} says {suite.get(name)}, there are {number}"
        if int(suite.get("tests")) != len(cases):
            yield f"{suite.get('name')}: tests says {suite.get('tests')}, there are {len(cases)}"
    for name in ("tests", "failures", "errors"):
        if int(root.get(name)) != sum(int(suite.get(name)) for suite in root):
            yield f"the sum of {name} is wrong"


def ocsf(file):
    from jsonschema import Draft202012Validator
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    events = json.loads(file.read_text("utf-8"))
    validators = {}
    for event in events:
        version = event["metadata"]["version"]
        if version not in validators:
            schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))
            name = schemas.lookup_class_name_from_uid(event["class_uid"])
            profiles = event["metadata"]["profiles"]
            validators[version] = Draft202012Validator(schemas.get_class_schema(name, profiles))
        where = f"{event['finding_info']['uid']}: "
        yield from told(validators[version], event, where)
        if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
            yield f"{where}type_uid does not fit class and activity"


ASFF_LIMITS = {"Title": 256, "Description": 1024, "Id": 512, "GeneratorId": 512, "ProductName": 128, "CompanyName": 128, "Region": 16}


def asff(file):
    import botocore.session
    from botocore.validate import ParamValidator

    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    findings = json.loads(file.read_text("utf-8"))
    known = model.shape_for("AwsSecurityFinding").members
    for start in range(0, len(findings), 100):
        report = ParamValidator().validate({"Findings": findings[start : start + 100]}, shape)
        if report.has_errors():
            yield report.generate_report()
    for finding in findings:
        where = finding["Id"]
        for member, length in ASFF_LIMITS.items():
            if not 1 <= len(finding[member]) <= length:
                yield f"{where}: {member} has {len(finding[member])} characters, at most {length} go in"
        if set(finding) - set(known):
            yield f"{where}: {set(finding) - set(known)} is no part of the format"
        if not 1 <= len(finding["Resources"]) <= 32:
            yield f"{where}: {len(finding['Resources'])} resources"
        if len(finding["Remediation"]["Recommendation"]["Text"]) > 512:
            yield f"{where}: the recommendation is too long"
        if len(finding["ProductFields"]) > 50 or any(
            len(name) > 128 or not 1 <= len(value) <= 2048 for name, value in finding["ProductFields"].items()
        ):
            yield f"{where}: product fields over their limit"
        if len(json.dumps(finding).encode()) > 240_000:
            yield f"{where}: over 240 KB"
        for path, value in enums(finding, model.shape_for("AwsSecurityFinding")):
            yield f"{where}: {path} is `{value}`, which the service does not know"


def enums(value, shape, path=""):
    """Values that a closed list of the service does not hold; botocore itself lets them pass."""
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from enums(member, shape.members[name], f"{path}/{name}")
    elif shape.type_name == "list":
        for member in value:
            yield from enums(member, shape.member, path)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield path, value


def rows(file):
    with file.open(newline="", encoding="utf-8") as opened:
        lines = list(csv.reader(opened, strict=True))
    head, body = lines[0], lines[1:]
    if not body:
        yield "no rows"
    if len(set(head)) != len(head):
        yield "two columns have one name"
    for number, line in enumerate(body, start=2):
        if len(line) != len(head):
            yield f"row {number} has {len(line)} cells, the header {len(head)}"
        for cell in line:
            if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
                yield f"row {number}: a spreadsheet would run `{cell[:40]}`"
    raw = file.read_bytes()
    if raw.count(b"\r\n") != raw.count(b"\n") or not raw.endswith(b"\r\n"):
        yield "a line does not end as RFC 4180 says"


def markdown(file):
    from markdown_it import MarkdownIt

    reader = MarkdownIt("gfm-like", {"html": True})
    # GitHub makes no link of a bare host name, nor of one behind two slashes.
    reader.linkify.set({"fuzzy_link": False})
    reader.linkify.add("//", None)
    page = reader.parse(file.read_text("utf-8"))
    for token in page:
        for child in [token, *(token.children or [])]:
            if child.type in ("link_open", "image"):
                yield f"a link or picture: {token.content[:120]}"
            if child.type in ("html_inline", "html_block") and child.content.strip() != "<!-- -->":
                yield f"markup: {child.content[:120]}"
    width = None
    cells = 0
    for token in page:
        if token.type == "tr_open":
            cells = 0
        elif token.type in ("th_open", "td_open"):
            cells += 1
        elif token.type == "tr_close":
            width = width or cells
            if cells != width:
                yield f"a row has {cells} cells instead of {width}"


FORMATS = {"sarif": sarif, "junit.xml": junit, "ocsf.json": ocsf, "asff.json": asff, "csv": rows, "md": markdown}

if __name__ == "__main__":
    complaints = list(FORMATS[sys.argv[1]](Path(sys.argv[2])))
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)
