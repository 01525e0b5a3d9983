#!/usr/bin/env bash
# faults.sh: brokers and flux start are killed while a job runs; the others and the programs do what they should.
set -u
source "$(dirname "$0")/common.sh"

# begin NAME OPTIONS…: an instance of three brokers in the background that runs a job and a remote program on each rank.
begin() {
    name=$1
    shift
    mark=$((RANDOM + 100000))$RANDOM
    mkdir "$folder/$name"
    cat > "$folder/$name/program" <<EOF
#!/bin/bash
job=\$("$flux" submit -N3 sleep $mark)
"$flux" job wait-event -t 10 \$job start > /dev/null
echo "\$job" > "$folder/$name/job"
for rank in 0 1 2; do
    "$flux" exec -r \$rank "$flux" getattr broker.pid > "$folder/$name/pid\$rank"
    ("$flux" exec -r \$rank sleep $mark; echo \$? > "$folder/$name/exec\$rank") &
done
echo "\$FLUX_URI" > "$folder/$name/uri"
while ! [ -e "$folder/$name/leave" ]; do sleep 0.1; done
EOF
    chmod +x "$folder/$name/program"
    mkdir "$folder/$name/tmp"
    # Job control gives background programs their SIGINT back.
    set -m
    TMPDIR=$folder/$name/tmp timeout -k 1 60 "$flux" start --test-size=3 --test-exit-timeout=20s "$@" \
        "$folder/$name/program" > "$folder/$name.log" 2>&1 &
    start=$!
    set +m
    # Three tasks and three programs of exec.
    for _ in $(seq 200); do
        [ "$(pgrep -cf "^sleep $mark")" -ge 6 ] && [ -s "$folder/$name/uri" ] && break
        sleep 0.1
    done
    FLUX_URI=$(cat "$folder/$name/uri")
    export FLUX_URI
    job=$(cat "$folder/$name/job")
}

pid() { cat "$folder/$name/pid$1"; }

# ended CODE: flux start ends with that status, and no process of the instance is left.
ended() {
    check "$name: flux start ends" dead "$start"
    wait "$start"
    local code=$?
    check "$name: exit status $1 (was $code)" [ $code = "$1" ]
    check "$name: no program is left" gone "sleep $mark"
    check "$name: no broker is left" gone "$folder/$name"
    unset FLUX_URI
}

empty() { [ -z "$(ls -A "$folder/$name/tmp")" ]; }

begin follower
kill -9 "$(pid 2)"
check "follower: the job ends" timeout 10 "$flux" job wait-event -t 10 "$job" clean
"$flux" job eventlog "$job" > "$folder/$name/eventlog"
check "follower: node failure in the eventlog" grep -q "node failure on .* (rank 2)" "$folder/$name/eventlog"
"$flux" overlay status --timeout=0 > "$folder/$name/status"
check "follower: it is lost" grep -q "2 .*: lost" "$folder/$name/status"
check "follower: exec on it was answered" [ -s "$folder/$name/exec2" ]
check "follower: the next request is answered" bash -c '! timeout 5 "$1" ping -c1 2' - "$flux"
check "follower: rank 1 lives" timeout 5 "$flux" exec -r 1 true
check "follower: a job runs on the others" timeout 10 "$flux" run -N2 true
touch "$folder/$name/leave"
ended 137

begin router -Stbon.topo=kary:1
router=$(pid 1)
leaf=$(pid 2)
kill -9 "$router"
check "router: the broker below it ends" dead "$leaf"
check "router: the job ends" timeout 10 "$flux" job wait-event -t 10 "$job" clean
check "router: the leader lives" timeout 5 "$flux" getattr rank
touch "$folder/$name/leave"
ended 137
check "router: the broker below it exits 1" has "$folder/router.log" "2 (pid $leaf) exited with rc=1"
check "router: no folder is left" empty

begin leader -Stbon.topo=kary:1
middle=$(pid 1)
leaf=$(pid 2)
kill -9 "$(pid 0)"
check "leader: rank 1 ends" dead "$middle"
check "leader: rank 2 ends" dead "$leaf"
ended 137
check "leader: rank 1 exits 1" has "$folder/leader.log" "1 (pid $middle) exited with rc=1"
check "leader: no folder is left" empty
check "leader: rank 2 exits 1" has "$folder/leader.log" "2 (pid $leaf) exited with rc=1"

for signal in TERM INT HUP; do
    begin "signal$signal"
    kill -$signal "$(pgrep -P "$start" | head -1)"
    ended 129
    check "signal$signal: no folder is left" empty
done
finish
