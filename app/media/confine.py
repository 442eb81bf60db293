"""Starts a program that reads untrusted bytes with next to nothing it could do harm with.

    python -I -S confine.py PARENT_PID MEMORY_MB CPU_S FILE_BYTES PROGRAM [ARGUMENT …]

Imports nothing of ours: it is run as a file, and becomes the program. Memory, CPU time, the
size of files and the number of descriptors are bounded, the network is given up where the
kernel lets it, and it dies with whoever asked for it, even when that is killed.
"""

import ctypes
import os
import resource
import signal
import sys

FAILED = "confine:"
"""How the line on stderr begins when the program could not be started."""

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_DESCRIPTORS_MAX = 24


def main() -> None:
    parent, memory_mb, cpu_s, file_bytes = (int(text) for text in sys.argv[1:5])
    program = sys.argv[5:]
    libc = ctypes.CDLL(None, use_errno=True)
    # Refused in many containers; what ffmpeg may open (`app.media.video`) is what always holds.
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    # After it: a change of rights takes the signal away.
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        return  # it was killed before the signal was set
    os.nice(5)  # videos may wait a little; requests on the same machine may not
    for kind, bound in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS_MAX),
    ):
        resource.setrlimit(kind, (bound, bound))
    for number in (signal.SIGXFSZ, signal.SIGPIPE):  # Python ignores them, its successor may not
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(program[0], program)
    except OSError as error:
        sys.exit(f"{FAILED} {program[0]}: {error}")


if __name__ == "__main__":
    main()
