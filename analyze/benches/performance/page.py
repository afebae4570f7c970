#!/usr/bin/env python3
"""Writes what was measured into the page on performance: python3 page.py [--check]

The table between the marks of notebook/16-performance.md has a row for each case that stands beside a peer or a goal, and
for very many trials: all of analyze.csv and runner.csv but profiles, builds by crate and what only explains a row. With
--check nothing is written, and a page that shows anything else is an error.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[2] / "notebook" / "16-performance.md"
BEGIN, END = "<!-- measurements:begin -->", "<!-- measurements:end -->"
ALWAYS = ("many trials",)


def read(name):
    with open(HERE / name, newline="") as file:
        return list(csv.DictReader(file))


def number(value):
    """Three digits, or all digits of a whole part; large numbers in millions."""
    if value >= 1e6:
        return f"{value / 1e6:.3g} million"
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def is_rate(row):
    return row["unit"].endswith("/s")


def ratio(row):
    """How many times as good ours is; none unless both numbers are above zero."""
    ours, peer = (float(row[name] or 0) for name in ("ours", "peer"))
    if ours <= 0 or peer <= 0:
        return None
    return ours / peer if is_rate(row) else peer / ours


def verdict(goal, row):
    """What was wanted of a row, and whether it is met; none where the goal is about something else."""
    if goal["target"] != row["target"] or goal["case"] not in ("", row["case"]):
        return None
    if goal["size_max"] and float(row["size"] or 0) > float(goal["size_max"]):
        return None
    bound = float(goal["goal"])
    if goal["of"] == "ratio":
        value = ratio(row)
        if value is None or goal["against"] not in ("", row["peer_name"]):
            return None
        wanted, met = f"≥ {number(bound)} times {row['peer_name']}", value >= bound
    else:
        if not row["ours"] or goal["against"] != row["unit"]:
            return None
        value = float(row["ours"])
        wanted, met = (f"≥ {number(bound)}", value >= bound) if is_rate(row) else (f"≤ {number(bound)}", value <= bound)
    return f"{wanted}: {'met' if met else 'missed'}"


def table(rows, goals):
    """Rows of one case and size become one, with all of their peers."""
    shown = {}
    for row in rows:
        verdicts = [said for goal in goals if (said := verdict(goal, row))]
        if row["peer"] or verdicts or row["target"] in ALWAYS:
            size = number(float(row["size"])) if row["size"] else "–"
            ours = f"{number(float(row['ours']))} {row['unit']}" if row["ours"] else "–"
            beside, wanted = shown.setdefault((row["target"], row["case"], size, ours), ([], []))
            if row["peer"]:
                times = ratio(row)
                judged = f" ({number(times)})" if times else ""
                beside.append(f"{row['peer_name']} {number(float(row['peer']))}{judged}")
            wanted.extend(said for said in verdicts if said not in wanted)
    lines = ["| what | case | size | ours | beside (times as good) | wanted |", "| --- | --- | ---: | ---: | --- | --- |"]
    for key, (beside, wanted) in shown.items():
        cells = [*key, "; ".join(beside) or "–", "; ".join(wanted) or "–"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def block():
    rows, goals = read("runner.csv") + read("analyze.csv"), read("goals.csv")
    for goal in goals:
        if not any(verdict(goal, row) for row in rows):
            sys.exit(f"goals.csv: no row is what the goal {goal['goal']} of {goal['target']}, {goal['case']} is about")
    machine = json.loads((HERE / "machine.json").read_text())
    described = "; ".join(f"{what} {value}" for what, value in sorted(machine.items()))
    caption = f"*Rates (a unit that ends in /s): more is better; anything else: less. Measured on: {described}.*"
    return "\n".join([BEGIN, *table(rows, goals), "", caption, END])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if the page shows anything else")
    options = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"{PAGE}: expected the marks {BEGIN} and {END}, each once")
    before, rest = text.split(BEGIN)
    fresh = before + block() + rest.split(END)[1]
    if fresh == text:
        return
    if options.check:
        sys.exit(f"{PAGE}: the table is not what the measurements give; write it again: python3 {Path(__file__).name}")
    PAGE.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
