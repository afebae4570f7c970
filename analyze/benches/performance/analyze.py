#!/usr/bin/env python3
"""`analyze` on large logs beside DuckDB, pandas and polars, and on five small trials: writes analyze.csv

python3 analyze.py --runner target/release/runner --analyze target/release/analyze --scratch DIR [--events 1e5,1e6,1e7]

DIR gets logs of `runner trial --virtual`: 334 trials of three machines, about 1,000 files whatever the number of events, 45
bytes an event. Programs take turns, `--rounds` times; of each the fastest round counts, in whole-process time and in time of
all processors; logs of more than ten million events are read once, which takes minutes, and not by DuckDB, which ended
with an error there on 24 GiB. Needs DuckDB, pandas and polars for Python. Before anything is written, every figure must agree (see compare.py). Rows:

events per second            whole process from files to answer: `analyze LOGS --json -` with all figures and laws, against
                             figures_by_duckdb.py, figures_by_pandas.py and figures_by_polars.py, which compute a part of its figures
                             and no laws
events per processor second  the same, over user and system time: what other work on the host takes does not count
memory                       peak resident memory of `analyze`
five trials                  `analyze logs/` of five trials of 60 s, then with all figures
beside an earlier build      with `--earlier PROGRAM --commit NAME`: time of all processors of `analyze LOGS --json -` by both, the
                             least of each, on a million rows in large files, in 1,000 folders of small ones, and in packs
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from program import Run
from rows import replace, row

HERE = Path(__file__).resolve().parent
TABLE = HERE / "analyze.csv"
TRIALS, MACHINES, MEAN_RATE_HZ = 334, 3, 3.5
ROUNDS_UP_TO = 1e7


def resolved(text):
    """A program's path: one without a folder would be looked for elsewhere."""
    return Path(text).resolve()


def make(runner, scratch, events):
    """Logs of about so many events, and how many there are."""
    folder = scratch / f"events-{events:.0e}"
    if not folder.exists():
        seconds = round(events / (TRIALS * MACHINES * MEAN_RATE_HZ))
        command = [runner, "trial", "--virtual", "--count", TRIALS, "--duration", f"{seconds}s", "--seed", 7]
        Run([*command, "--name", "large", "--shard", "0/1", "--out", folder])
    return folder / "large"


def count(logs):
    files = list(logs.rglob("machine-*.csv"))
    lines = 0
    for file in files:
        with open(file, "rb") as text:
            while piece := text.read(1 << 20):
                lines += piece.count(b"\n")
    return lines - len(files), len(files)


def large(options, scratch, events, peers):
    """Rows of one size."""
    logs = make(options.runner, scratch, events)
    rows_there, files = count(logs)
    programs = {"analyze": [options.analyze, logs, "--json", scratch / "report.json"]}
    for name in peers:
        script = HERE / f"figures_by_{name}.py"
        programs[name] = [sys.executable, script, logs, scratch / f"{name}.csv"]
    runs = {name: [] for name in programs}
    # What takes minutes is run once.
    for _ in range(options.rounds if events <= ROUNDS_UP_TO else 1):
        for name, command in programs.items():
            runs[name].append(Run(command))
    best = {name: min(found, key=lambda run: run.wall_s) for name, found in runs.items()}
    least = {name: min(run.processor_s for run in found) for name, found in runs.items()}
    found = []
    if not peers:
        command = "analyze LOGS --json FILE"
        found.append(row("events per second", f"{files} files", rows_there, rows_there / best["analyze"].wall_s, "events/s", command))
        rate = rows_there / least["analyze"]
        found.append(row("events per processor second", f"{files} files", rows_there, rate, "events/s", command))
    for name in peers:
        said = subprocess.run(
            [sys.executable, HERE / "compare.py", scratch / "report.json", scratch / f"{name}.csv"],
            check=True, capture_output=True, text=True,
        ).stdout
        title = {"duckdb": "DuckDB"}.get(name, name)
        command = f"analyze LOGS --json FILE; python3 figures_by_{name}.py LOGS FILE"
        case = f"{files} files"
        rate = [rows_there / best[each].wall_s for each in ["analyze", name]]
        found.append(row("events per second", case, rows_there, rate[0], "events/s", command, rate[1], title))
        rate = [rows_there / least[each] for each in ["analyze", name]]
        found.append(row("events per processor second", case, rows_there, rate[0], "events/s", command, rate[1], title))
        found.append(row("figures that agree", case, rows_there, int(said.split()[0]), "figures", "python3 compare.py FILE FILE"))
    peak = max(run.peak_mib for run in runs["analyze"])
    peer = (max(run.peak_mib for run in runs["duckdb"]), "DuckDB") if "duckdb" in peers else ("", "")
    found.append(row("memory", f"{files} files", rows_there, peak, "MiB", "analyze LOGS --json FILE", *peer))
    if not options.keep:
        shutil.rmtree(logs.parent)
    return found


