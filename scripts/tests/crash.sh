#!/usr/bin/env bash
# crash.sh [SECONDS [SEED]]: commits and jobs from all ranks while brokers are killed (kill -9) at random instants; the instance
# is started again from the same statedir each time. Nothing that was answered may be missing, done twice or half.
#
# First four brokers under `flux start`, which end with their leader; then four brokers started one by one from a
# [bootstrap] configuration, where a killed follower comes back into the running instance.
set -u
source "$(dirname "$0")/common.sh"
seconds=${1:-15}
seed=${2:-$RANDOM$$}
echo "crash.sh: $seconds seconds, seed $seed"
RANDOM=$((seed % 32768))
state=$folder/state
mkdir "$state" "$folder/run"
: > "$folder/tried" > "$folder/acked" > "$folder/logged" > "$folder/jobs" > "$folder/drained"
round=0
deaths=0

# The initial program: tells the URI and stays until the script takes its file away.
cat > "$folder/program" <<EOF
#!/bin/sh
echo "\$FLUX_URI" > "$folder/uri"
while [ -e "$folder/stay" ]; do sleep 0.05; done
EOF
chmod +x "$folder/program"

# milliseconds N: sleeps less than N milliseconds, at random.
milliseconds() { sleep "$(printf '0.%03d' $((RANDOM % $1)))"; }

# begin: starts the instance in the background; its brokers are children of $start.
begin() {
    round=$((round + 1))
    rm -f "$folder/uri"
    touch "$folder/stay"
    "$flux" start --test-size=4 --test-exit-timeout=10s -Sstatedir="$state" "$folder/program" \
        >> "$folder/instance.log" 2>&1 &
    start=$!
}

# up: the initial program runs.
up() {
    for _ in $(seq 300); do
        [ -s "$folder/uri" ] && break
        kill -0 "$start" 2> /dev/null || return 1
        sleep 0.05
    done
    FLUX_URI=$(cat "$folder/uri") || return 1
    export FLUX_URI
    base=${FLUX_URI%-0}
}

broker() { pgrep -P "$start" -x "flux-broker-$1"; }

