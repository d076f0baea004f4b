#!/usr/bin/env bash
# Writes functions/sweep/start.ld anew: the functions that run before the first event, for the linker to put together.
#
# Else they lie scattered over all of the binary, and a start brings in most of it, page by page. By hand, when release.sh
# finds that the start takes more memory than it should: after a new compiler, or new versions of tokio, hyper or
# lambda_runtime. Needs valgrind, nm and python3, and takes about ten minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target="${CARGO_TARGET_DIR:-$PWD/target}"
# As release.sh builds it, but with its symbols.
(cd functions/sweep && cargo run --quiet --locked -p e2e --bin tool -- cargo-lambda lambda build --release --package sweep \
    --config "profile.release.strip=false" --target x86_64-unknown-linux-gnu --lambda-dir "$target/symbols")
python3 - "$target/symbols/sweep/bootstrap" functions/sweep/start.ld <<'PYTHON'
import collections, os, re, signal, socket, subprocess, sys, tempfile, time

sweep, script = sys.argv[1:]


def pattern(symbol):
    """The symbol without what changes with the compiler: its hash, the numbers of its crates, what LTO appended."""
    symbol = re.sub(r"17h[0-9a-f]{16}E.*$", "17h*", symbol)
    if symbol.startswith("_R"):
        symbol = re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", symbol)
    return re.sub(r"\.\d+$", "*", symbol)


# The functions that run until Lambda is asked for work.
runtime = socket.create_server(("127.0.0.1", 0))
with tempfile.NamedTemporaryFile(suffix=".callgrind") as profile:
    variables = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.getsockname()[1]}",
        "AWS_REGION": "eu-central-1",
        "PERMDRIFT_TABLE": "table",
        "PERMDRIFT_BUS": "bus",
    }
    for name in ["FUNCTION_NAME", "FUNCTION_VERSION", "LOG_GROUP_NAME", "LOG_STREAM_NAME"]:
        variables[f"AWS_LAMBDA_{name}"] = "start"
    variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "256"
    valgrind = ["valgrind", "--quiet", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile.name}"]
    process = subprocess.Popen([*valgrind, sweep], env=os.environ | variables)
    asked, _ = runtime.accept()
    asked.recv(1)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    process.wait()
    ran = {
        line.split(" ", 1)[1].split("'")[0]
        for line in open(profile.name).read().splitlines()
        if re.match(r"c?fn=\(\d+\) ", line)
    }

# What each pattern takes in, and how much of it ran.
bytes_in, bytes_ran = collections.Counter(), collections.Counter()
for line in subprocess.run(["nm", "--print-size", sweep], capture_output=True, text=True, check=True).stdout.splitlines():
    match line.split():
        case [_, size, "t" | "T" | "w" | "W", symbol] if symbol not in {"_start", "_init", "_fini"}:
            bytes_in[pattern(symbol)] += int(size, 16)
            if symbol in ran:
                bytes_ran[pattern(symbol)] += int(size, 16)

# Patterns that take in much that does not run come last, so that the others stay close together.
wide = lambda name: bytes_in[name] - bytes_ran[name] > 16384
lines = [f"    *(.text*.{name})" for name in sorted(bytes_ran, key=lambda name: (wide(name), name))]
with open(script, "w") as file:
    file.write("/* What runs before the first event, put together. Written by tests/e2e/start.sh, read by build.rs. */\n")
    file.write("SECTIONS {\n  .text.start : {\n" + "\n".join(lines) + "\n  }\n} INSERT BEFORE .text;\n")
print(f"{script}: {len(lines)} patterns, {sum(bytes_ran.values())} bytes that run of {sum(bytes_in[name] for name in bytes_ran)}")
PYTHON
