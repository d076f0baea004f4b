#!/usr/bin/env python3
"""Packs a release for one target, and tries what it packed.

    packaging/package.py --profile dev                                          # this machine, quickly; `.ci/run` does it
    packaging/package.py --profile dist --target x86_64-unknown-linux-musl      # as it is released

Out, in the folder of --out:

- the wheel, with the licences of what is linked in, and without Python code;
- the archive: program, completions, manual pages, licences;
- for Linux the function's zip, and the templates that deploy it without building.

What is for this machine is then tried (packaging/trial.py): the wheel is installed into an empty virtual environment and runs what
the README shows; the archive's program must be the same release; the function must start.

Needs Python 3.11 or later with venv, cargo, and PyPI for maturin the first time. Nothing is published here.
"""

import argparse
import gzip
import hashlib
import base64
import io
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import project
import template
import third_party
import trial
from project import ROOT, run

LICENCES = "THIRD-PARTY-LICENSES.txt"
SHELLS = {"bash": "permdrift.bash", "zsh": "_permdrift", "fish": "permdrift.fish", "powershell": "permdrift.ps1"}
# The same bytes for the same content: no file has a time of its own. It is the oldest that a zip can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--profile", choices=["dev", "dist"], required=True, help="dev: quick; dist: as it is released")
    parser.add_argument("--target", choices=sorted(project.TARGETS), help="what to build for; without it, this machine")
    parser.add_argument("--out", type=pathlib.Path, help="the folder for the files [default: dist in cargo's build folder]")
    asked = parser.parse_args()
    if asked.profile == "dist" and not asked.target:
        parser.error("--profile dist needs a --target: a release is built for targets that are named")
    out = (asked.out or project.build_folder() / "dist" / (asked.target or "host")).absolute()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    licences = third_party.text()
    wheel, program = build_wheel(asked, out, licences)
    archive = write_archive(asked, out, program, licences)
    packed = [wheel, archive]
    architecture = project.TARGETS[asked.target] if asked.target else project.lambda_architecture()
    function = None
    if architecture and sys.platform == "linux":
        function = write_function(asked, out, architecture, licences)
        deployment = out / project.template_name(architecture)
        deployment.write_text(template.without_build(architecture), encoding="utf-8")
        hub = out / project.hub_name(architecture)
        hub.write_text(template.hub(architecture), encoding="utf-8")
        packed += [function, deployment, hub]
    for path in packed:
        print(f"packed {path} ({path.stat().st_size:,} bytes)")
    if asked.target and not is_this_machine(asked.target):
        print(f"not tried: {asked.target} does not run on this machine")
        return
    trial.wheel(out)
    trial.archive(archive)
    trial.action(out)
    if function and architecture == project.lambda_architecture():
        trial.function(function)


def build_wheel(asked, out, licences):
    """Builds the program into a wheel; returns the wheel and the program."""
    command = [project.tools("requirements") / "maturin", "build", "--locked", "--profile", asked.profile, "--out", out]
    environment = dict(os.environ)
    folder = project.build_folder()
    if asked.target:
        command += ["--target", asked.target]
        folder /= asked.target
        if "linux" in asked.target:
            # A static program runs with every libc, so one wheel serves both kinds of Linux.
            command += ["--zig", "--compatibility", "manylinux_2_17", "musllinux_1_1"]
            environment["PATH"] = f"{project.tools('requirements-linux')}{os.pathsep}{environment['PATH']}"
    else:
        # Only for this machine: no promise about others.
        command += ["--compatibility", "linux"]
    environment["CARGO_TARGET_DIR"] = str(project.build_folder())
    run(*command, cwd=ROOT, env=environment)
    folder /= "debug" if asked.profile == "dev" else asked.profile
    program = folder / ("permdrift.exe" if os.name == "nt" else "permdrift")
    wheels = list(out.glob("*.whl"))
    if len(wheels) != 1:
        sys.exit(f"maturin was to build one wheel, and there are {len(wheels)} in {out}")
    add_licences(wheels[0], licences)
    return wheels[0], program


