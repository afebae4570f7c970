#!/usr/bin/env python3
"""Whether two programs found the same: python3 compare.py REPORT.json FIGURES.csv

REPORT.json is what `analyze LOGS --json REPORT.json` writes, FIGURES.csv what a script here does. Every figure of every
machine of every trial must agree: whole numbers exactly, others to 1e-9 of their size (sums are added in other orders). Says
the number of figures compared; exits with 1 at the first difference, or if there was nothing to compare.
"""

import csv
import json
import math
import sys
from pathlib import Path

RELATIVE = 1e-9
# Sums over many rows cancel near 0.
ABSOLUTE = 1e-9


def main() -> None:
    report = json.loads(Path(sys.argv[1]).read_text())
    ours = {
        (Path(trial["dir"]).name, machine["machine"]): machine
        for trial in report["trials"]
        for machine in trial["machines"]
    }
    compared, largest = 0, 0.0
    with open(sys.argv[2], newline="") as file:
        for row in csv.DictReader(file):
            key = (row.pop("trial"), int(row.pop("machine")))
            machine = ours.pop(key)
            for name, text in row.items():
                known, found = machine[name], float(text) if text else None
                if known is None or found is None:
                    if known is not found:
                        sys.exit(f"{key} {name}: analyze {known}, {sys.argv[2]} {found}")
                    continue
                if not math.isclose(known, found, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
                    sys.exit(f"{key} {name}: analyze {known}, {sys.argv[2]} {found}")
                largest = max(largest, abs(known - found) / max(abs(known), 1.0))
                compared += 1
    if ours or not compared:
        sys.exit(f"{len(ours)} machines are missing in {sys.argv[2]}; {compared} figures compared")
    print(f"{compared} figures agree, the largest difference {largest:.1e}")


if __name__ == "__main__":
    main()
