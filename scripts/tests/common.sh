# Sourced by the scripts of this folder: where the programs are, a folder that is removed at the end, and how to judge.
#
# FLUX_BIN names the folder with flux, flux-broker and flux-shell; by default it is the debug build's.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${FLUX_BIN:-$root/.build/debug}
flux=$bin/flux
unset FLUX_URI
export SHLVL=2
folder=$(mktemp -d "${TMPDIR:-/tmp}/flux-test-XXXXXX")
export TMPDIR=$folder
failures=0

skip() {
    echo "skipped: $1"
    rm -rf "$folder"
    exit 0
}

# check WHAT COMMAND…: the command succeeds.
check() {
    local what=$1
    shift
    if "$@" > /dev/null 2>&1; then
        echo "ok: $what"
    else
        echo "FAILED: $what"
        failures=$((failures + 1))
    fi
}

# has FILE TEXT: the file contains the text.
has() { grep -qF -- "$2" "$1"; }

# gone TEXT: within five seconds no process has the text in its command line.
gone() {
    for _ in $(seq 50); do
        pgrep -f -- "$1" > /dev/null || return 0
        sleep 0.1
    done
    return 1
}

# dead PID: within five seconds the process has ended.
dead() {
    for _ in $(seq 50); do
        kill -0 "$1" 2> /dev/null || return 0
        sleep 0.1
    done
    return 1
}

finish() {
    [ "$failures" = 0 ] || [ -z "${KEEP:-}" ] || echo "kept: $folder"
    [ "$failures" = 0 ] || cat "$folder"/*.log 2> /dev/null
    [ -n "${KEEP:-}" ] || rm -rf "$folder"
    [ "$failures" = 0 ]
}
