#!/usr/bin/env bash
# How long does it take from a change's event on the bus to the message, with the pauses of the stack? Three minutes, and the build.
#
# The stack is deployed into a local server with the function's real program; the figures are those of docs/performance.md. PROFILE=release
# measures what is deployed, and takes a quarter of an hour to build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

REAL_PAUSES=1 cargo test --locked --profile "${PROFILE:-dev}" -p sweep --test deployed -- timed --nocapture
