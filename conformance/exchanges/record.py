#!/usr/bin/env python3
"""record.py FLUX [FOLDER]: record what the clients of a flux say to its own brokers, one file a command.

Every command of COMMANDS runs in an instance of four brokers, through a relay between its socket and the broker's. All
of it is done twice, the second time under another host name and in other directories: a value that differs is one that
varies, and is written as {"$varies": TYPE}. The files are described in README.md.
"""

import base64
import json
import os
import re
import selectors
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

COMMANDS = [
    ("getattr", "flux getattr size"),
    ("getattr-unknown", "flux getattr nosuch"),
    ("lsattr", "flux lsattr"),
    ("uptime", "flux uptime"),
    ("ping", "flux ping --count=1 --interval=0 2!broker"),
    ("kvs-put", "flux kvs put a.b=1"),
    ("kvs-get", "flux kvs get a.b"),
    ("kvs-get-missing", "flux kvs get a.nosuch"),
    ("kvs-dir", "flux kvs dir a"),
    ("event-pub", "flux event pub exchange.test '{\"a\":1}'"),
    ("event-sub", "sh -c 'flux event sub --count=1 exchange.test & sleep 1; env FLUX_URI=$DIRECT flux event pub exchange.test; wait'"),
    ("dmesg", "flux dmesg"),
    ("module-list", "flux module list"),
    ("overlay-status", "flux overlay status"),
    ("exec", "flux exec -r all hostname"),
    ("resource-list", "flux resource list"),
    ("submit", "flux submit hostname"),
    ("job-attach", "flux job attach $JOB"),
    ("job-eventlog", "flux job eventlog $JOB"),
    ("job-info", "flux job info $JOB R"),
    ("run", "flux run -N2 sh -c 'cat; hostname'"),
    ("jobs", "flux jobs -a"),
]
TYPES = {1: "request", 2: "response", 4: "event", 8: "control"}
FLAGS = ["topic", "payload", "noresponse", "route", "upstream", "private", "streaming", "user1"]
ROLES = ["owner", "user", "local", "admin"]
MACHINE = ["core", "ncores", "resource_summary", "path", "rootseq", "idle", "sendqueue", "recvqueue"]  # keys of what differs from machine to machine
UNORDERED = ["names", "mods", "services"]  # keys of lists in no particular order
MAGIC = b"\x12\x00\xee\xff"


class Stream:
    """One direction of one connection, cut into messages."""

    def __init__(self, welcome):
        self.rest = b""
        self.welcome = welcome  # bytes before the first frame

    def messages(self, data):
        self.rest += data
        if self.welcome:
            self.rest, self.welcome = self.rest[self.welcome:], 0
        while len(self.rest) >= 8:
            magic, size = self.rest[:4], struct.unpack(">I", self.rest[4:8])[0]
            if magic != MAGIC:
                raise ValueError("no frame where one should begin")
            if len(self.rest) < 8 + size:
                return
            yield decode(self.rest[8:8 + size])
            self.rest = self.rest[8 + size:]


def decode(frame):
    """The fields of a message that a test can compare; routes are left out, they name connections."""
    parts = []
    while frame:
        size, start = (frame[0], 1) if frame[0] < 255 else (struct.unpack(">I", frame[1:5])[0], 5)
        parts.append(frame[start:start + size])
        frame = frame[start + size:]
    _, _, kind, flags, user, roles, word, tag = struct.unpack(">BBBBIIII", parts[-1][:20])
    message = {"type": TYPES[kind], "flags": [n for i, n in enumerate(FLAGS) if flags & 1 << i]}
    body = parts[parts.index(b"") + 1:-1] if flags & 8 else parts[:-1]
    if flags & 1:
        message["topic"] = body.pop(0).decode()
    if kind == 1:
        message["nodeid"] = {0xffffffff: "any", 0xfffffffe: "upstream"}.get(word, word)
    elif kind == 2:
        message["errnum"] = word
    message["matchtag"] = tag
    message["user"] = {0xffffffff: "unknown", os.geteuid(): "owner"}.get(user, user)
    message["roles"] = [n for i, n in enumerate(ROLES) if roles & 1 << i]
    if flags & 2:
        payload = body.pop(0)
        try:
            message["payload"] = signed(json.loads(payload.rstrip(b"\0")))
        except ValueError:
            message["payload_text"] = payload.rstrip(b"\0").decode(errors="replace")
    return message


