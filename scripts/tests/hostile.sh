#!/usr/bin/env bash
# hostile.sh: garbage on the local socket, bad input to commands; the broker lives on.
set -u
source "$(dirname "$0")/common.sh"
command -v python3 > /dev/null || skip "python3 is not installed"
cat > "$folder/garbage.py" <<'EOF'
import os, socket, struct, sys
path = os.environ["FLUX_URI"][len("local://"):]
magic = struct.pack("<I", 0xffee0012)
def open_socket():
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    assert s.recv(1) == b"\0"
    return s
frames = [magic + struct.pack(">I", n) + b"x" * 16 for n in (0, 1, 19, 0x7fffffff, 0xfffffff7, 0xffffffff)]
frames += [b"\0" * 64, os.urandom(4096)]
good = magic + struct.pack(">I", 62 - 8) + b"\0" + b"\x08attr.get" + b"\x16" + b'{"name":"tbon.level"}\0' + b"\x14" + \
    bytes.fromhex("8e01010b") + b"\xff" * 4 + b"\0" * 4 + b"\xff" * 4 + struct.pack(">I", 1)
frames += [good[:n] for n in range(len(good))]
for frame in frames:
    s = open_socket()
    try:
        s.sendall(frame)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    s.close()
# A forged answer, and a client that never reads.
forged = good[:-20] + bytes.fromhex("8e01020b") + b"\xff" * 4 + b"\0" * 4 + b"\0" * 4 + struct.pack(">I", 1)
s = open_socket()
s.sendall(forged * 10)
deaf = open_socket()
deaf.setblocking(False)
for _ in range(20000):
    try:
        deaf.send(good)
    except OSError:
        break
EOF
cat > "$folder/program" <<EOF
#!/bin/bash
timeout 20 python3 "$folder/garbage.py" > "$folder/garbage.log" 2>&1; echo garbage \$?
timeout 5 "$flux" getattr rank; echo getattr \$?
timeout 5 "$flux" getattr no.such.thing; echo unknown \$?
timeout 5 "$flux" exec -r all true; echo exec \$?
timeout 10 "$flux" run -N99 true; echo many \$?
timeout 10 "$flux" run "$folder/missing"; echo missing \$?
timeout 10 "$flux" run "$folder/garbage.py"; echo noexec \$?
echo '{"version":1,"resources":"x","tasks":3,"attributes":{"system":{"duration":0}}}' > "$folder/jobspec"
timeout 5 "$flux" job submit "$folder/jobspec"; echo jobspec \$?
timeout 10 "$flux" run true; echo run \$?
EOF
chmod +x "$folder/program"
chmod -x "$folder/garbage.py"
timeout 90 "$flux" start --test-size=2 "$folder/program" > "$folder/out.log" 2>&1
check "the instance ends well" [ $? = 0 ]
for line in "garbage 0" "getattr 0" "unknown 1" "exec 0" "many 1" "missing 127" "noexec 126" "jobspec 1" "run 0"; do
    check "$line" grep -qx "$line" "$folder/out.log"
done

# refused WHAT TEXT OPTIONS…: flux start exits 1 and says why.
refused() {
    local what=$1 text=$2
    shift 2
    timeout 10 "$flux" start "$@" > "$folder/refused.txt" 2>&1
    local code=$?
    check "$what: exit status 1 (was $code)" [ $code = 1 ]
    check "$what: \"$text\"" has "$folder/refused.txt" "$text"
}
printf '[tbon]\ntopo = "kary:2"\n  x = = 3\n' > "$folder/bad.toml"
printf '[bootstrap]\ncurve_cert = "%s"\ndefault_bind = "tcp://127.0.0.1:18471"\ndefault_connect = "tcp://127.0.0.1:18471"\nhosts = [{host="a"},{host="b"}]\n' "$folder/certificate" > "$folder/boot.toml"
refused "unknown attribute" "nonsense: unknown attribute" -Snonsense=1 true
refused "bad TOML" "bad.toml:3:7: " -c "$folder/bad.toml" true
refused "no certificate" "No such file or directory" -c "$folder/boot.toml" -Shostname=a true
"$flux" keygen "$folder/certificate"
chmod 0644 "$folder/certificate"
refused "world-readable certificate" "readable by group/other" -c "$folder/boot.toml" -Shostname=a true
chmod 0600 "$folder/certificate"
refused "host not in the table" "zz not found in hosts" -c "$folder/boot.toml" -Shostname=zz true
python3 -c "
import socket, time
s = socket.socket()
s.bind(('127.0.0.1', 18471))
s.listen()
time.sleep(5)" &
holder=$!
sleep 0.5
refused "port in use" "Address already in use" -c "$folder/boot.toml" -Shostname=a true
kill $holder
long=$folder/$(printf 'x%.0s' {1..90})
mkdir -m 0700 "$long"
refused "long rundir" "exceeds max" -Srundir="$long" true
refused "no brokers" "must be > 0" --test-size=0 true
finish
