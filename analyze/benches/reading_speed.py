"""Reads logs with the patterns of a format, as a script by hand would: reading_speed.py FORMAT.toml LOG...

Prints one JSON object: the seconds it took, and how many events of each kind there were. Standard library only.
"""

import json
import re
import sys
import time
import tomllib


def main():
    with open(sys.argv[1], "rb") as file:
        rules = tomllib.load(file)["event"]
    rules = [(rule["kind"], re.compile(rule["pattern"].replace("(?<", "(?P<"))) for rule in rules]
    started = time.perf_counter()
    events = []
    counts = dict.fromkeys(("internal", "send", "broadcast", "receive"), 0)
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            for line in file:
                line = line.rstrip("\n")
                for kind, pattern in rules:
                    found = pattern.match(line)
                    if found is None:
                        continue
                    said = found.groupdict()
                    counts[kind] += 1
                    # As scripts do it: a float has no room for the digits of a time in nanoseconds.
                    event = (kind, float(said["time"]), said["machine"], int(said["clock"]), said.get("queue"))
                    events.append(event)
                    break
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "counts": counts}))


main()
