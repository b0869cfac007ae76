"""Run a program as its own script, and record what it asks of the machine.

    python watch.py RECORD PROGRAM ARGUMENT...

RECORD gets a line of JSON for each program started, file opened, module loaded and address
connected to (audit events of PEP 578). Nothing is forbidden: the test judges what it reads.
"""

import json
import os
import runpy
import sys

WATCHED = ("open", "import", "subprocess.Popen", "os.system", "os.exec", "os.fork",
           "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn", "socket.connect",
           "socket.getaddrinfo", "socket.sendto", "socket.bind", "ctypes.dlopen")  # fmt: skip


def main() -> None:
    record, program, *arguments = sys.argv[1:]
    descriptor = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def heard(event, facts):
        if event in WATCHED:
            line = json.dumps([event, *map(repr, facts[:2])]) + "\n"
            os.write(descriptor, line.encode())

    sys.argv = [program, *arguments]
    sys.path[0] = os.path.dirname(program)  # noqa: PTH120 - nothing more is imported than needed
    sys.addaudithook(heard)
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
