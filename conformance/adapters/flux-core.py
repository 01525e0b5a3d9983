#!/usr/bin/env python3
"""Puts the vectors to flux-core: its shared libraries, its Python package and its commands, for what they offer.

conformance --adapter 'python3 conformance/adapters/flux-core.py PREFIX'

PREFIX is where flux-core is installed. Its Python package needs cffi, PyYAML and ply. Operations of flux-core that no
library exports (event logs, blobrefs, key-value encoding and others) are answered as unsupported.
"""

import ctypes
import io
import json
import os
import subprocess
import sys

import libraries
from libraries import Int, Pointer, Text, declare, failed
from protocol import Unsupported, serve, text


class Taskmaps:
    """libflux-taskmap."""

    FORMS = {"map": 0, "wrapped": 1, "pmi": 2, "raw": 4, "raw_deranged": 8}

    def __init__(self, folder, idsets):
        self.idsets = idsets
        lib = self.lib = ctypes.CDLL(os.path.join(folder, "libflux-taskmap.so.1"), use_errno=True)
        declare(lib, Pointer, [], "taskmap_create")
        declare(lib, Pointer, [Text, Pointer], "taskmap_decode")
        declare(lib, Int, [Pointer, Int, Int, Int], "taskmap_append")
        declare(lib, Pointer, [Pointer, Int], "taskmap_encode", "taskmap_taskids")
        declare(lib, Int, [Pointer, Int], "taskmap_nodeid", "taskmap_ntasks")
        declare(lib, Int, [Pointer], "taskmap_nnodes", "taskmap_total_ntasks")
        declare(lib, ctypes.c_bool, [Pointer], "taskmap_unknown")
        declare(lib, Int, [Pointer, Pointer, Pointer], "taskmap_check")

    def decode(self, value):
        error = ctypes.create_string_buffer(160)
        handle = self.lib.taskmap_decode(value, error)
        if not handle:
            raise ValueError(error.value.decode(errors="replace"))
        return handle

    def encode(self, handle, form):
        pointer = self.lib.taskmap_encode(handle, self.FORMS[form])
        if not pointer:
            raise failed()
        value = ctypes.string_at(pointer).decode()
        self.idsets.free(pointer)
        return value

    def facts(self, handle):
        total = self.lib.taskmap_total_ntasks(handle)
        result = {form: self.encode(handle, form) for form in ("map", "wrapped", "pmi")}
        for form in ("raw", "raw_deranged"):
            # A vector says "<omitted>" instead of a very long text, null when there is none.
            try:
                result[form] = "<omitted>" if total > 4096 else self.encode(handle, form)
            except OSError:
                result[form] = None
        result["nnodes"] = self.lib.taskmap_nnodes(handle)
        result["total_ntasks"] = total
        result["unknown"] = self.lib.taskmap_unknown(handle)
        return result

    def run(self, op, given):
        if op == "decode":
            return self.facts(self.decode(text(given)))
        if op == "append-blocks":
            handle = self.lib.taskmap_create()
            for block in given["blocks"]:
                if self.lib.taskmap_append(handle, *block) < 0:
                    raise failed()
            return self.facts(handle)
        if op == "check-compatible":
            error = ctypes.create_string_buffer(160)
            if self.lib.taskmap_check(self.decode(text(given, "a")), self.decode(text(given, "b")), error) < 0:
                raise ValueError(error.value.decode(errors="replace"))
            return True
        if op == "taskids":
            ids = self.lib.taskmap_taskids(self.decode(text(given, "map")), given["n"])
            return self.idsets.encode(self.idsets.checked(ids), libraries.FLAGS["RANGE"])
        if op in ("nodeid", "ntasks"):
            value = getattr(self.lib, "taskmap_" + op)(self.decode(text(given, "map")), given["n"])
            if value < 0:
                raise failed()
            return value
        raise Unsupported


