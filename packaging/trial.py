"""Tries what was packed, as somebody does who has only that.

Each function ends the script with what was expected and what was found, and says what it tried otherwise. Nothing is taken from
the checkout but the text of the documents.
"""

import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import venv
import zipfile

import project
from project import ROOT, VERSION, run

# What an audit ends with that has found drift, as in the example account.
DRIFT = 1


def expect(holds, message):
    """Ends the script where something is not as it should be."""
    if not holds:
        sys.exit(f"trial failed: {message}")


def only_from(folder):
    """The variables that let pip install from a folder and from nowhere else, and leave nothing of ours set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PERMDRIFT_", "AWS_", "PIP_"))}
    return kept | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}


def bash(text, folder, environment):
    """Runs lines as a shell of a pipeline does: the first that fails ends it. Returns what was printed, and the exit code."""
    shell = shutil.which("bash") or sys.exit("the trial needs bash")
    command = [shell, "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors="replace"), done.returncode


def in_environment(folder, environment):
    """An empty virtual environment in a folder, first in the search path."""
    place = pathlib.Path(folder) / "venv"
    venv.create(place, with_pip=True)
    return environment | {"PATH": f"{project.programs(place)}{os.pathsep}{environment['PATH']}"}


def wheel(out):
    """The wheel is what its metadata says, and does in an empty environment what the README's first commands show."""
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        metadata = archive.read(f"permdrift-{VERSION}.dist-info/METADATA").decode()
    header = metadata.split("\n\n", 1)[0].splitlines()
    expect(f"Version: {VERSION}" in header, f"{path.name} does not have version {VERSION} of Cargo.toml in its metadata")
    expect(any(line.startswith("Project-URL: ") and project.REPOSITORY in line for line in header), f"{path.name} does not name the repository")
    for line in header:
        if line.startswith("License-File: "):
            licence = f"permdrift-{VERSION}.dist-info/licenses/{line.removeprefix('License-File: ')}"
            expect(licence in names, f"{path.name} has no {licence}")
    python = [name for name in names if name.endswith(".py")]
    expect(not python, f"{path.name} is a program only, and holds {python}")
    install, *commands = readme_commands()
    expect(install == "pipx install permdrift", f"the README's first command is `{install}`, not `pipx install permdrift`")
    with tempfile.TemporaryDirectory() as folder:
        environment = in_environment(folder, only_from(out))
        run("pip", "install", "--quiet", f"permdrift=={VERSION}", env=environment, executable=shutil.which("pip", path=environment["PATH"]))
        for command in commands:
            printed, code = bash(command, folder, environment)
            wanted = DRIFT if " audit " in command else 0
            expect(code == wanted, f"`{command}` ended with {code}, expected {wanted}:\n{printed}")
            expect("drifted" in printed or code == 0, f"`{command}` shows no drift:\n{printed}")
        printed, _ = bash("permdrift --version", folder, environment)
        expect(printed.splitlines()[0] == f"permdrift {VERSION}", f"permdrift --version printed:\n{printed}")
        pages(out)
    print(f"tried {path.name}: installed into an empty environment, and the README's commands work")


