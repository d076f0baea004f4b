#!/usr/bin/env bash
# Makes the pictures of the README anew: the terminal's screen and the HTML report, both of the example account.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
SNAPSHOTS=overwrite cargo test --locked -p permdrift --test command_line --test formats -- picture