def signed(payload):
    """A jobspec that is signed for one user is kept without the signature: whoever replays it signs it anew."""
    if isinstance(payload, dict) and isinstance(payload.get("J"), str):
        body = payload["J"].split(".")[1]
        payload["J"] = {"$signed": json.loads(base64.b64decode(body + "=" * (-len(body) % 4)))}
    return payload


def relay(command, target, environment):
    """Runs the command on a socket of ours; its messages in the order of their arrival, each with its connection."""
    folder = tempfile.mkdtemp()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(folder + "/local")
    listener.listen()
    child = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                             env=dict(environment, FLUX_URI=f"local://{folder}/local", DIRECT=f"local://{target}"))
    ready = selectors.DefaultSelector()
    ready.register(listener, selectors.EVENT_READ)
    messages, count = [], 0
    while child.poll() is None or len(ready.get_map()) > 1:
        for key, _ in ready.select(0.05):
            if key.fileobj is listener:
                ours, theirs = listener.accept()[0], socket.socket(socket.AF_UNIX)
                theirs.connect(target)
                ready.register(ours, selectors.EVENT_READ, (theirs, "client", count, Stream(0)))
                ready.register(theirs, selectors.EVENT_READ, (ours, "broker", count, Stream(1)))
                count += 1
                continue
            other, end, number, stream = key.data
            try:
                data = key.fileobj.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                ready.unregister(key.fileobj)
                try:
                    other.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                continue
            messages += [{"from": end, "connection": number, **message} for message in stream.messages(data)]
            try:
                other.sendall(data)
            except BrokenPipeError:
                pass  # the answer to one who has left
    shutil.rmtree(folder)
    return {"messages": messages, "exit_code": child.returncode, "output": child.stdout.read().decode()}


def inside(path):
    """Within an instance: records all commands and writes them to the path."""
    target = os.environ["FLUX_URI"].removeprefix("local://")
    keep = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "TMPDIR": tempfile.gettempdir()}
    taken, jobs = {}, {}
    for name, command in COMMANDS:
        taken[name] = relay(command, target, keep)
        if name in ("submit", "run"):
            jobs[name] = next(m["payload"]["id"] for m in taken[name]["messages"]
                              if m["from"] == "broker" and m.get("topic") == "job-ingest.submit")
        if name == "submit":
            keep["JOB"] = taken[name]["output"].strip()
            subprocess.run(["flux", "job", "status", keep["JOB"]], check=True)
    with open(path, "w") as file:
        json.dump({name: [tidy(m, jobs, asks=m["from"] == "client") for m in exchange["messages"]]
                   for name, exchange in taken.items()}, file)


def f58(number):
    """RFC 19: the digits of a job id in the alphabet without look-alikes."""
    alphabet, text = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return text


def tidy(value, jobs, key=None, asks=False):
    """Job ids by the name of their command, JSON in strings as JSON, environments and folders that any machine has."""
    if key == "rlimit":
        return {}
    if key in ("env", "environment"):
        return {"PATH": "/usr/bin:/bin"}
    if key == "cwd":
        return "/tmp"
    if key == "userid":
        return [{"$owner": True}] if isinstance(value, list) else {"$owner": True}
    if key in MACHINE and not asks and not isinstance(value, dict) and (key != "path" or value.startswith("/")):
        return {"$varies": kind(value)}
    if key in UNORDERED:
        return {"$unordered": sorted((tidy(v, jobs, asks=asks) for v in value), key=str)}
    if isinstance(value, dict):
        return {k: tidy(v, jobs, k, asks) for k, v in value.items()}
    if isinstance(value, list):
        return [tidy(v, jobs, asks=asks) for v in value]
    if isinstance(value, str):
        if re.fullmatch(r"(?s)\{.*\}\n?", value) and key != "output":
            return {"$lines": [tidy(json.loads(line), jobs, asks=asks) for line in value.splitlines()]}
        for name, number in jobs.items():
            value = value.replace("f" + f58(number), "${%s}" % name).replace("ƒ" + f58(number), "${%s}" % name)
        return value
    for name, number in jobs.items():
        if type(value) is int and value == number:
            return {"$job": name}
    return value


