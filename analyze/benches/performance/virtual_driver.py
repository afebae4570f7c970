#!/usr/bin/env python3
"""The virtual driver beside its limit and its peers: python3 virtual_driver.py [--before "chrt --fifo 1"] [--bench PROGRAM]

Runs `cargo bench -p driver --bench virtual_driver`, or the program that it builds, what of it writes files once more with
them in memory (TMPDIR=/dev/shm), so that the disk and whoever else uses it can be told from the driver; simpy_model.py, and the program of
turmoil/ (`cargo install --path turmoil --root PLACE`) if it is named; writes the rows `virtual driver` of runner.csv. Ours
are the fastest of the samples of one run, peers the fastest of three.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import divan
import rows

COMMAND = "cargo bench -p driver --bench virtual_driver"
HERE = Path(__file__).resolve().parent
SIZES = ("3", "30", "300", "1000")
# Simulated seconds: as long as a peer needs for some seconds of work.
SIMPY = {"3": "20000", "1000": "60"}
# Two minutes are not enough for one second of a thousand.
TURMOIL = {"3": "600", "30": "60"}


def best(command):
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(3)]
    return max(json.loads(run.stdout)["events_per_second"] for run in runs)


def benches(command, **surroundings):
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | surroundings)
    print(run.stdout, flush=True)
    return divan.fastest(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", help="a bench built before, instead of cargo")
    parser.add_argument("--turmoil", help="the program of turmoil/")
    parser.add_argument("--before", default="", help="words before the commands")
    parser.add_argument("--table", default=rows.TABLE)
    arguments = parser.parse_args()
    before = arguments.before.split()
    command = before + ([arguments.bench, "--bench"] if arguments.bench else COMMAND.split())
    found = benches(command)
    files = ["--skip", "machine_alone", "--skip", "whole_trials", "--skip", "varying"]
    separator = [] if arguments.bench else ["--"]
    in_memory = benches(command + separator + files, TMPDIR="/dev/shm")
    table = []

    def add(case, size, ours, unit, peer="", peer_name="", command=COMMAND):
        shown = " ".join([*before, command])
        table.append(rows.row("virtual driver", case, size, ours, unit, shown, peer, peer_name))

    for size in SIZES:
        ours = found[f"driver/{size}"]["items"]
        add("no logs", size, ours, "events/s", found[f"machine_alone/{size}"]["items"], "the machine alone")
        add("no logs, delays that vary", size, found[f"driver_varying_latency/{size}"]["items"], "events/s")
        for case, bench in (("in a world", "world"), ("in a world, with faults", "world_with_faults")):
            add(case, size, found[f"{bench}/{size}"]["items"], "events/s", found[f"driver/{size}"]["items"], "the tick engine")
        for place, bench in (("CSV", found), ("CSV in memory", in_memory)):
            logs, copy = bench[f"driver_with_logs/{size}"], bench[f"plain_writing/{size}"]
            created = bench[f"empty_files/{size}"]["seconds"] * 1e3
            same = "plain writing of the same bytes"
            add(place, size, logs["items"], "events/s")
            add(f"{place}: bytes", size, logs["bytes"] / 1e6, "MB/s", copy["bytes"] / 1e6, same)
            add(f"{place}: time", size, logs["seconds"] * 1e3, "ms", copy["seconds"] * 1e3, same)
            add(f"{place}: time", size, logs["seconds"] * 1e3, "ms", created, "creating as many empty files")
        if size in SIMPY:
            words = [*before, sys.executable, str(HERE / "simpy_model.py"), size, SIMPY[size]]
            add("no logs", size, ours, "events/s", best(words), "SimPy", f"python3 simpy_model.py {size} {SIMPY[size]}")
        if size in TURMOIL and arguments.turmoil:
            words = [*before, arguments.turmoil, size, TURMOIL[size]]
            peer = best(words)
            for case, items in (("no logs", ours), ("in a world", found[f"world/{size}"]["items"])):
                add(case, size, items, "events/s", peer, "turmoil", f"turmoil-model {size} {TURMOIL[size]}")
    add("whole trials of a minute, three machines, on one processor", 3, found["whole_trials"]["items"], "events/s")
    rows.replace("virtual driver", table, arguments.table)


if __name__ == "__main__":
    main()
