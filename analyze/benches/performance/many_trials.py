#!/usr/bin/env python3
"""Very many trials: python3 many_trials.py --runner target/release/runner --analyze target/release/analyze [--scratch DIR]

Writes trials of three machines and 20 seconds in virtual time in packs, `--count 10000` and so on to a million, on as many
processors as there are, and puts every law to all of them with `analyze check`. Writes the rows `many trials` of runner.csv:
trials a second and the peak of resident memory of both. A million take about 11 GB of DIR while they are there.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import rows
from program import Run

SECONDS = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", type=Path, required=True)
    parser.add_argument("--analyze", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "many-trials")
    parser.add_argument("--counts", default="10000,100000,1000000")
    parser.add_argument("--table", default=rows.TABLE)
    options = parser.parse_args()
    table = []
    for count in [int(text) for text in options.counts.split(",")]:
        shutil.rmtree(options.scratch, ignore_errors=True)
        words = ["trial", "--virtual", "--packed", "--count", count, "--duration", f"{SECONDS}s", "--seed", 7]
        written = Run([options.runner.resolve(), *words, "--out", options.scratch])
        checked = Run([options.analyze.resolve(), "check", options.scratch])
        last = checked.said.strip().splitlines()[-1]
        if f" {count:,} trials," not in last or ", 0 violations" not in last:
            sys.exit(f"not what was written: {last}")
        for case, run, command in [
            ("written", written, f"runner trial --virtual --packed --count {count} --duration {SECONDS}s --seed 7"),
            ("checked", checked, "analyze check logs/"),
        ]:
            table.append(rows.row("many trials", f"{case}, trials a second", count, count / run.wall_s, "trials/s", command))
            table.append(rows.row("many trials", f"{case}, peak memory", count, run.peak_mib, "MiB", command))
    shutil.rmtree(options.scratch)
    rows.replace("many trials", table, options.table)


if __name__ == "__main__":
    main()
