"""The licences of what is built into permdrift, as one text.

In: the crates that `cargo metadata` lists, of which those count that the program or the function is linked with. Out: for each
licence text the crates that have it. A crate without such a file is listed with the licence that its manifest names; one without
either ends the script, because nobody may then hand it on.
"""

import json
import pathlib
import re
import subprocess
import sys

import project

# Files that a crate keeps its licence or notices in.
FILES = re.compile(r"^(licen[cs]e|copying|notice|copyright|unlicense)([-._].*)?$", re.IGNORECASE)


def linked(metadata):
    """The packages that the program and the function are linked with, ours left out, in order of name and version."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    members = set(metadata["workspace_members"])
    waiting = [id for id in members if packages[id]["name"] in ("permdrift", "sweep")]
    seen = set(waiting)
    while waiting:
        for dependency in nodes[waiting.pop()]["deps"]:
            is_linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_linked and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                waiting.append(dependency["pkg"])
    found = [packages[id] for id in seen - members]
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def text():
    """The whole text."""
    listed = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"],
        cwd=project.ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    by_text, without = {}, []
    for package in linked(json.loads(listed.stdout)):
        title = f"{package['name']} {package['version']} ({package['license'] or 'see the text'})"
        folder = pathlib.Path(package["manifest_path"]).parent
        files = sorted(path for path in folder.iterdir() if path.is_file() and FILES.match(path.name))
        for path in files:
            said = path.read_text(encoding="utf-8", errors="replace").strip()
            by_text.setdefault(said, []).append(title)
        if not files and not package["license"]:
            sys.exit(f"{package['name']} {package['version']} names no licence: it must not be packed")
        if not files:
            without.append(f"{title}, {package['repository'] or 'no address'}")
    if not by_text:
        sys.exit("no licence was found in any crate: are the sources of the crates there?")
    parts = ["permdrift contains the following software of others, under the licences printed here.\n"]
    for said, titles in sorted(by_text.items(), key=lambda entry: entry[1]):
        parts.append("\n".join(["=" * 80, *titles, "=" * 80, "", said, ""]))
    if without:
        parts.append("\n".join(["=" * 80, "Without a text of their own:", *without, ""]))
    return "\n".join(parts)
