"""What the packaging scripts know of this project: the places, the release's version, its address, and the names of its files.

The version and the address stand in Cargo.toml and nowhere else in these scripts.
"""

import hashlib
import os
import pathlib
import platform
import subprocess
import sys
import tomllib
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent

with open(ROOT / "Cargo.toml", "rb") as manifest:
    _PACKAGE = tomllib.load(manifest)["workspace"]["package"]

VERSION = _PACKAGE["version"]
REPOSITORY = _PACKAGE["repository"]

# Every target that a release has, with the processor's name in Lambda where the function is built with it.
TARGETS = {
    "x86_64-unknown-linux-musl": "x86_64",
    "aarch64-unknown-linux-musl": "arm64",
    "x86_64-apple-darwin": None,
    "aarch64-apple-darwin": None,
    "x86_64-pc-windows-msvc": None,
}


def archive_name(target):
    """The archive of a target: what the Homebrew formula, cargo-binstall and the image look for."""
    suffix = "zip" if "windows" in target else "tar.gz"
    return f"permdrift-{VERSION}-{target}.{suffix}"


def function_name(architecture):
    """The function's zip for a processor of Lambda, `arm64` or `x86_64`."""
    return f"permdrift-function-{architecture}.zip"


def template_name(architecture):
    """The template that deploys that zip."""
    return f"permdrift-template-{architecture}.yaml"


def hub_name(architecture):
    """The template of an organisation's hub, which deploys that zip too."""
    return f"permdrift-hub-{architecture}.yaml"


# Templates beside the stacks with code, for each processor the same: their names in a release, and in `infra`.
TEMPLATES = {"permdrift-member.yaml": "member.yaml", "permdrift-watch.yaml": "watch.yaml", "permdrift-on-call.yaml": "on-call.yaml"}


def lambda_architecture():
    """This machine's processor, as Lambda calls it."""
    return {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")


def build_folder():
    """Where cargo builds."""
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()


def run(*command, **options):
    """Runs a command; if it fails, the script ends with its message."""
    shown = " ".join(str(part) for part in command)
    print(f"+ {shown}", flush=True)
    try:
        return subprocess.run([str(part) for part in command], check=True, **options)
    except FileNotFoundError:
        sys.exit(f"`{command[0]}` is not installed, and `{shown}` needs it")
    except subprocess.CalledProcessError as failed:
        for text in (failed.stdout, failed.stderr):
            if text:
                print(text if isinstance(text, str) else text.decode(errors="replace"), file=sys.stderr)
        sys.exit(f"exit code {failed.returncode}: {shown}")


def programs(environment):
    """The folder of the programs of a virtual environment."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def tools(name):
    """The programs that `packaging/<name>.txt` lists, installed the first time. A changed list makes a new environment."""
    listed = ROOT / "packaging" / f"{name}.txt"
    digest = hashlib.sha256(listed.read_bytes()).hexdigest()[:16]
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    environment = pathlib.Path(cache) / "permdrift" / "packaging" / f"{name}-{digest}"
    done = environment / "installed"
    if not done.exists():
        venv.create(environment, clear=True, with_pip=True)
        python = programs(environment) / "python"
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", listed)
        done.touch()
    return programs(environment)
