#!/usr/bin/env bash
# What is deployed, built as it is deployed: does `sam build` make the zip, is it small, how soon does it start, and with how much memory?
#
# x86_64, because the test machines are; arm64 is the default of template.yaml and is built the same way. Everything goes to the
# cargo target folder; SAM and cargo-lambda come from the tests' tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target="${CARGO_TARGET_DIR:-$PWD/target}"
most_zip_bytes=4800000

tool() { cargo run --quiet --locked -p e2e --bin tool -- "$@"; }

tool sam build --parameter-overrides Architecture=x86_64 --build-dir "$target/sam" --no-cached
zip="$target/sweep.zip"
rm -f "$zip"
python3 - "$target/sam/Sweep/bootstrap" "$zip" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write(sys.argv[1], "bootstrap")
PYTHON
bytes=$(stat -c %s "$zip")
echo "deployment zip: $bytes bytes (at most $most_zip_bytes)"
[ "$bytes" -le "$most_zip_bytes" ]

# For comparison, a Lambda that does nothing, with the same profile (cargo reads it in the function's folder) and the same linker.
(cd functions/sweep && tool cargo-lambda lambda build --release --package bare --target x86_64-unknown-linux-gnu --lambda-dir "$target/bare")
cargo run --quiet --locked -p e2e --bin footprint -- "$target/sam/Sweep/bootstrap" "$target/bare/bare/bootstrap"
