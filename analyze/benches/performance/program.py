"""A program that is run and measured."""

import os
import subprocess
import sys
import tempfile
import time

SHOWN_BYTES = 2000


class Run:
    """What it took: seconds of wall clock and of all processors, MiB of resident memory at the peak; and what it said.

    Ends this script when the program fails, with the last of its errors.
    """

    def __init__(self, command):
        words = [str(word) for word in command]
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
            begin = time.monotonic()
            process = subprocess.Popen(words, stdout=said, stderr=errors)
            _, status, used = os.wait4(process.pid, 0)
            self.wall_s = time.monotonic() - begin
            self.processor_s = used.ru_utime + used.ru_stime
            self.peak_mib = used.ru_maxrss / 1024
            self.said = text_of(said)
            code = os.waitstatus_to_exitcode(status)
            if code != 0:
                sys.exit(f"{' '.join(words)} ended with {code}:\n{text_of(errors)[-SHOWN_BYTES:]}")


def text_of(file):
    file.seek(0)
    return file.read().decode(errors="replace")
