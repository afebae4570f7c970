#!/usr/bin/env python3
"""Machines on real sockets, few to very many: python3 sockets.py --runner target/release/runner --analyze target/release/analyze

For each number of machines, all at 6 ticks a second, several trials of `runner trial` on sockets; of these the one counts
during which the rest of the host was least busy, whatever it showed. Then as many timers of tokio alone on the same
schedule (`cargo build --release -p runner --example tokio_timers` builds them). On a host that does other work as well,
`--before "chrt --fifo 1"` (as root) lets machines and timers alike go first, as on one that is idle. Writes the rows `sockets` of runner.csv:

start-up      from the start of `runner` to the first due instant of the trial, of which 50 ms + 1 ms a process are granted
ticks missing against rate x duration, and laws violated as `analyze check` counts them
lateness      of all ticks of all machines, against their due times
rate error    of the machine that is furthest off, from its first tick to its last
memory        peak resident memory (VmHWM) of all processes of machines, divided by machines
processor     time of all processes of machines while they tick, in percent of one processor
others        what the rest of the host took meanwhile, in percent of all processors
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import rows

RATE_HZ = 6
TICK = os.sysconf("SC_CLK_TCK")


def busy_seconds():
    """Time that all processors together have worked since the host started."""
    fields = [int(text) for text in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / TICK


def used_seconds(process):
    stat = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / TICK


def peak_kib(process):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1])


def journal(trial):
    try:
        lines = (trial / "journal.jsonl").read_text().splitlines()
    except FileNotFoundError:
        return []
    entries = []
    for line in lines:
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return entries


def wait_for(what, found, seconds=60):
    deadline = time.time() + seconds
    while time.time() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.01)
    raise SystemExit(f"gave up waiting until {what}")


def quantile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))]


def lateness_ms(trial, manifest):
    """Lateness of every tick, sorted; ticks; largest error of a machine's rate in percent; receives."""
    late, worst, receives = [], 0.0, 0
    for machine in manifest["machines"]:
        first = last = None
        for line in (trial / machine["log"]).read_text().splitlines()[1:]:
            tick, time_ns, event = line.split(",", 3)[:3]
            tick, time_ns = int(tick), int(time_ns)
            due_ns = manifest["started_ns"] + machine["phase_ns"] + tick * 1_000_000_000 / machine["rate"]
            late.append((time_ns - due_ns) / 1e6)
            first, last = first or (tick, time_ns), (tick, time_ns)
            receives += event == "receive"
        rate = (last[0] - first[0]) / (last[1] - first[1]) * 1e9
        worst = max(worst, abs(rate / machine["rate"] - 1) * 100)
    return sorted(late), worst, receives


