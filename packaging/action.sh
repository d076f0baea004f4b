#!/usr/bin/env bash
# The steps of action.yml:
#
#   action.sh install    installs the release RELEASE into an environment of its own, and puts it first in the job's search path
#   action.sh run        runs COMMAND (audit or check) with the lines of ARGUMENTS; writes the job's summary, and the outputs
#                        `exit-code` and `sarif` (the file, or nothing where there is none)
#
# The exit code of permdrift does not end `run`, so that the SARIF file is uploaded first; the last step of the action ends with it.
set -euo pipefail

install() {
    local environment="$RUNNER_TEMP/permdrift"
    local python=python3
    command -v python3 >/dev/null || python=python
    "$python" -m venv "$environment"
    local programs="$environment/bin"
    [ -d "$programs" ] || programs="$environment/Scripts"
    "$programs/python" -m pip install --quiet --disable-pip-version-check "permdrift==$RELEASE"
    echo "$programs" >>"$GITHUB_PATH"
    "$programs/permdrift" --version
}

run() {
    local option
    case "$COMMAND" in
        audit) option=--export ;;
        check) option=--report ;;
        *)
            echo "::error::the input \`command\` is \`$COMMAND\`: expected \`audit\` or \`check\`"
            exit 64
            ;;
    esac
    # One argument a line, or one option and its value. Blanks around them do not count; nothing else is split at blanks, and the
    # shell expands nothing: quotes are part of the argument.
    local arguments=() line value
    while IFS= read -r line || [ -n "$line" ]; do
        line="${line%$'\r'}"
        line="${line#"${line%%[![:blank:]]*}"}"
        line="${line%"${line##*[![:blank:]]}"}"
        case "$line" in
            "") ;;
            --*[[:blank:]]*)
                value="${line#*[[:blank:]]}"
                arguments+=("${line%%[[:blank:]]*}" "${value#"${value%%[![:blank:]]*}"}")
                ;;
            *) arguments+=("$line") ;;
        esac
    done <<<"$ARGUMENTS"
    local sarif="$RUNNER_TEMP/permdrift.sarif" summary="$RUNNER_TEMP/permdrift.md"
    rm -f "$sarif" "$summary"
    local code=0
    permdrift "$COMMAND" ${arguments[@]+"${arguments[@]}"} "$option" "$sarif" "$option" "$summary" || code=$?
    if [ -s "$summary" ]; then
        cat "$summary" >>"$GITHUB_STEP_SUMMARY"
    else
        echo "permdrift $COMMAND ended with exit code $code and without a result. The log of this step says why." >>"$GITHUB_STEP_SUMMARY"
    fi
    [ -s "$sarif" ] || sarif=
    {
        echo "exit-code=$code"
        echo "sarif=$sarif"
    } >>"$GITHUB_OUTPUT"
}

case "${1:-}" in
    install | run) "$1" ;;
    *)
        echo "action.sh install|run" >&2
        exit 64
        ;;
esac
