"""Runs flux.idset and flux.hostlist of flux-python, unmodified, on the shared libraries.

flux/__init__.py opens libflux-core, which is not needed here: the package is entered by its path, so that its modules
are imported from their own files and only the package's initializer is left out.
"""

import os
import sys
import types
import unittest

package = types.ModuleType("flux")
for folder in sys.path:
    if os.path.exists(os.path.join(folder, "flux", "idset.py")):
        package.__path__ = [os.path.join(folder, "flux")]
sys.modules["flux"] = package

from flux.hostlist import Hostlist, decode as decode_hostlist  # noqa: E402
from flux.idset import IDset, decode as decode_idset  # noqa: E402


class Idsets(unittest.TestCase):
    def test_text(self):
        for given, canonical in [("0-3,7", "0-3,7"), ("[0-3,7]", "0-3,7"), ("", ""), ("1,,2", "1-2")]:
            self.assertEqual(str(IDset(given)), canonical)
        for text in ["3,1,2", "1-1", "5-2", "a", "1,1", "0-3,2", "-1", "00", "1-", " 1", "[1"]:
            with self.assertRaises(ValueError, msg=text):
                IDset(text)
        self.assertEqual(IDset("0-3").encode(flags=0), "0,1,2,3")
        self.assertEqual(str(decode_idset("1-2")), "1-2")

    def test_members(self):
        ids = IDset("0-3")
        self.assertEqual(len(IDset("0-9")), 10)
        self.assertIn(2, ids)
        self.assertTrue(ids[2])
        self.assertEqual(list(IDset("0,2")), [0, 2])
        self.assertEqual((ids.first(), ids.last(), ids.next(1), ids.next(3)), (0, 3, 2, 4294967294))
        self.assertEqual(ids.expand(), [0, 1, 2, 3])
        self.assertEqual(ids.count(), 4)
        self.assertEqual(str(IDset("0").set(4, 6)), "0,4-6")
        self.assertEqual(str(IDset("0-9").clear(3)), "0-2,4-9")
        copy = ids.copy()
        copy[9] = True
        self.assertEqual((str(copy), str(ids)), ("0-3,9", "0-3"))

    def test_algebra(self):
        self.assertEqual(str(IDset("0-1") + IDset("3")), "0-1,3")
        self.assertEqual(str(IDset("0-5") - IDset("2-3")), "0-1,4-5")
        self.assertEqual(str(IDset("0-5") & IDset("2-9")), "2-5")
        self.assertEqual(IDset("0-3"), IDset("0,1,2,3"))
        self.assertEqual(str(IDset("0-3").union("7", "9")), "0-3,7,9")
        self.assertEqual(str(IDset("0-7").intersect("1-3")), "1-3")
        self.assertEqual(str(IDset("0-7").difference("1-3")), "0,4-7")
        ids = IDset("0-1")
        ids += "5"
        ids -= "0"
        self.assertEqual(str(ids), "1,5")


class Hostlists(unittest.TestCase):
    def test_text(self):
        for given, canonical in [
            ("foo1,foo2,foo3", "foo[1-3]"),
            ("foo[01-03]", "foo[01-03]"),
            ("a[0-1]b[0-1]", None),
            ("foo9,foo10", "foo[9-10]"),
            ("foo08,foo9", "foo[08,9]"),
            ("foo1-eth[0-1]", "foo1-eth[0-1]"),
            ("foo[", None),
            ("foo[3-1]", None),
        ]:
            if canonical is None:
                with self.assertRaises(ValueError, msg=given):
                    Hostlist(given)
            else:
                self.assertEqual(str(Hostlist(given)), canonical)
        self.assertEqual(str(decode_hostlist(["foo1", "foo2"])), "foo[1-2]")

    def test_list(self):
        hosts = Hostlist("foo[1-3]")
        self.assertEqual(len(Hostlist("foo[1-3],foo2")), 4)
        self.assertEqual((hosts[1], hosts[-1], str(hosts[1:])), ("foo2", "foo3", "foo[2-3]"))
        with self.assertRaises(IndexError):
            hosts[3]
        self.assertIn("foo2", hosts)
        self.assertEqual(hosts.find("foo3"), 2)
        self.assertEqual(hosts.index("foo[2-3]"), [1, 2])
        with self.assertRaises(FileNotFoundError):
            hosts.index("foo9")
        self.assertEqual(list(hosts), ["foo1", "foo2", "foo3"])
        self.assertEqual(hosts.expand(), ["foo1", "foo2", "foo3"])

    def test_changes(self):
        self.assertEqual(Hostlist("foo1").append("foo[2-3]", "bar"), 3)
        self.assertEqual(str(Hostlist("foo[3,1,2,2]").sort()), "foo[1-2,2-3]")
        self.assertEqual(str(Hostlist("foo[3,1,2,2]").uniq()), "foo[1-3]")
        self.assertEqual(Hostlist("foo[1-5]").delete("foo[2-3]"), 2)
        copy = Hostlist("a").copy()
        copy.append("b")
        self.assertEqual(copy.count(), 2)


if __name__ == "__main__":
    unittest.main()
