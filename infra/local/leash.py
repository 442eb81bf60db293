"""Run a command that ends when its parent ends: `python leash.py PARENT_PID SIGNAL COMMAND…`.

Asks the kernel for `SIGNAL` on the parent's death (PR_SET_PDEATHSIG), raises the limit of
open files as far as it goes, and becomes the command (exec, so the pid stays).

Why a leash: a supervisor killed with -9 cannot stop its children, and orphans would hold
the ports and the data folders of the next start. Adopting them would need a second way of
watching (they are nobody's children any more, their output pipes are gone), so they end
with SIGTERM, flushed and drained, and the next `up` starts afresh. What ignores the signal
is found by the recorded identity (state.py) and ended then.

A program of its own instead of `preexec_fn`, which is unsafe in a process with threads.
The standard library only: it starts in 15 ms.
"""

import ctypes
import os
import resource
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, number, command = int(arguments[0]), int(arguments[1]), arguments[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have died before the call above: then no signal will ever come.
    if os.getppid() != parent:
        sys.exit(1)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
