#!/usr/bin/env python3
"""What `analyze LOGS --json -` says of each machine of each trial, by pandas: python3 figures_by_pandas.py LOGS OUT.csv

LOGS is a folder of runs of `runner trial` on `--speed 1`, one message a tick; definitions are those of the report. A trial
at a time, on all processors.
"""

import multiprocessing
import os
import re
import sys
from pathlib import Path

import numpy
import pandas

COLUMNS = {
    "tick": "int64",
    "time_ns": "int64",
    "event": "category",
    "clock": "int64",
    "queue": "int64",
    "peer": "float64",
    "sent_tick": "float64",
    "sent_clock": "float64",
}
KINDS = ["internal", "send", "broadcast", "receive"]


def machine_of(file: Path) -> int:
    return int(re.search(r"machine-(\d+)\.csv$", file.name).group(1))


def read(folder: Path) -> pandas.DataFrame:
    machines = []
    for file in sorted(folder.glob("machine-*.csv")):
        rows = pandas.read_csv(file, dtype=COLUMNS)
        rows["event"] = rows["event"].cat.set_categories(KINDS)
        rows["machine"] = machine_of(file)
        machines.append(rows)
    return pandas.concat(machines, ignore_index=True)


def slope(x: numpy.ndarray, y: numpy.ndarray) -> float:
    x = x - x.mean()
    return float((x * (y - y.mean())).sum() / (x * x).sum())


def behind(rows: pandas.DataFrame) -> pandas.Series:
    """Lag at each event: the leader's clock once all events of the instant have happened, minus the machine's own."""
    ordered = rows.sort_values("time_ns", kind="stable")
    leader = ordered["clock"].cummax()
    leader = leader.groupby(ordered["time_ns"]).transform("last")
    return (leader - ordered["clock"]).reindex(rows.index)


def messages(rows: pandas.DataFrame) -> tuple[pandas.DataFrame, pandas.Series]:
    """Receives beside their sends, and how many messages were sent to each machine."""
    sends = rows.loc[rows["event"].isin(["send", "broadcast"]), ["machine", "tick", "time_ns", "clock", "peer"]]
    receives = rows.loc[rows["event"] == "receive", ["machine", "time_ns", "clock", "peer", "sent_tick"]]
    receives = receives.astype({"peer": "int64", "sent_tick": "int64"})
    both = receives.merge(
        sends, left_on=["peer", "sent_tick"], right_on=["machine", "tick"], suffixes=("", "_sent")
    )
    both = both[both["peer_sent"].isna() | (both["peer_sent"] == both["machine"])]
    machines = sorted(rows["machine"].unique())
    to_all = sends["peer"].isna()
    addressed = {
        machine: int(((to_all | (sends["peer"] == machine)) & (sends["machine"] != machine)).sum())
        for machine in machines
    }
    return both, pandas.Series(addressed)


def figures(folder: Path) -> list[dict]:
    rows = read(folder)
    rows["behind"] = behind(rows)
    both, addressed = messages(rows)
    both["wait_s"] = (both["time_ns"] - both["time_ns_sent"]) / 1e9
    found = []
    for machine, own in rows.groupby("machine", sort=True):
        kinds = own["event"].value_counts()
        jump = own["clock"].diff().iloc[1:]
        received = own["event"].iloc[1:] == "receive"
        time_s = (own["time_ns"] - 10**18).to_numpy() / 1e9
        length_s = (own["time_ns"].iloc[-1] - own["time_ns"].iloc[0]) / 1e9
        queue = own["queue"]
        area = (queue.to_numpy()[:-1] * numpy.diff(time_s)).sum()
        taken = both[both["machine"] == machine]
        waits = taken["wait_s"]
        found.append(
            {
                "trial": folder.name,
                "machine": machine,
                "events": len(own),
                **{kind: int(kinds[kind]) for kind in KINDS},
                "clock_final": own["clock"].iloc[-1],
                "jump_mean": jump.mean(),
                "jump_deviation": jump.std(),
                "jump_p50": jump.quantile(0.5),
                "jump_p99": jump.quantile(0.99),
                "jump_max": jump.max(),
                "jumps_above_one_count": int((jump > 1).sum()),
                "receive_jump_mean": jump[received].mean(),
                "duration_s": length_s,
                "logical_rate": (own["clock"].iloc[-1] - own["clock"].iloc[0]) / length_s,
                "logical_rate_slope": slope(time_s, own["clock"].to_numpy()),
                "tick_rate": (own["tick"].iloc[-1] - own["tick"].iloc[0]) / length_s,
                "lag_mean": own["behind"].mean(),
                "lag_deviation": own["behind"].std(),
                "lag_max": own["behind"].max(),
                "lag_final": own["behind"].iloc[-1],
                "queue_mean": queue.mean(),
                "queue_deviation": queue.std(),
                "queue_p90": queue.quantile(0.9),
                "queue_max": queue.max(),
                "queue_last": queue.iloc[-1],
                "queue_time_mean": area / (time_s[-1] - time_s[0]),
                "queue_growth": slope(time_s, queue.to_numpy()),
                "wait_mean_s": waits.mean(),
                "wait_p99_s": waits.quantile(0.99),
                "wait_max_s": waits.max(),
                "clock_condition_broken": (taken["clock"] <= taken["clock_sent"]).mean(),
                "unreceived": addressed[machine] - len(taken),
            }
        )
    return found


def main() -> None:
    logs, out = Path(sys.argv[1]), sys.argv[2]
    folders = sorted({file.parent for file in logs.rglob("machine-*.csv")})
    with multiprocessing.Pool(os.cpu_count()) as pool:
        found = pool.map(figures, folders, chunksize=1)
    pandas.DataFrame([row for rows in found for row in rows]).to_csv(out, index=False)


if __name__ == "__main__":
    main()