class Jobs:
    """Job ids, states and results of libflux-core."""

    ENCODINGS = ("dec", "hex", "kvs", "dothex", "words", "f58", "f58plain", "emoji")

    def __init__(self, folder):
        lib = self.lib = ctypes.CDLL(os.path.join(folder, "libflux-core.so.2"), use_errno=True)
        declare(lib, Int, [Text, ctypes.POINTER(ctypes.c_uint64)], "flux_job_id_parse")
        declare(lib, Int, [ctypes.c_uint64, Text, Text, ctypes.c_size_t], "flux_job_id_encode")
        declare(lib, Text, [Int, Text], "flux_job_statetostr", "flux_job_resulttostr")
        declare(lib, Int, [Text, ctypes.POINTER(Int)], "flux_job_strtostate", "flux_job_strtoresult")

    def run_ids(self, op, given):
        if op == "parse":
            number = ctypes.c_uint64()
            if self.lib.flux_job_id_parse(text(given), ctypes.byref(number)) < 0:
                raise failed()
            return str(number.value)
        if op == "encode-all":
            number = int(given["id"])
            result = {"timestamp_ms": str(number >> 24), "generator": number >> 10 & 0x3FFF, "sequence": number & 0x3FF}
            for form in self.ENCODINGS:
                buffer = ctypes.create_string_buffer(256)
                if self.lib.flux_job_id_encode(number, form.encode(), buffer, len(buffer)) < 0:
                    raise failed()
                result[form] = buffer.value.decode()
            return result
        raise Unsupported

    def run_states(self, op, given):
        kind = {"state-to-string": "state", "result-to-string": "result"}.get(op)
        if kind:
            value = getattr(self.lib, f"flux_job_{kind}tostr")(given[kind], given["format"].encode())
            return value.decode()
        if op in ("string-to-state", "string-to-result"):
            value = Int()
            if getattr(self.lib, "flux_job_strto" + op.rsplit("-", 1)[1])(text(given), ctypes.byref(value)) < 0:
                raise failed()
            return value.value
        raise Unsupported


def parse_query(op, given):
    """RFC 35, by the parser that commands subclass."""
    from flux.constraint.parser import ConstraintParser

    class Parser(ConstraintParser):
        operator_map = {None: given.get("default_operator"), **given.get("aliases", {})}
        split_values = given.get("split_values", {})
        combined_terms = set(given.get("combined_terms", []))

    return Parser().parse(given["query"])


def parse_directives(op, given):
    """RFC 36, by the parser of flux batch."""
    from flux.job.directives import DirectiveParser

    parser = DirectiveParser(io.StringIO(given["text"]))
    directives = [{"line": item.lineno, "action": item.action, "args": item.args} for item in parser.directives]
    return {"sentinel": parser.sentinel, "directives": directives}


def parse_shape(op, given):
    """RFC 46, by the parser of --resources."""
    from flux.shape.parser import ShapeParser

    parser = ShapeParser()
    parser.range_as_dict = given["range_as_dict"]
    parser.default_slot_label = given["default_label"]
    return parser.parse(given["shape"])


def format_duration(op, given):
    """RFC 23, the short form of commands."""
    from flux.util import fsd

    if op != "format-short":
        raise Unsupported
    return fsd(float(given["seconds"]))


def read_yaml(op, given):
    """YAML documents, as the Python side of flux-core reads them."""
    import yaml

    if op != "yaml-to-json":
        raise Unsupported
    return json.loads(json.dumps(yaml.safe_load(given["yaml"]), allow_nan=False))


class Commands:
    """Commands that need no instance."""

    def __init__(self, prefix):
        self.flux = os.path.join(prefix, "bin", "flux")

    def output(self, words, given):
        stdin = given.get("stdin_R", given.get("stdin", ""))
        stdin = stdin if isinstance(stdin, str) else json.dumps(stdin)
        ran = subprocess.run([self.flux, *words], input=stdin, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise RuntimeError(ran.stderr.strip())
        return ran.stdout

    def run_r(self, op, given):
        if op != "command":
            raise Unsupported
        output = self.output(["R", *given["args"]], given)
        try:
            return json.loads(output)
        except ValueError:
            return output.rstrip("\n")

    def run_hostlist(self, op, given):
        if op == "command":
            return self.output(["hostlist", *given["args"]], given).rstrip("\n")
        if op == "combine":
            option = [] if given["operation"] == "append" else ["--" + given["operation"]]
            return self.output(["hostlist", *option, *given["hostlists"]], given).rstrip("\n")
        return self.hostlists(op, given)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: flux-core.py PREFIX")
    prefix = sys.argv[1]
    folder = os.path.join(prefix, "lib")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path.insert(0, os.path.join(folder, version, "site-packages"))
    operations = libraries.operations(folder)
    jobs, commands = Jobs(folder), Commands(prefix)
    commands.hostlists = operations["rfc29-hostlist"]
    operations.update(
        {
            "rfc14-jobspec": read_yaml,
            "rfc25-jobspec-v1": read_yaml,
            "rfc19-fluid": jobs.run_ids,
            "rfc20-r": commands.run_r,
            "rfc21-job-states": jobs.run_states,
            "rfc23-fsd": format_duration,
            "rfc29-hostlist": commands.run_hostlist,
            "rfc34-taskmap": Taskmaps(folder, operations["rfc22-idset"].__self__).run,
            "rfc35-constraint-query": parse_query,
            "rfc36-directives": parse_directives,
            "rfc46-shape": parse_shape,
        }
    )
    serve(operations)


if __name__ == "__main__":
    main()
