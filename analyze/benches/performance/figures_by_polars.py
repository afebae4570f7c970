#!/usr/bin/env python3
"""What `analyze LOGS --json -` says of each machine of each trial, by polars: python3 figures_by_polars.py LOGS OUT.csv

LOGS is a folder of runs of `runner trial` on `--speed 1`, one message a tick; definitions are those of the report. All files
are one frame; polars takes all processors.
"""

import sys
from pathlib import Path

import polars
from polars import col, len as count

COLUMNS = {
    "tick": polars.Int64,
    "time_ns": polars.Int64,
    "event": polars.Enum(["internal", "send", "broadcast", "receive"]),
    "clock": polars.Int64,
    "queue": polars.Int64,
    "peer": polars.UInt32,
    "sent_tick": polars.Int64,
    "sent_clock": polars.Int64,
}
OWN = ["trial", "machine"]


def read(files: list[str]) -> polars.DataFrame:
    rows = polars.scan_csv(files, schema=COLUMNS, quote_char=None, include_file_paths="file")
    trial = col("file").str.extract(r"([^/]+)/machine-\d+\.csv$").cast(polars.Categorical)
    machine = col("file").str.extract(r"machine-(\d+)\.csv$").cast(polars.UInt32)
    return rows.with_columns(trial=trial, machine=machine).drop("file").collect()


def with_lags(rows: polars.DataFrame) -> polars.DataFrame:
    """Beside each event the leader's clock once all events of the instant have happened, minus the machine's own."""
    leader = rows.lazy().group_by("trial", "time_ns").agg(col("clock").max().alias("leader")).sort("trial", "time_ns")
    leader = leader.with_columns(col("leader").cum_max().over("trial"))
    joined = rows.lazy().join(leader, on=["trial", "time_ns"], maintain_order="left")
    return joined.with_columns(behind=col("leader") - col("clock")).collect()


def slope(x: polars.Expr, y: polars.Expr) -> polars.Expr:
    x = x - x.mean()
    return (x * (y - y.mean())).sum() / (x * x).sum()


def of_own(rows: polars.DataFrame) -> polars.LazyFrame:
    jump = col("clock").diff()
    time_s = (col("time_ns") - 10**18) / 1e9
    length_s = (col("time_ns").last() - col("time_ns").first()) / 1e9
    kinds = {kind: (col("event") == kind).sum() for kind in COLUMNS["event"].categories}
    return rows.lazy().group_by(OWN).agg(
        events=count(),
        **kinds,
        clock_final=col("clock").last(),
        jump_mean=jump.mean(),
        jump_deviation=jump.std(),
        jump_p50=jump.quantile(0.5, "linear"),
        jump_p99=jump.quantile(0.99, "linear"),
        jump_max=jump.max(),
        jumps_above_one_count=(jump > 1).sum(),
        receive_jump_mean=jump.filter(col("event") == "receive").mean(),
        duration_s=length_s,
        logical_rate=(col("clock").last() - col("clock").first()) / length_s,
        logical_rate_slope=slope(time_s, col("clock")),
        tick_rate=(col("tick").last() - col("tick").first()) / length_s,
        lag_mean=col("behind").mean(),
        lag_deviation=col("behind").std(),
        lag_max=col("behind").max(),
        lag_final=col("behind").last(),
        queue_mean=col("queue").mean(),
        queue_deviation=col("queue").std(),
        queue_p90=col("queue").quantile(0.9, "linear"),
        queue_max=col("queue").max(),
        queue_last=col("queue").last(),
        queue_time_mean=(time_s.diff().shift(-1) * col("queue")).sum() / length_s,
        queue_growth=slope(time_s, col("queue")),
    )


def of_messages(rows: polars.DataFrame) -> tuple[polars.LazyFrame, polars.LazyFrame]:
    """What is known of the messages that each machine took, and how many were sent to it."""
    sends = rows.lazy().filter(col("event").is_in(["send", "broadcast"]))
    sends = sends.select("trial", "tick", "time_ns", "clock", sender="machine", recipient="peer")
    receives = rows.lazy().filter(col("event") == "receive")
    both = receives.join(
        sends, left_on=["trial", "peer", "sent_tick"], right_on=["trial", "sender", "tick"], suffix="_sent"
    )
    both = both.filter(col("recipient").is_null() | (col("recipient") == col("machine")))
    wait_s = (col("time_ns") - col("time_ns_sent")) / 1e9
    taken = both.group_by(OWN).agg(
        matched=count(),
        wait_mean_s=wait_s.mean(),
        wait_p99_s=wait_s.quantile(0.99, "linear"),
        wait_max_s=wait_s.max(),
        clock_condition_broken=(col("clock") <= col("clock_sent")).mean(),
    )
    machines = rows.lazy().select(OWN).unique()
    named = sends.filter(col("recipient").is_not_null()).group_by("trial", machine="recipient").agg(named=count())
    to_all = sends.filter(col("recipient").is_null()).group_by("trial", "sender").agg(to_all=count())
    others = machines.join(to_all, on="trial").filter(col("machine") != col("sender"))
    others = others.group_by(OWN).agg(to_all=col("to_all").sum())
    addressed = machines.join(named, on=OWN, how="left").join(others, on=OWN, how="left")
    return taken, addressed.select(*OWN, addressed=col("named").fill_null(0) + col("to_all").fill_null(0))


def main() -> None:
    logs, out = Path(sys.argv[1]), sys.argv[2]
    rows = with_lags(read(sorted(str(file) for file in logs.rglob("machine-*.csv"))))
    taken, addressed = of_messages(rows)
    found = of_own(rows).join(taken, on=OWN, how="left").join(addressed, on=OWN, how="left")
    unreceived = (col("addressed").cast(polars.Int64) - col("matched").fill_null(0)).alias("unreceived")
    found = found.with_columns(unreceived).drop("addressed", "matched").sort(col("trial").cast(polars.String), "machine")
    found.collect().write_csv(out)


if __name__ == "__main__":
    main()
