#!/usr/bin/env python3
"""How long a clean release build takes: python3 cold_start.py [--before WORDS]

Builds the runner, and then everything else, in an empty target folder with `cargo build --release --timings`; the sources of
all libraries are fetched before. Writes the rows `cold start` of runner.csv, wall clock, and `cold start, by crate`: the
crates that took longest, from cargo's own record, with others at work beside them.
"""

import argparse
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

import rows

ROOT = Path(__file__).resolve().parents[3]
LONGEST = 6


def build(before, target_dir, programs):
    """Seconds of wall clock, and cargo's record of every crate."""
    command = [*before, "cargo", "build", "--release", "--locked", "--timings", "--target-dir", target_dir]
    command += [word for program in programs for word in ("--bin", program)]
    begin = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True)
    took = time.monotonic() - begin
    newest = max((Path(target_dir) / "cargo-timings").glob("cargo-timing-*.html"), key=lambda file: file.stat().st_mtime)
    units = json.loads(re.search(r"UNIT_DATA = (\[.*?\]);", newest.read_text(), re.S).group(1))
    return took, units


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", default="", help="words before the commands")
    parser.add_argument("--table", default=rows.TABLE)
    arguments = parser.parse_args()
    before = arguments.before.split()
    subprocess.run(["cargo", "fetch", "--locked"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as target_dir:
        runner_s, of_runner = build(before, target_dir, ["runner"])
        rest_s, of_rest = build(before, target_dir, ["runner", "analyze"])
    shown = " ".join([*before, "cargo build --release --timings --bin"])
    table = [
        rows.row("cold start", "the runner", "", runner_s, "s", f"{shown} runner"),
        rows.row("cold start", "everything", "", runner_s + rest_s, "s", f"{shown} runner --bin analyze"),
    ]
    rows.replace("cold start", table, arguments.table)
    table = []
    for case, units in (("the runner", of_runner), ("everything else", of_rest)):
        for unit in sorted(units, key=lambda unit: -unit["duration"])[:LONGEST]:
            name = f"{case}: {unit['name']}"
            table.append(rows.row("cold start, by crate", name, "", unit["duration"], "s", f"{shown} …"))
    rows.replace("cold start, by crate", table, arguments.table)


if __name__ == "__main__":
    main()