def one_run(arguments, machines, per_process, folder):
    """One trial; what it showed."""
    command = [*arguments.before.split(), arguments.runner, "trial", "--count", "1", "--machines", str(machines), "--rate-range",
               f"{RATE_HZ}..{RATE_HZ}", "--duration", f"{arguments.duration}s", "--seed", "7"]
    if per_process:
        command += ["--per-process", str(per_process)]
    shutil.rmtree(folder, ignore_errors=True)
    load = os.getloadavg()[0]
    begun = time.time()
    runner = subprocess.Popen(command + ["--out", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    trial = wait_for("there is a trial", lambda: next(iter(folder.glob("*/trial-000")), None))
    started = wait_for("the trial starts", lambda: next((e for e in journal(trial) if e["kind"] == "started"), None))
    processes = [int(entry["detail"].rsplit(" ", 1)[1]) for entry in journal(trial) if entry["kind"] == "listening"]
    time.sleep(max(0.0, started["time_ns"] / 1e9 - time.time()))
    busy, used, since = busy_seconds(), sum(map(used_seconds, processes)), time.time()
    time.sleep(arguments.duration * 0.9 - (time.time() - started["time_ns"] / 1e9))
    span = time.time() - since
    used = sum(map(used_seconds, processes)) - used
    busy = busy_seconds() - busy
    peak = sum(map(peak_kib, processes))
    if runner.wait() != 0:
        raise SystemExit(f"{' '.join(command)}: exit code {runner.returncode}")
    manifest = json.loads((trial / "trial.json").read_text())
    late, rate_error, receives = lateness_ms(trial, manifest)
    return {
        "command": " ".join(command).replace(arguments.runner, "runner"),
        "per_process": manifest["condition"].get("per_process", 1),
        "processes": len(processes),
        "start-up": manifest["started_ns"] / 1e9 - begun,
        "missing": machines * RATE_HZ * arguments.duration - len(late),
        "p50": quantile(late, 0.5),
        "p99": quantile(late, 0.99),
        "max": late[-1],
        "rate error": rate_error,
        "memory": peak / machines,
        "processor": used / span * 100,
        "others": max(0.0, (busy - used) / span / os.cpu_count() * 100),
        "load": load,
        "messages": receives / arguments.duration,
        "folder": trial.parent,
    }


def timers(arguments, machines):
    """Of as many runs as of trials the one with the least lateness: a floor is a floor."""
    command = [*arguments.before.split(), arguments.timers, str(machines), str(RATE_HZ), "10"]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(arguments.runs)]
    return min((json.loads(run.stdout) for run in runs), key=lambda run: run["p99_ms"])


def violations(arguments, folder):
    checked = subprocess.run([arguments.analyze, "check", str(folder)], capture_output=True, text=True)
    if checked.returncode not in (0, 1):
        raise SystemExit(checked.stderr)
    return checked.returncode


def measured(arguments, machines, per_process, scratch):
    runs = []
    for number in range(arguments.runs):
        runs.append(one_run(arguments, machines, per_process, scratch / f"run-{number}"))
        shown = {key: round(value, 3) for key, value in runs[-1].items() if isinstance(value, float)}
        print(machines, runs[-1]["per_process"], shown, flush=True)
    return min(runs, key=lambda run: run["others"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default="target/release/runner")
    parser.add_argument("--analyze", default="target/release/analyze")
    parser.add_argument("--timers", default="target/release/examples/tokio_timers")
    parser.add_argument("--sizes", default="3,10,30,100,300,1000")
    parser.add_argument("--one-each", default="30,100", help="sizes measured with a process for each machine as well")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--before", default="", help="words before the commands of runner and timers")
    parser.add_argument("--duration", type=int, default=20, help="of a trial, seconds")
    parser.add_argument("--table", default=rows.TABLE)
    arguments = parser.parse_args()
    sizes = [(int(size), 0) for size in arguments.sizes.split(",")]
    sizes += [(int(size), 1) for size in arguments.one_each.split(",") if size]
    table = []
    for machines, per_process in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            run = measured(arguments, machines, per_process, Path(scratch))
            alone = timers(arguments, machines)
            broken = violations(arguments, run["folder"])
        case = "one machine a process: " if per_process else ""

        def add(what, ours, unit, peer="", peer_name=""):
            table.append(rows.row("sockets", case + what, machines, ours, unit, run["command"], peer, peer_name))

        timer = "tokio timers alone"
        add("machines a process", run["per_process"], "machines")
        add("start-up", run["start-up"], "s")
        add("ticks missing", run["missing"], "ticks")
        add("analyze check, exit code", broken, "code")
        add("lateness p50", run["p50"], "ms", alone["p50_ms"], timer)
        add("lateness p99", run["p99"], "ms", alone["p99_ms"], timer)
        add("lateness max", run["max"], "ms", alone["max_ms"], timer)
        add("rate error, worst machine", run["rate error"], "%")
        add("messages received", run["messages"], "messages/s")
        add("peak memory per machine", run["memory"], "KiB")
        add("processor time", run["processor"], "% of one")
        add("others on the host meanwhile", run["others"], "% of all")
        add("load average before", run["load"], "processes")
    rows.replace("sockets", table, arguments.table)


if __name__ == "__main__":
    main()
