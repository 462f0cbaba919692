"""Runs a program and tells how much memory it had at its peak.

Requests (one JSON object a line, as README.md describes for the other peers):
  {"task": "run", "command": [PROGRAM, ARGUMENT, ...]}
The reply has `peak_bytes`, the `seconds`, the exit `status`, and what the program printed: `output` and `messages`. On Linux
the memory of a new process is never said to be less than that of the one that starts it: some 30 MB here.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

from peer_protocol import parse_arguments, private_stdout, serve


def run(request):
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as messages:
        start = time.perf_counter()
        process = subprocess.Popen(request["command"], stdout=output, stderr=messages)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        messages.seek(0)
        return {
            "peak_bytes": 1024 * usage.ru_maxrss, "seconds": seconds, "status": process.returncode,
            "output": output.read(), "messages": messages.read(),
        }


def answer(request):
    match request.get("task"):
        case "hello":
            own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            return {"peer": "memory", "least_bytes": 1024 * own}
        case "run":
            return run(request)
    raise ValueError(f"task is {request.get('task')!r}; expected hello, run or quit")


if __name__ == "__main__":
    parse_arguments("a program")  # the driver names a number of threads: the program's own are in its command
    serve(answer, sys.stdin, private_stdout())
