"""A sending task that may be killed: imports everything once, then forks a sender whenever it is told to.

Reads lines from stdin: `send` forks a sender and answers with its process id; `wait <pid>` waits for one and answers
with its exit status, 0 for well ended or the negative number of the signal that ended it.
"""

import json
import os
import sys
import traceback
from importlib import import_module

from restock.channels import ConnectionDetails
from restock.delivery import Letterhead, send_channel


def main() -> None:
    job = json.loads(sys.argv[1])
    connection = ConnectionDetails(**job["connection"])
    # Its channel's module too: a sender is to be killed at work, not at its imports.
    import_module(f"restock.channels.{job['channel']}")
    letterhead = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "send":
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    send_channel(job["url"], job["channel"], connection, letterhead, job["policy_id"], str(os.getpid()))
                    status = 0
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(status)
            print(pid, flush=True)
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(int(arguments[0]), 0)[1]), flush=True)


if __name__ == "__main__":
    main()
