#!/usr/bin/env python3
"""Where the time goes: python3 where_time_goes.py NAME [--before WORDS] -- PROGRAM [ARGUMENT...]

Runs a program that has symbols (`cargo build --release --config 'profile.release.strip="none"' --target-dir DIR`) under `perf
record` and writes the rows `profile, NAME` of runner.csv: the functions that took the largest shares of the samples. What the
compiler has built into its caller counts there. Needs perf.
"""

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

import rows

LARGEST = 12


def shortened(symbol):
    """A function without its type parameters and crate paths beyond the last two parts."""
    symbol = re.sub(r"::h[0-9a-f]{16}$", "", symbol)
    while "<" in symbol:
        plainer = re.sub(r"<(?:impl )?([^<>]*?)(?: as [^<>]*)?>", lambda found: found.group(1) if found.start() == 0 else "", symbol)
        if plainer == symbol:
            break
        symbol = plainer
    return "::".join(symbol.split("::")[-3:]).strip(":")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="what is profiled")
    parser.add_argument("--before", default="", help="words before the command")
    parser.add_argument("--shown", help="the command as it is shown, without paths of this host")
    parser.add_argument("--size", default="")
    parser.add_argument("--table", default=rows.TABLE)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "perf.data"
        record = [*arguments.before.split(), "perf", "record", "--freq", "1000", "--output", data, "--", *arguments.command]
        subprocess.run(record, check=True, stdout=subprocess.DEVNULL)
        report = ["perf", "report", "--input", data, "--no-children", "--sort", "symbol", "--stdio"]
        text = subprocess.run(report, check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        if match := re.match(r"\s+([0-9.]+)%\s+\[(.)\]\s+(.*?)(?:\s+-)*\s*$", line):
            share, where, symbol = match.groups()
            name = "the system's kernel" if where == "k" else shortened(symbol)
            found[name] = found.get(name, 0.0) + float(share)
    shown = arguments.shown or " ".join(arguments.command)
    largest = sorted(found.items(), key=lambda entry: -entry[1])[:LARGEST]
    target = f"profile, {arguments.name}"
    table = [rows.row(target, name, arguments.size, share, "% of samples", f"perf record {shown}") for name, share in largest]
    rows.replace(target, table, arguments.table)
    print("\n".join(f"{share:5.1f} {name}" for name, share in largest))


if __name__ == "__main__":
    main()
