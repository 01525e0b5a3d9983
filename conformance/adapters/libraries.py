#!/usr/bin/env python3
"""Puts the vectors of RFC 22 and RFC 29 to libflux-idset.so.1 and libflux-hostlist.so.1, ours or another's.

conformance --rfc 22 --rfc 29 --adapter 'python3 conformance/adapters/libraries.py LIBRARY_FOLDER'
"""

import ctypes
import errno
import os
import sys

from protocol import Unsupported, serve, text

INVALID_ID = 0xFFFFFFFE
FLAGS = {"AUTOGROW": 1, "BRACKETS": 2, "RANGE": 4, "INITFULL": 8, "COUNT_LAZY": 16, "ALLOC_RR": 32}
Pointer, Text, Id, Int, Size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint, ctypes.c_int, ctypes.c_size_t


def flags(given):
    """The bits of the named flags; a number stands for itself."""
    return sum(FLAGS[flag] if flag in FLAGS else int(flag, 0) for flag in given["flags"])


def declare(library, result, arguments, *names):
    for name in names:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments


def failed():
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


class Idsets:
    """libflux-idset."""

    def __init__(self, path):
        lib = self.lib = ctypes.CDLL(path, use_errno=True)
        declare(lib, Pointer, [Text], "idset_decode")
        declare(lib, Pointer, [Size, Int], "idset_create")
        declare(lib, Pointer, [Text, ctypes.c_ssize_t, ctypes.c_ssize_t, Int, Pointer], "idset_decode_ex")
        declare(lib, ctypes.c_bool, [Text, ctypes.c_ssize_t], "idset_decode_empty")
        declare(lib, Int, [Text, ctypes.c_ssize_t, Pointer, Pointer, Pointer], "idset_decode_info")
        declare(lib, Pointer, [Pointer, Int], "idset_encode")
        declare(lib, Pointer, [Pointer, Pointer], "idset_union", "idset_difference", "idset_intersect")
        declare(lib, ctypes.c_bool, [Pointer, Pointer], "idset_equal", "idset_has_intersection")
        declare(lib, Int, [Pointer, Id], "idset_set", "idset_clear", "idset_free_check")
        declare(lib, Int, [Pointer, Id, Id], "idset_range_set", "idset_range_clear")
        declare(lib, ctypes.c_bool, [Pointer, Id], "idset_test")
        declare(lib, Id, [Pointer, Id], "idset_next", "idset_prev")
        declare(lib, Id, [Pointer], "idset_first", "idset_last")
        declare(lib, Size, [Pointer], "idset_count", "idset_universe_size")
        declare(lib, Int, [Pointer, Pointer], "idset_alloc")
        declare(lib, None, [Pointer], "idset_destroy")
        self.free = ctypes.CDLL(None).free
        self.free.argtypes = [Pointer]

    def checked(self, pointer):
        if not pointer:
            raise failed()
        return pointer

    def encode(self, handle, flags):
        pointer = self.checked(self.lib.idset_encode(handle, flags))
        try:
            return ctypes.string_at(pointer).decode()
        finally:
            self.free(pointer)

    def facts(self, handle):
        def number(value):
            return None if value == INVALID_ID else value

        lib = self.lib
        return {
            "canonical": self.encode(handle, FLAGS["RANGE"]),
            "count": lib.idset_count(handle),
            "first": number(lib.idset_first(handle)),
            "last": number(lib.idset_last(handle)),
        }

    def decode(self, value):
        return self.checked(self.lib.idset_decode(value))

    def members(self, handle):
        ids, current = [], self.lib.idset_first(handle)
        while current != INVALID_ID:
            ids.append(current)
            current = self.lib.idset_next(handle, current)
        return ids

    def run(self, op, given):
        name = op.replace("-", "_")
        if op in ("union", "difference", "intersect", "equal", "has-intersection"):
            a, b = self.decode(text(given, "a")), self.decode(text(given, "b"))
            result = getattr(self.lib, "idset_" + name)(a, b)
            return result if isinstance(result, bool) else self.facts(self.checked(result))
        if "set" in given:
            return self.edit(op, name, given)
        return getattr(self, "run_" + name, self.unsupported)(given)

    def unsupported(self, given):
        raise Unsupported

    def edit(self, op, name, given):
        handle = self.decode(text(given, "set"))
        arguments = [given["lo"], given["hi"]] if op.startswith("range") else [given["id"]]
        result = getattr(self.lib, "idset_" + name)(handle, *arguments)
        if op == "test":
            return result
        if op in ("next", "prev"):
            return None if result == INVALID_ID else result
        if result < 0:
            raise failed()
        return self.facts(handle)

    def run_decode(self, given):
        handle = self.decode(text(given))
        result = self.facts(handle)
        if result["count"] <= 64:
            result["ids"] = self.members(handle)
        return result

    def run_decode_info(self, given):
        count, maximum = Size(), Id()
        arguments = [ctypes.byref(count), ctypes.byref(maximum), None]
        if self.lib.idset_decode_info(text(given), -1, *arguments) < 0:
            raise failed()
        return {"count": count.value, "maxid": None if maximum.value == INVALID_ID else maximum.value}

    def run_decode_empty(self, given):
        return self.lib.idset_decode_empty(text(given), -1)

    def run_decode_ex(self, given):
        handle = self.lib.idset_decode_ex(text(given), given["len"], given["size"], flags(given), None)
        result = self.facts(self.checked(handle))
        result["universe"] = self.lib.idset_universe_size(handle)
        return result

    def run_encode(self, given):
        handle = self.lib.idset_create(0, FLAGS["AUTOGROW"])
        for number in given["ids"]:
            if not 0 <= number <= 0xFFFFFFFF:
                raise ValueError("not an unsigned int")
            if self.lib.idset_set(handle, number) < 0:
                raise failed()
        return self.encode(handle, flags(given))

    def run_alloc_sequence(self, given):
        handle = self.checked(self.lib.idset_create(given["size"], flags(given)))
        results = []
        for step in given["steps"]:
            number = Id()
            if step == "alloc":
                status = self.lib.idset_alloc(handle, ctypes.byref(number))
            else:
                status = self.lib.idset_free_check(handle, step["free"])
            if status < 0:
                results.append(errno.errorcode[ctypes.get_errno()])
            else:
                results.append(number.value if step == "alloc" else None)
        return {"results": results, "final": self.facts(handle)}


