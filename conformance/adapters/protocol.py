"""The conversation with the runner: a line of JSON for each case on standard input, a line for each answer."""

import json
import sys


class Unsupported(Exception):
    """The operation is not offered."""


def serve(operations):
    """Answers every case with operations[folder](op, input); an exception is the failure the case may expect."""
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"id": request["id"]}
        try:
            run = operations.get(request["folder"])
            if run is None:
                raise Unsupported
            answer["result"] = run(request["op"], request["input"])
        except Unsupported:
            answer["unsupported"] = True
        except Exception as error:  # whatever the program under test raises is its answer
            answer["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), flush=True)


def text(given, key="text"):
    """The bytes of a text: KEY, or KEY_hex when it is not valid UTF-8."""
    if key + "_hex" in given:
        return bytes.fromhex(given[key + "_hex"])
    return given[key].encode("utf-8", "surrogatepass")
