#!/usr/bin/env bash
# full-disk.sh: the disk of the store is full. New work is refused with a reason, reads and cancels go on, and when there
# is room again the instance goes on as if nothing had been. Runs in a mount namespace of its own, for a small tmpfs.
set -u
source "$(dirname "$0")/common.sh"
if [ "${1:-}" != inside ]; then
    unshare -m true 2> /dev/null || skip "no mount namespace can be made here (root is needed)"
    rm -rf "$folder"
    TMPDIR=${folder%/*} exec unshare -m bash "$0" inside
fi

# one BACKING: fills the disk, looks at what still works, makes room, looks again.
one() {
    local backing=$1 state=$folder/$1
    mkdir -p "$state"
    mount -t tmpfs -o size=2m tmpfs "$state" || skip "no tmpfs can be mounted here"
    mkdir "$state/state"
    cat > "$folder/$backing.sh" <<END
flux=$flux
\$flux kvs put first=1
for number in \$(seq 400); do
    \$flux kvs put k\$number=\$(head -c 8000 /dev/urandom | base64 -w0) 2> $folder/$backing.refused || break
done
try() { echo "\$1: \$(timeout 10 "\${@:2}" 2>&1) [\$?]"; }
try submit \$flux submit true
try read \$flux kvs get first
try cancel \$flux cancel --all
try flush \$flux content flush
try sync \$flux kvs put --sync x=1
mount -o remount,size=32m $state
try room \$flux kvs put room=1
try run \$flux run echo hello
try old \$flux kvs get first
try flushed \$flux content flush
END
    timeout -k 1 120 "$flux" start "-Scontent.backing-module=$backing" "-Sstatedir=$state/state" \
        bash "$folder/$backing.sh" > "$folder/$backing.log" 2>&1
    check "$backing: the instance ends well once there is room" [ $? = 0 ]
    check "$backing: a commit says that the disk is full" has "$folder/$backing.refused" "No space left on device"
    check "$backing: a job is refused" grep -q '^submit: .*\[1\]' "$folder/$backing.log"
    check "$backing: reads go on" has "$folder/$backing.log" "read: 1 [0]"
    check "$backing: cancels go on" grep -q '^cancel: .*\[0\]' "$folder/$backing.log"
    check "$backing: flush tells why not" has "$folder/$backing.log" "flush: flux-content: content.flush: No space left on device"
    check "$backing: a sync tells why not" has "$folder/$backing.log" "sync: flux-kvs: flux_kvs_commit: No space left on device"
    for what in "room:  [0]" "run: hello [0]" "old: 1 [0]" "flushed:  [0]"; do
        check "$backing: with room again, ${what%%:*}" has "$folder/$backing.log" "$what"
    done
    timeout -k 1 60 "$flux" start "-Scontent.backing-module=$backing" "-Sstatedir=$state/state" \
        "$flux" kvs get first room > "$folder/$backing.again" 2>&1
    check "$backing: what was acknowledged is there after a restart" [ "$(cat "$folder/$backing.again")" = $'1\n1' ]
    umount "$state"
}

one content-sqlite
one content-files
finish