def add_licences(wheel, licences):
    """Adds the licences of what is linked in to the wheel, with their line in its metadata and in its list of files."""
    rewritten = wheel.with_suffix(".new")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new:
        record = next(name for name in old.namelist() if name.endswith(".dist-info/RECORD"))
        folder = record.rsplit("/", 1)[0]
        changed = {f"{folder}/licenses/{LICENCES}": licences.encode()}
        # The header ends at the first empty line; the page for PyPI follows it.
        header, page = old.read(f"{folder}/METADATA").split(b"\n\n", 1)
        changed[f"{folder}/METADATA"] = header + f"\nLicense-File: {LICENCES}\n\n".encode() + page
        lines = [line for line in old.read(record).decode().splitlines() if line.split(",")[0] not in changed]
        for name, content in changed.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            lines.append(f"{name},sha256={digest},{len(content)}")
        changed[record] = ("\n".join(lines) + "\n").encode()
        for entry in old.infolist():
            if entry.filename not in changed:
                new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED)
        for name, content in changed.items():
            add_to_zip(new, name, content)
    rewritten.replace(wheel)


def write_archive(asked, out, program, licences):
    """The archive of a target: one folder with everything in it."""
    target = asked.target or "host"
    path = out / project.archive_name(target)
    folder = path.name.removesuffix(".zip").removesuffix(".tar.gz")
    files = {
        program.name: program.read_bytes(),
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        LICENCES: licences.encode(),
        "README.md": (ROOT / "README.md").read_bytes(),
        "CHANGELOG.md": (ROOT / "CHANGELOG.md").read_bytes(),
    }
    files |= generated(asked, program)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level(asked)) as archive:
            for name, content in sorted(files.items()):
                add_to_zip(archive, f"{folder}/{name}", content, is_program=name == program.name)
        return path
    with gzip.GzipFile(path, "wb", compresslevel=level(asked), mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name, content in sorted(files.items()):
                entry = tarfile.TarInfo(f"{folder}/{name}")
                entry.size = len(content)
                entry.mode = 0o755 if name == program.name else 0o644
                archive.addfile(entry, io.BytesIO(content))
    return path


def generated(asked, program):
    """Completions and manual pages, which the program writes itself: those of another machine by the one of this machine."""
    if asked.target and not is_this_machine(asked.target):
        run("cargo", "build", "--locked", "-p", "permdrift", cwd=ROOT)
        program = project.build_folder() / "debug" / ("permdrift.exe" if os.name == "nt" else "permdrift")
    files = {}
    for shell, name in SHELLS.items():
        files[f"completions/{name}"] = run(program, "completions", shell, stdout=subprocess.PIPE).stdout
    with tempfile.TemporaryDirectory() as folder:
        run(program, "man", folder)
        for page in sorted(pathlib.Path(folder).iterdir()):
            files[f"man/{page.name}"] = page.read_bytes()
    return files


def write_function(asked, out, architecture, licences):
    """The function's zip: `bootstrap`, which Lambda starts, and the licences."""
    if asked.profile == "dist":
        # In the function's own folder, where cargo finds the profile that makes it small; with the libc of Lambda's machines.
        build = project.build_folder() / "function" / architecture
        linux = project.tools("requirements-linux")
        processor = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
        environment = dict(os.environ, PATH=f"{linux}{os.pathsep}{os.environ['PATH']}")
        run(
            linux / "cargo-lambda", "lambda", "build", "--release", "--locked", "--package", "sweep",
            "--target", f"{processor}-unknown-linux-gnu", "--lambda-dir", build,
            cwd=ROOT / "functions" / "sweep", env=environment,
        )
        program = build / "sweep" / "bootstrap"
    else:
        # The build of the tests: cargo would build the AWS SDK once more, with other features, for the function alone.
        run("cargo", "test", "--locked", "--workspace", "--no-run", cwd=ROOT)
        program = project.build_folder() / "debug" / "sweep"
    path = out / project.function_name(architecture)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level(asked)) as archive:
        add_to_zip(archive, "bootstrap", program.read_bytes(), is_program=True)
        add_to_zip(archive, "LICENSE", (ROOT / "LICENSE").read_bytes())
        add_to_zip(archive, LICENCES, licences.encode())
    return path


def add_to_zip(archive, name, content, is_program=False):
    """Adds a file that has the same bytes whenever and wherever it is packed."""
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | (0o755 if is_program else 0o644)) << 16
    entry.compress_type = archive.compression
    archive.writestr(entry, content, compresslevel=archive.compresslevel)


def level(asked):
    """How hard to compress: what nobody keeps is packed quickly."""
    return 1 if asked.profile == "dev" else 9


def is_this_machine(target):
    """Whether a program for the target runs here."""
    system = {"linux": "linux", "darwin": "darwin", "win32": "windows"}.get(sys.platform, "?")
    processor = {"arm64": "aarch64", "x86_64": "x86_64"}[project.lambda_architecture()]
    return system in target and target.startswith(processor)


if __name__ == "__main__":
    main()