def earlier(options, scratch):
    """Both builds on the same logs."""
    large_files = make(options.runner, scratch, 1e6)
    command = [options.runner, "trial", "--virtual", "--count", 1000, "--duration", "100s", "--seed", 7, "--shard", "0/1", "--out", scratch]
    for name, words in [("folders", []), ("packs", ["--packed"])]:
        if not (scratch / name).exists():
            Run([*command, "--name", name, *words])
    found = []
    for case, logs in [
        (f"{TRIALS} trials of three machines", large_files),
        ("1,000 folders of three small files", scratch / "folders"),
        ("the same in packs", scratch / "packs"),
    ]:
        runs = {program: [] for program in (options.analyze, options.earlier)}
        for _ in range(3 * options.rounds):
            for program, of_program in runs.items():
                of_program.append(Run([program, logs, "--json", "-"]).processor_s)
        ours, before = (min(of_program) for of_program in runs.values())
        found.append(row("beside an earlier build", case, 1e6, ours, "s", "analyze LOGS --json -", before, options.commit))
    return found


def five(options, scratch):
    """Five trials of a minute: all tables and laws, then all figures as well."""
    out = scratch / "five"
    shutil.rmtree(out, ignore_errors=True)
    Run([options.runner, "trial", "--virtual", "--seed", 7, "--out", out])
    found = []
    for case, words in [("all tables and laws", []), ("and all figures", ["--figures", scratch / "figures"])]:
        runs = [Run([options.analyze, out, *words]) for _ in range(20)]
        command = "analyze logs/" + (" --figures DIR" if words else "")
        found.append(row("five trials", case, "", min(run.wall_s for run in runs), "s", command))
        found.append(row("five trials, processors", case, "", min(run.processor_s for run in runs), "s", command))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", type=resolved, required=True)
    parser.add_argument("--analyze", type=resolved, required=True)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "analyze-measured")
    parser.add_argument("--events", default="1e5,1e6,1e7")
    parser.add_argument("--duckdb", type=float, default=1e7, help="leave DuckDB out of larger logs")
    parser.add_argument("--pandas", type=float, default=1e8, help="leave pandas out of larger logs")
    parser.add_argument("--polars", type=float, default=1e7, help="leave polars from Python out of larger logs")
    parser.add_argument("--earlier", type=resolved, help="an earlier build of analyze")
    parser.add_argument("--commit", default="8d937e7", help="what it was built from")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep the logs")
    options = parser.parse_args()
    options.scratch.mkdir(parents=True, exist_ok=True)
    found = five(options, options.scratch)
    for events in [float(text) for text in options.events.split(",")]:
        limits = {"duckdb": options.duckdb, "pandas": options.pandas, "polars": options.polars}
        peers = [name for name, most in limits.items() if events <= most]
        found += large(options, options.scratch, events, peers)
    if options.earlier:
        found += earlier(options, options.scratch)
    for target in {each["target"] for each in found}:
        replace(target, [each for each in found if each["target"] == target], TABLE)
    print(f"{len(found)} rows in {TABLE}")


if __name__ == "__main__":
    main()