def threads(messages):
    """Each request with the answers to it, in the order of the requests; then the events of each connection."""
    found, latest, events, heard = [], {}, {}, {}
    for message in messages:
        end, connection = message["from"], message["connection"]
        content = {k: v for k, v in message.items() if k not in ("from", "connection")}
        if message["type"] == "event" and end == "broker":
            events.setdefault(connection, {"connection": connection, "events": []})["events"].append(content)
        elif end == "client":
            thread = {"connection": connection, "after": heard.get(connection), "request": content, "answers": []}
            latest[connection, message["matchtag"]] = thread
            found.append(thread)
        else:
            thread = latest[connection, message["matchtag"]]
            if thread["request"].get("payload") == {"name": "security.owner"}:
                content["payload"]["value"] = {"$varies": "string"}
            thread["answers"] += lines(content)
            heard[connection] = event_name(thread["answers"][-1])
    return found + list(events.values())


def lines(message):
    """An answer that carries several lines of an eventlog stands for as many answers."""
    payload = message.get("payload")
    for key, value in payload.items() if isinstance(payload, dict) else []:
        if isinstance(value, dict) and "$lines" in value:
            return [{**message, "payload": {**payload, key: {"$lines": [line]}}} for line in value["$lines"]]
    return [message]


def event_name(message):
    """The name of the event that an answer carries, or which stream ends with it, or None."""
    if message["errnum"]:
        return "end of %d" % message["matchtag"]
    try:
        return message["payload"]["event"]["$lines"][0]["name"]
    except (KeyError, TypeError):
        return None


def kind(value):
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "real", str: "string", dict: "object", list: "array"}.get(type(value), "null")


def skeleton(value, key=None):
    """What two messages must share to be of one form: keys, types, error numbers, names."""
    if isinstance(value, dict):
        return tuple((k, skeleton(value[k], k)) for k in sorted(value))
    if isinstance(value, list):
        return tuple(skeleton(v) for v in value)
    return value if key in ("errnum", "name", "type", "stream", "topic", "eof") else kind(value)


def common(one, two):
    """What two messages of one form share; the rest varies."""
    if one == two:
        return one
    if isinstance(one, dict) and isinstance(two, dict):
        return {k: common(one[k], two[k]) for k in one}
    if isinstance(one, list) and isinstance(two, list):
        return [common(a, b) for a, b in zip(one, two)]
    return one if isinstance(one, dict) and "$varies" in one else {"$varies": kind(one)}


def forms(messages):
    """The distinct forms of messages, in order of their first appearance."""
    found = {}
    for message in messages:
        form = skeleton(message)
        found[form] = common(found[form], message) if form in found else message
    return list(found.values())


def merge(one, two):
    """One exchange of two recordings: requests as first sent, answers and events by their forms."""
    if [t.get("request", {}).get("topic") for t in one] != [t.get("request", {}).get("topic") for t in two]:
        raise SystemExit("the two recordings have not the same requests; record again")
    for a, b in zip(one, two):
        for key in ("answers", "events"):
            if key in a:
                a[key] = forms(a[key] + b[key])
    return one


def write(path, command, exchange):
    """One line a message, so that a difference is a line."""
    def line(value):
        return json.dumps(value, ensure_ascii=False)
    with open(path, "w") as file:
        file.write('{"command": %s, "source": "flux-core 0.88, clients and brokers", "threads": [' % line(command))
        for number, thread in enumerate(exchange):
            file.write(("," if number else "") + '\n {"connection": %d' % thread["connection"])
            if thread.get("after"):
                file.write(', "after": ' + line(thread["after"]))
            if "request" in thread:
                file.write(',\n  "request": ' + line(thread["request"]))
            key = "answers" if "answers" in thread else "events"
            file.write(',\n  "%s": [' % key + ",".join("\n   " + line(m) for m in thread[key]) + "]}")
        file.write("]}\n")


def record(flux, host):
    """All exchanges, by an instance that believes to be on this host."""
    folder = tempfile.mkdtemp(prefix=host)
    path = folder + "/recording"
    subprocess.run(["unshare", "--uts", "sh", "-c", f'hostname {host}; exec "$@"', "sh", flux, "start", "--test-size=4",
                    sys.executable, os.path.abspath(__file__), "--inside", path],
                   env=dict(os.environ, SHLVL="2", TMPDIR=folder), check=True, cwd=folder)
    with open(path) as file:
        recording = json.load(file)
    shutil.rmtree(folder)
    return recording


def main():
    if sys.argv[1] == "--inside":
        return inside(sys.argv[2])
    folder = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.abspath(__file__))
    one, two = record(sys.argv[1], "alpha"), record(sys.argv[1], "beta")
    for number, (name, command) in enumerate(COMMANDS, 1):
        write(f"{folder}/{number:02}-{name}.json", command, merge(threads(one[name]), threads(two[name])))


main()
