#!/usr/bin/env python3
"""What a release needs besides the files of each target. The workflow of the release calls it; nothing is published here.

    packaging/release.py check v0.1.0 --address https://github.com/OWNER/NAME    # is this commit the release that the tag says?
    packaging/release.py notes                                    # the part of CHANGELOG.md about this release
    packaging/release.py assemble dist                            # adds plain templates, SBOM, Homebrew formula and SHA256SUMS to the files
    packaging/release.py image dist image                         # what packaging/Containerfile is built from
"""

import argparse
import hashlib
import json
import pathlib
import re
import shutil
import sys
import tarfile
import zipfile

import project
from project import REPOSITORY, ROOT, VERSION

FORMULA = """\
class Permdrift < Formula
  desc "Finds the permissions that Veeam's IAM users and roles have lost"
  homepage "{address}"
  version "{version}"
  license "Apache-2.0"

  on_macos do
    on_arm do
      {aarch64_apple_darwin}
    end
    on_intel do
      {x86_64_apple_darwin}
    end
  end

  on_linux do
    on_arm do
      {aarch64_unknown_linux_musl}
    end
    on_intel do
      {x86_64_unknown_linux_musl}
    end
  end

  def install
    bin.install "permdrift"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/permdrift.bash" => "permdrift"
    zsh_completion.install "completions/_permdrift"
    fish_completion.install "completions/permdrift.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{{bin}}/permdrift --version")
  end
end
"""

# The image's platforms, as Docker names the processors.
PLATFORMS = {"amd64": "x86_64-unknown-linux-musl", "arm64": "aarch64-unknown-linux-musl"}


def sections():
    """The sections of the change log, newest first: each with its heading and what it says."""
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", log, re.MULTILINE | re.DOTALL)
    if not found:
        sys.exit("CHANGELOG.md has no section")
    return [(heading, said.strip() + "\n") for heading, said in found]


def notes():
    """What the change log says about this release, in one section or several."""
    return "\n".join(said for heading, said in sections() if re.match(rf"{re.escape(VERSION)}(?![\d.])", heading))


def check(tag, address):
    """Ends the script where a release must not be made of this commit."""
    if tag != f"v{VERSION}":
        sys.exit(f"the tag is {tag}, and Cargo.toml has version {VERSION}: expected the tag v{VERSION}")
    if address != REPOSITORY:
        sys.exit(f"this is {address}, and Cargo.toml says that releases are made in {REPOSITORY}")
    heading, _ = sections()[0]
    if not re.fullmatch(rf"{re.escape(VERSION)} - \d{{4}}-\d\d-\d\d", heading):
        sys.exit(f"CHANGELOG.md begins with `## {heading}`: expected `## {VERSION} - YYYY-MM-DD`")


def assemble(folder):
    """Adds to the files of all targets what is made of them; SHA256SUMS is the last, and names all others."""
    expected = [project.archive_name(target) for target in project.TARGETS]
    for architecture in filter(None, project.TARGETS.values()):
        expected += [project.function_name(architecture), project.template_name(architecture), project.hub_name(architecture)]
    missing = [name for name in expected if not (folder / name).is_file()]
    if missing:
        sys.exit(f"{folder} lacks {', '.join(missing)}")
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != len(project.TARGETS):
        sys.exit(f"{folder} has {len(wheels)} wheels, expected one for each of {len(project.TARGETS)} targets")
    for name, source in project.TEMPLATES.items():
        shutil.copyfile(ROOT / "infra" / source, folder / name)
    (folder / "permdrift.cdx.json").write_bytes(sbom(wheels))
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != "SHA256SUMS"}
    formula = folder / "permdrift.rb"
    formula.write_text(homebrew(digests), encoding="utf-8")
    digests[formula.name] = hashlib.sha256(formula.read_bytes()).hexdigest()
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digests.items())]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def sbom(wheels):
    """The list of components that maturin wrote into the wheel for Linux on x86_64, as CycloneDX JSON."""
    wheel = next((path for path in wheels if "linux" in path.name and "x86_64" in path.name), None)
    if wheel is None:
        sys.exit("there is no wheel for Linux on x86_64 to take the SBOM from")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if re.search(r"\.dist-info/sboms/[^/]+\.json$", name)]
        if len(names) != 1:
            sys.exit(f"{wheel.name} has {len(names)} SBOMs, expected one")
        content = archive.read(names[0])
    if not json.loads(content).get("components"):
        sys.exit(f"{names[0]} of {wheel.name} lists no component")
    return content


def homebrew(digests):
    """The formula, with address and checksum of each archive."""
    blocks = {}
    for target in project.TARGETS:
        name = project.archive_name(target)
        url = f"{REPOSITORY}/releases/download/v{VERSION}/{name}"
        blocks[target.replace("-", "_")] = f'url "{url}"\n      sha256 "{digests[name]}"'
    return FORMULA.format(address=REPOSITORY, version=VERSION, **blocks)


def image(folder, place):
    """The folder that the image is built from: Containerfile, and the program of each platform."""
    place.mkdir(parents=True)
    shutil.copy(ROOT / "packaging" / "Containerfile", place)
    for platform, target in PLATFORMS.items():
        (place / platform).mkdir()
        program = place / platform / "permdrift"
        with tarfile.open(folder / project.archive_name(target)) as archive:
            program.write_bytes(archive.extractfile(f"permdrift-{VERSION}-{target}/permdrift").read())
        program.chmod(0o755)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="is this commit the release that the tag says?")
    checking.add_argument("tag")
    checking.add_argument("--address", required=True, help="the address of the repository that the tag is in")
    commands.add_parser("notes", help="print the part of CHANGELOG.md about this release")
    assembling = commands.add_parser("assemble", help="add plain templates, SBOM, Homebrew formula and SHA256SUMS")
    assembling.add_argument("folder", type=pathlib.Path)
    imaging = commands.add_parser("image", help="make the folder that the image is built from")
    imaging.add_argument("folder", type=pathlib.Path)
    imaging.add_argument("place", type=pathlib.Path)
    asked = parser.parse_args()
    match asked.command:
        case "check":
            check(asked.tag, asked.address)
        case "notes":
            sys.stdout.write(notes())
        case "assemble":
            assemble(asked.folder)
        case "image":
            image(asked.folder, asked.place)


if __name__ == "__main__":
    main()