# down: waits until nothing is left of the instance; what was told to writers ends them.
down() {
    rm -f "$folder/stay" "$folder/write"
    wait "$start" 2> /dev/null
    [ ${#writers[@]} = 0 ] || wait "${writers[@]}" 2> /dev/null
    writers=()
    unset FLUX_URI
}

# writer NAME URI: transactions of two keys, and appends, until it is told to stop or its broker is gone.
writer() {
    local i=0 key
    export FLUX_URI=$2
    while [ -e "$folder/write" ]; do
        i=$((i + 1))
        key=crash.r$round.w$1.k$i
        echo "$key" >> "$folder/tried"
        "$flux" kvs put "$key.a=$i" "$key.b=$i" 2> /dev/null || break
        echo "$key" >> "$folder/acked"
        echo "tried log.w$1 r$round.$i" >> "$folder/logged"
        "$flux" kvs eventlog append "log.w$1" "r$round.$i" 2> /dev/null || break
        echo "acked log.w$1 r$round.$i" >> "$folder/logged"
    done
}

# submitter URI…: jobs from all ranks in turn, every other one held back.
submitter() {
    local i=0 id uris=("$@")
    while [ -e "$folder/write" ]; do
        i=$((i + 1))
        export FLUX_URI=${uris[$((i % $#))]}
        if [ $((i % 2)) = 0 ]; then
            id=$("$flux" submit --urgency=hold true 2> /dev/null) && echo "$id held" >> "$folder/jobs"
        else
            id=$("$flux" submit true 2> /dev/null) && echo "$id free" >> "$folder/jobs"
        fi
    done
}

writers=()
write() {
    touch "$folder/write"
    local rank uris=()
    for rank in "$@"; do
        writer "$rank" "$(uri "$rank")" &
        writers+=($!)
        uris+=("$(uri "$rank")")
    done
    submitter "${uris[@]}" &
    writers+=($!)
}

uri() { echo "$base-$1"; }

# drain: another drained rank after each start, or one less.
drain() {
    local rank=$((RANDOM % 4)) reason="round$round"
    if "$flux" resource drain -f "$rank" "$reason" 2> /dev/null; then
        grep -v "^$rank " "$folder/drained" > "$folder/drained.new"
        echo "$rank $reason" >> "$folder/drained.new"
        mv "$folder/drained.new" "$folder/drained"
    fi
}

# none WHAT FILE: the file is empty.
none() {
    local count
    count=$(wc -l < "$2")
    if [ "$count" != 0 ]; then
        echo "FAILED: round $round: $count $1:"
        head -3 "$2"
        failures=$((failures + 1))
    fi
}

# verify: what the instance holds against what it has answered.
verify() {
    "$flux" kvs dir -R --width=0 crash 2> /dev/null | sed -n 's/^\(crash\..*\)\.\([ab]\) = \(.*\)$/\2 \1 \3/p' > "$folder/found"
    sed -n 's/^a \([^ ]*\) .*/\1/p' "$folder/found" | sort > "$folder/found.a"
    sed -n 's/^b \([^ ]*\) .*/\1/p' "$folder/found" | sort > "$folder/found.b"
    sort "$folder/acked" | comm -23 - "$folder/found.a" > "$folder/result"
    none "acknowledged transactions are lost" "$folder/result"
    sort "$folder/tried" | comm -13 - "$folder/found.a" > "$folder/result"
    none "keys that nobody wrote" "$folder/result"
    comm -3 "$folder/found.a" "$folder/found.b" > "$folder/result"
    none "half transactions" "$folder/result"
    awk '{ split($2, part, "k"); if (part[length(part)] != $3) print }' "$folder/found" > "$folder/result"
    none "wrong values" "$folder/result"

    : > "$folder/log"
    for name in $(cut -d ' ' -f 2 "$folder/logged" | sort -u); do
        "$flux" kvs eventlog get -u "$name" 2> /dev/null |
            sed -n "s/.*\"name\":\"\\([^\"]*\\)\".*/$name \\1/p" >> "$folder/log"
    done
    sort "$folder/log" | uniq -d > "$folder/result"
    none "appends are doubled" "$folder/result"
    sed -n 's/^acked //p' "$folder/logged" | sort | comm -23 - <(sort "$folder/log") > "$folder/result"
    none "acknowledged appends are lost" "$folder/result"
    sed -n 's/^tried //p' "$folder/logged" | sort | comm -13 - <(sort "$folder/log") > "$folder/result"
    none "appends that nobody made" "$folder/result"

    "$flux" jobs -a -n --count=0 --format='{id.f58} {state}' 2> /dev/null | sort > "$folder/listed"
    sed 's/ .*//' "$folder/jobs" | sort > "$folder/given"
    uniq -d "$folder/given" > "$folder/result"
    none "job ids were given twice" "$folder/result"
    comm -23 "$folder/given" <(sed 's/ .*//' "$folder/listed" | sort) > "$folder/result"
    none "jobs are lost" "$folder/result"
    sed -n 's/ held$/ SCHED/p' "$folder/jobs" | sort | comm -23 - "$folder/listed" > "$folder/result"
    none "held jobs do not wait" "$folder/result"
    "$flux" resource drain -n -o '{ranks} {reason}' 2> /dev/null | sort > "$folder/found"
    sort "$folder/drained" | comm -3 - "$folder/found" > "$folder/result"
    none "differences of drain state" "$folder/result"
}

# strike: brokers die. The leader's end is the instance's.
strike() {
    local victim before
    deaths=$((deaths + 1))
    case $((RANDOM % 4)) in
        0) kill -9 $(broker 0) ;;
        1) kill -9 $(pgrep -P "$start") ;;
        2) milliseconds 400; kill -9 $(broker 0) $(broker $((1 + RANDOM % 3))) ;;
        3)
            victim=$((1 + RANDOM % 3))
            kill -9 $(broker $victim)
            deaths=$((deaths + 1))
            before=$(grep -c "r$round\.w0" "$folder/acked")
            for _ in $(seq 100); do
                [ "$(grep -c "r$round\.w0" "$folder/acked")" -gt $((before + 1)) ] && break
                sleep 0.05
            done
            check "round $round: the leader goes on without rank $victim" \
                [ "$(grep -c "r$round\.w0" "$folder/acked")" -gt $((before + 1)) ]
            milliseconds 500
            kill -9 $(broker 0)
            ;;
    esac 2> /dev/null
}

end=$((SECONDS + seconds))
while [ $SECONDS -lt $end ]; do
    begin
    if [ $((RANDOM % 4)) = 0 ] && [ $round -gt 1 ]; then
        # Also while it starts.
        milliseconds 500
        kill -9 $(pgrep -P "$start") 2> /dev/null
        deaths=$((deaths + 1))
        down
        continue
    fi
    up || { echo "FAILED: round $round: no start"; failures=$((failures + 1)); down; break; }
    verify
    drain
    write 0 1 2 3
    sleep $((RANDOM % 2))
    milliseconds 1000
    strike
    down
done

begin
if up; then
    verify
    check "fsck finds nothing" "$flux" fsck --quiet
    rm -f "$folder/stay"
    wait "$start"
    check "the last instance ends with 0" [ $? = 0 ]
fi
down

acked=$(wc -l < "$folder/acked")
unanswered=$(sort -u "$folder/tried" | comm -23 - <(sort "$folder/acked") | wc -l)
kept=$(sort "$folder/found.a" | comm -23 - <(sort "$folder/acked") | wc -l)
echo "flux start: $round starts, $deaths deaths, $acked transactions and $(wc -l < "$folder/jobs") jobs acknowledged;" \
    "$unanswered transactions were not answered when a broker died, $kept of them are there"
check "something was acknowledged" [ "$acked" -gt $((seconds * 2)) ]

# Brokers one by one: a follower comes back.

: > "$folder/drained"
rm -rf "$state"
mkdir "$state"
: > "$folder/tried" > "$folder/acked" > "$folder/logged" > "$folder/jobs"
"$flux" keygen "$folder/certificate"
{
    echo "[bootstrap]"
    echo "curve_cert = \"$folder/certificate\""
    echo "hosts = ["
    for rank in 0 1 2 3; do
        echo "{ host = \"crash$rank\", bind = \"ipc://$folder/run/o$rank\", connect = \"ipc://$folder/run/o$rank\" },"
    done
    echo "]"
} > "$folder/instance.toml"

single() {
    local options=()
    mkdir -p -m 0700 "$folder/run/$1"
    [ "$1" != 0 ] || options=(-Sstatedir="$state" -Sbroker.quorum=1)
    "$flux" start -c "$folder/instance.toml" -Shostname="crash$1" -Srundir="$folder/run/$1" "${options[@]}" \
        "$folder/program" >> "$folder/broker$1.log" 2>&1 &
    brokers[$1]=$!
}

uri() { echo "local://$folder/run/$1/local-$1"; }

online() {
    for _ in $(seq 200); do
        [ "$("$flux" overlay status --timeout=0 --summary 2> /dev/null)" = full ] && return 0
        sleep 0.05
    done
    return 1
}

brokers=()
rm -f "$folder/uri"
touch "$folder/stay"
for rank in 0 1 2 3; do single $rank; done
start=${brokers[0]}
round=$((round + 1))
if up && online; then
    write 0 1 3
    for time in 1 2; do
        milliseconds 1000
        kill -9 "${brokers[2]}"
        wait "${brokers[2]}" 2> /dev/null
        milliseconds 500
        single 2
        check "rank 2 joins again, time $time" online
        writer "2x$time" "$(uri 2)" &
        writers+=($!)
        milliseconds 800
    done
    milliseconds 500
    kill -9 "${brokers[0]}"
    down
    for rank in 1 2 3; do check "rank $rank ends when the leader is gone" dead "${brokers[$rank]}"; done
    rm -f "$folder/uri"
    touch "$folder/stay"
    for rank in 0 1 2 3; do single $rank; done
    start=${brokers[0]}
    round=$((round + 1))
    if up && online; then
        verify
        check "commits from the follower that came back" grep -q "w2x1\.k2$" "$folder/acked"
        check "fsck finds nothing after that" "$flux" fsck --quiet
    else
        check "the instance starts again" false
    fi
    echo "[bootstrap]: $(wc -l < "$folder/acked") transactions, $(wc -l < "$folder/jobs") jobs acknowledged"
else
    check "four brokers find each other" false
fi
down
for rank in 1 2 3; do
    check "rank $rank ends with the instance" dead "${brokers[$rank]}" || kill -9 "${brokers[$rank]}"
done
finish