def readme_commands():
    """The commands of the README's first block, each on one line."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("    "))
    block = []
    for line in lines[start:]:
        if not line.startswith("    "):
            break
        block.append(line.strip())
    return "\n".join(block).replace("\\\n", " ").split("\n")


def pages(out):
    """The snippets for GitLab and Jenkins install what they run, and leave the file that the dashboard reads. They are for Linux."""
    if os.name == "nt":
        return
    page = (ROOT / "docs" / "tasks" / "audit-in-ci.md").read_text(encoding="utf-8")
    gitlab = re.search(r"^## GitLab\n.*?^  script:\n(.*?)^  artifacts:", page, re.MULTILINE | re.DOTALL)
    jenkins = re.search(r"^## Jenkins\n.*?sh '''\n(.*?)'''", page, re.MULTILINE | re.DOTALL)
    expect(gitlab and jenkins, "docs/tasks/audit-in-ci.md has no script for GitLab, or no `sh` for Jenkins")
    for name, script in (
        ("GitLab", re.sub(r"^    - ", "", gitlab[1], flags=re.MULTILINE)),
        ("Jenkins", jenkins[1]),
    ):
        with tempfile.TemporaryDirectory() as folder:
            for file in ("account.json", "settings.toml"):
                shutil.copy(ROOT / "examples" / file, folder)
            printed, code = bash(script, folder, in_environment(folder, only_from(out)))
            expect(code == DRIFT, f"the script for {name} ended with {code}, expected {DRIFT}:\n{printed}")
            expect(os.path.exists(f"{folder}/audit.junit.xml"), f"the script for {name} wrote no audit.junit.xml")


def archive(path):
    """The archive has one folder with program, completions, manual pages and licences, and the program is this release."""
    with tempfile.TemporaryDirectory() as folder:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                packed.extractall(folder)
        else:
            with tarfile.open(path) as packed:
                packed.extractall(folder, filter="data")
        (top,) = pathlib.Path(folder).iterdir()
        expect(path.name.startswith(f"{top.name}."), f"{path.name} unpacks into {top.name}")
        for name in ("LICENSE", "THIRD-PARTY-LICENSES.txt", "README.md", "completions/_permdrift", "man/permdrift-audit.1"):
            expect((top / name).is_file() and (top / name).stat().st_size > 0, f"{path.name} has no {name}")
        program = next(top.glob("permdrift*"))
        expect(os.access(program, os.X_OK), f"{program.name} in {path.name} is not executable")
        printed = run(program, "--version", stdout=subprocess.PIPE).stdout.decode()
        expect(printed.splitlines()[0] == f"permdrift {VERSION}", f"{path.name} holds another release:\n{printed}")
    print(f"tried {path.name}: complete, and its program is {VERSION}")


def action(out):
    """The steps of action.yml install the release, tell the exit code, and write the job's summary and the SARIF file."""
    for command, arguments, wanted in (
        ("audit", ["--auth-details examples/account.json", "--settings examples/settings.toml"], DRIFT),
        ("check", ["examples/deployment/backup-roles.yaml", "--account 111122223333"], 2),
        ("audit", ["--auth-details nowhere.json"], 2),
    ):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "examples", f"{folder}/examples")
            given = {
                "RUNNER_TEMP": f"{folder}/temp",
                "GITHUB_PATH": f"{folder}/path",
                "GITHUB_OUTPUT": f"{folder}/output",
                "GITHUB_STEP_SUMMARY": f"{folder}/summary",
                "RELEASE": VERSION,
                "COMMAND": command,
                "ARGUMENTS": "\n".join(arguments) + "\n",
            }
            os.mkdir(given["RUNNER_TEMP"])
            environment = only_from(out) | given
            script = ROOT / "packaging" / "action.sh"
            printed, code = bash(f"bash '{script}' install", folder, environment)
            expect(code == 0, f"action.sh install ended with {code}:\n{printed}")
            added = pathlib.Path(given["GITHUB_PATH"]).read_text(encoding="utf-8").strip()
            environment["PATH"] = f"{added}{os.pathsep}{environment['PATH']}"
            printed, code = bash(f"bash '{script}' run", folder, environment)
            expect(code == 0, f"action.sh run ended with {code}, but the last step of the action tells the result:\n{printed}")
            output = dict(line.split("=", 1) for line in pathlib.Path(given["GITHUB_OUTPUT"]).read_text(encoding="utf-8").splitlines())
            expect(output["exit-code"] == str(wanted), f"{command} {arguments}: {output}, expected exit code {wanted}:\n{printed}")
            summary = pathlib.Path(given["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
            expect(summary.strip(), f"{command} {arguments} wrote no summary")
            has_sarif = "nowhere.json" not in arguments[-1]
            expect(bool(output["sarif"]) == has_sarif, f"{command} {arguments}: the SARIF file is `{output['sarif']}`")
            expect(not has_sarif or os.path.getsize(output["sarif"]), f"{output['sarif']} is empty")
    print("tried action.sh: it installs the release, and tells what the commands found")


def function(path):
    """The zip has `bootstrap` at its top, and the function starts as Lambda starts it: it asks for its first event."""
    asked = threading.Event()

    class Runtime(http.server.BaseHTTPRequestHandler):
        """Lambda's Runtime API, of which only the question for the next event matters here."""

        def do_GET(self):
            if self.path.endswith("/runtime/invocation/next"):
                asked.set()

        def do_POST(self):
            said = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
            print(f"the function told Lambda {self.path}: {said}", file=sys.stderr)

        def log_message(self, *_):
            pass

    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as packed:
            mode = packed.getinfo("bootstrap").external_attr >> 16
            expect(mode & 0o111, f"bootstrap in {path.name} is not executable")
            program = pathlib.Path(packed.extract("bootstrap", folder))
        program.chmod(0o755)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "permdrift",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "of-nobody",
            "AWS_SECRET_ACCESS_KEY": "of-nobody",
            "PERMDRIFT_TABLE": "table",
            "PERMDRIFT_BUS": "bus",
        }
        process = subprocess.Popen([program], env=environment)
        try:
            started = asked.wait(timeout=60)
        finally:
            process.kill()
            process.wait()
            server.shutdown()
    expect(started, f"the function of {path.name} did not ask Lambda for an event within 60 s")
    print(f"tried {path.name}: the function starts")