class Hostlists:
    """libflux-hostlist."""

    OPERATIONS = ("decode", "sort", "uniq", "nth", "find", "append", "delete", "iterate", "remove-at")

    def __init__(self, path):
        lib = self.lib = ctypes.CDLL(path, use_errno=True)
        declare(lib, Pointer, [Text], "hostlist_decode")
        declare(lib, Pointer, [Pointer], "hostlist_encode")
        declare(lib, None, [Pointer], "hostlist_sort", "hostlist_uniq", "hostlist_destroy")
        declare(lib, Int, [Pointer], "hostlist_count", "hostlist_remove_current")
        declare(lib, Text, [Pointer], "hostlist_first", "hostlist_next", "hostlist_last", "hostlist_current")
        declare(lib, Text, [Pointer, Int], "hostlist_nth")
        declare(lib, Int, [Pointer, Text], "hostlist_find", "hostlist_append", "hostlist_delete")
        self.free = ctypes.CDLL(None).free
        self.free.argtypes = [Pointer]

    def facts(self, handle, **more):
        lib = self.lib
        pointer = lib.hostlist_encode(handle)
        result = {"encoded": ctypes.string_at(pointer).decode(), "count": lib.hostlist_count(handle), **more}
        self.free(pointer)
        if result["count"] <= 64:
            hosts, current = [], lib.hostlist_first(handle)
            while current is not None:
                hosts.append(current.decode())
                current = lib.hostlist_next(handle)
            result["hosts"] = hosts
        else:
            result["first"] = lib.hostlist_first(handle).decode()
            result["last"] = lib.hostlist_last(handle).decode()
        return result

    def run(self, op, given):
        if op not in self.OPERATIONS:
            raise Unsupported
        handle = self.lib.hostlist_decode(text(given, "text" if op == "decode" else "hosts"))
        if not handle:
            raise failed()
        return getattr(self, "run_" + op.replace("-", "_"))(handle, given)

    def run_decode(self, handle, given):
        return self.facts(handle)

    def run_sort(self, handle, given):
        self.lib.hostlist_sort(handle)
        return self.facts(handle)

    def run_uniq(self, handle, given):
        self.lib.hostlist_uniq(handle)
        return self.facts(handle)

    def run_nth(self, handle, given):
        name = self.lib.hostlist_nth(handle, given["n"])
        if name is None:
            raise failed()
        return name.decode()

    def run_find(self, handle, given):
        position = self.lib.hostlist_find(handle, text(given, "host"))
        if position < 0:
            raise failed()
        return position

    def counted(self, handle, status):
        if status < 0:
            raise failed()
        return self.facts(handle, rc=status)

    def run_append(self, handle, given):
        return self.counted(handle, self.lib.hostlist_append(handle, text(given, "arg")))

    def run_delete(self, handle, given):
        return self.counted(handle, self.lib.hostlist_delete(handle, text(given, "arg")))

    def run_iterate(self, handle, given):
        names = [self.lib.hostlist_first(handle), self.lib.hostlist_next(handle)]
        while names[-1] is not None and len(names) < 13:
            names.append(self.lib.hostlist_next(handle))
        return [name and name.decode() for name in names]

    def run_remove_at(self, handle, given):
        if self.lib.hostlist_nth(handle, given["index"]) is None:
            return self.facts(handle, rc=0, current_after=None)
        status = self.lib.hostlist_remove_current(handle)
        current = self.lib.hostlist_current(handle)
        return self.facts(handle, rc=status, current_after=current and current.decode())


def operations(folder):
    """The operations of the libraries in a folder."""
    for name in ("libflux-idset.so.1", "libflux-hostlist.so.1"):
        if not os.path.exists(os.path.join(folder, name)):
            sys.exit(f"{os.path.basename(sys.argv[0])}: {folder}: there is no {name} here")
    return {
        "rfc22-idset": Idsets(os.path.join(folder, "libflux-idset.so.1")).run,
        "rfc29-hostlist": Hostlists(os.path.join(folder, "libflux-hostlist.so.1")).run,
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: libraries.py LIBRARY_FOLDER")
    serve(operations(sys.argv[1]))
