#!/usr/bin/env python3
"""The template that deploys the stack without building: `template.yaml`, with the function's code from a zip of the release.

    packaging/template.py arm64 > permdrift-template-arm64.yaml

SAM uploads only a code path that stands in the template as a text, not one that a parameter gives; so there is one template for
each processor, which names the zip beside it. Everything else, comments too, is as in `template.yaml`. If a line that has to change is
not there as often as expected, the script ends: a template that still needed a build would be found by a customer.
"""

import argparse
import sys

import project


def without_build(architecture, source=None):
    """The template as text, for `arm64` or `x86_64`."""
    if source is None:
        source = (project.ROOT / "template.yaml").read_text(encoding="utf-8")
    zip_file = project.function_name(architecture)
    # Old, new, and how often: both functions are one program.
    changes = [
        (
            'AWSTemplateFormatVersion: "2010-09-09"\n',
            f"# permdrift {project.VERSION} for {architecture}: deploys {zip_file}, which must lie beside this file.\n"
            "# Made from template.yaml by packaging/template.py: change it there.\n"
            'AWSTemplateFormatVersion: "2010-09-09"\n',
            1,
        ),
        ("      BuildMethod: rust-cargolambda\n", "", 2),
        ("      CodeUri: functions/sweep\n", f"      CodeUri: {zip_file}\n", 2),
        (
            "    Default: arm64\n    AllowedValues: [arm64, x86_64]\n"
            "    Description: Processor of the function. What `sam build` builds for must be the same.\n",
            f"    Default: {architecture}\n    AllowedValues: [{architecture}]\n"
            "    Description: Processor of the function. The release has another template for the other processor.\n",
            1,
        ),
    ]
    for old, new, times in changes:
        found = source.count(old)
        if found != times:
            shown = old.strip().replace("\n", "\\n")
            sys.exit(f"template.yaml: `{shown}` is there {found} times, expected {times}: adapt packaging/template.py")
        source = source.replace(old, new)
    return source


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("architecture", choices=["arm64", "x86_64"])
    sys.stdout.write(without_build(parser.parse_args().architecture))
