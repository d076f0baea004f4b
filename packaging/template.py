#!/usr/bin/env python3
"""The templates that deploy without building: `template.yaml`, or the hub's, with the functions' code from a zip of the release.

    packaging/template.py arm64 > permdrift-template-arm64.yaml
    packaging/template.py --hub arm64 > permdrift-hub-arm64.yaml

SAM uploads only a code path that stands in the template as a text, not one that a parameter gives; so there is one template for
each processor, which names the zip beside it. What lies beside the hub's template (the state machine, the templates of the accounts) is
written into it. Everything else, comments too, is as in the source. If a line that has to change is not there as often as
expected, the script ends: a template that still needed a build would be found by a customer.
"""

import argparse
import sys

import project

# Longer ones are refused inside a template.
LONGEST_BODY = 51_200


def processor(architecture):
    """The change that both templates need."""
    return (
        "    Default: arm64\n    AllowedValues: [arm64, x86_64]\n"
        "    Description: Processor of the function. What `sam build` builds for must be the same.\n",
        f"    Default: {architecture}\n    AllowedValues: [{architecture}]\n"
        "    Description: Processor of the function. The release has another template for the other processor.\n",
        1,
    )


def heading(architecture, name):
    """The change that says what a file of the release is, and from where it comes."""
    first = 'AWSTemplateFormatVersion: "2010-09-09"\n'
    zip_file = project.function_name(architecture)
    said = (
        f"# permdrift {project.VERSION} for {architecture}: deploys {zip_file}, which must lie beside this file.\n"
        f"# Made from {name} by packaging/template.py: change it there.\n"
    )
    return (first, said + first, 1)


def without_build(architecture, source=None):
    """The template of one account's stack as text, for `arm64` or `x86_64`."""
    zip_file = project.function_name(architecture)
    # Old, new, and how often: both functions are one program.
    changes = [
        heading(architecture, "template.yaml"),
        ("      BuildMethod: rust-cargolambda\n", "", 2),
        ("      CodeUri: functions/sweep\n", f"      CodeUri: {zip_file}\n", 2),
        processor(architecture),
    ]
    return changed("template.yaml", source, changes)


def hub(architecture, source=None):
    """The hub's template as text."""
    zip_file = project.function_name(architecture)
    changes = [
        heading(architecture, "infra/hub.yaml"),
        ("      BuildMethod: rust-cargolambda\n", "", 4),
        ("      CodeUri: ../functions/sweep\n", f"      CodeUri: {zip_file}\n", 4),
        ("  # Their templates lie beside this one. `sam deploy` uploads them; the template of a release holds them.\n", "", 1),
        ("      TemplateURL: member.yaml\n", "      TemplateBody: |\n" + beside("member.yaml"), 1),
        ("      TemplateURL: watch.yaml\n", "      TemplateBody: |\n" + beside("watch.yaml"), 1),
        # JSON is YAML.
        ("      DefinitionUri: organization.asl.json\n", "      Definition:\n" + beside("organization.asl.json"), 1),
        processor(architecture),
    ]
    return changed("infra/hub.yaml", source, changes)


def beside(name):
    """A file beside the hub's template, as a block in it."""
    text = (project.ROOT / "infra" / name).read_text(encoding="utf-8")
    if len(text.encode()) > LONGEST_BODY:
        sys.exit(f"infra/{name} has {len(text.encode()):,} bytes, and a template inside a template has at most {LONGEST_BODY:,}")
    return "".join(f"        {line}".rstrip() + "\n" for line in text.splitlines())


def changed(name, source, changes):
    """The source, or the file of that name, with these changes."""
    if source is None:
        source = (project.ROOT / name).read_text(encoding="utf-8")
    for old, new, times in changes:
        found = source.count(old)
        if found != times:
            shown = old.strip().replace("\n", "\\n")
            sys.exit(f"{name}: `{shown}` is there {found} times, expected {times}: adapt packaging/template.py")
        source = source.replace(old, new)
    return source


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("architecture", choices=["arm64", "x86_64"])
    parser.add_argument("--hub", action="store_true", help="the template of an organisation's hub")
    asked = parser.parse_args()
    sys.stdout.write(hub(asked.architecture) if asked.hub else without_build(asked.architecture))
