#!/usr/bin/env python3
"""What `analyze LOGS --json -` says of each machine of each trial, by DuckDB: python3 figures_by_duckdb.py LOGS OUT.csv

LOGS is a folder of runs of `runner trial` on `--speed 1`, one message a tick; definitions are those of the report.
"""

import os
import sys

import duckdb

COLUMNS = {
    "tick": "UBIGINT",
    "time_ns": "UBIGINT",
    "event": "VARCHAR",
    "clock": "UBIGINT",
    "queue": "UBIGINT",
    "peer": "UINTEGER",
    "sent_tick": "UBIGINT",
    "sent_clock": "UBIGINT",
}

FIGURES = r"""
CREATE TEMP TABLE rows AS
SELECT parse_filename(parse_dirpath(filename)) AS trial,
       regexp_extract(filename, 'machine-(\d+)\.csv$', 1)::UINTEGER AS machine,
       tick, time_ns::BIGINT AS time_ns, event, clock::BIGINT AS clock, queue, peer, sent_tick, sent_clock
FROM read_csv($files, header = true, delim = ',', quote = '', columns = $columns, filename = true);

CREATE TEMP TABLE sends AS
SELECT trial, machine, tick, time_ns, clock, peer AS recipient FROM rows WHERE event IN ('send', 'broadcast');

COPY (
WITH
moved AS (
    SELECT *,
           clock - lag(clock) OVER own AS jump,
           (lead(time_ns) OVER own - time_ns) * queue::DOUBLE AS area,
           max(clock) OVER (PARTITION BY trial ORDER BY time_ns) - clock AS behind
    FROM rows WINDOW own AS (PARTITION BY trial, machine ORDER BY tick)
),
taken AS (
    SELECT r.trial, r.machine,
           count(*) AS matched,
           avg((r.time_ns - s.time_ns) / 1e9) AS wait_mean_s,
           quantile_cont((r.time_ns - s.time_ns) / 1e9, 0.99) AS wait_p99_s,
           max((r.time_ns - s.time_ns) / 1e9) AS wait_max_s,
           avg((r.clock <= s.clock)::INT) AS clock_condition_broken
    FROM rows r JOIN sends s
      ON r.trial = s.trial AND r.peer = s.machine AND r.sent_tick = s.tick
     AND (s.recipient IS NULL OR s.recipient = r.machine)
    WHERE r.event = 'receive'
    GROUP BY ALL
),
machines AS (SELECT DISTINCT trial, machine FROM rows),
addressed AS (
    SELECT m.trial, m.machine, count(*) AS addressed
    FROM machines m JOIN sends s
      ON m.trial = s.trial AND m.machine <> s.machine AND (s.recipient IS NULL OR s.recipient = m.machine)
    GROUP BY ALL
),
own AS (
    SELECT trial, machine,
           count(*) AS events,
           count(*) FILTER (event = 'internal') AS internal,
           count(*) FILTER (event = 'send') AS send,
           count(*) FILTER (event = 'broadcast') AS broadcast,
           count(*) FILTER (event = 'receive') AS receive,
           max(clock) AS clock_final,
           avg(jump) AS jump_mean,
           stddev_samp(jump) AS jump_deviation,
           quantile_cont(jump, 0.5) AS jump_p50,
           quantile_cont(jump, 0.99) AS jump_p99,
           max(jump) AS jump_max,
           count(*) FILTER (jump > 1) AS jumps_above_one_count,
           avg(jump) FILTER (event = 'receive') AS receive_jump_mean,
           (max(time_ns) - min(time_ns)) / 1e9 AS duration_s,
           (max(clock) - min(clock)) / ((max(time_ns) - min(time_ns)) / 1e9) AS logical_rate,
           regr_slope(clock, (time_ns - 1000000000000000000) / 1e9) AS logical_rate_slope,
           (max(tick) - min(tick)) / ((max(time_ns) - min(time_ns)) / 1e9) AS tick_rate,
           avg(behind) AS lag_mean,
           stddev_samp(behind) AS lag_deviation,
           max(behind) AS lag_max,
           arg_max(behind, tick) AS lag_final,
           avg(queue) AS queue_mean,
           stddev_samp(queue) AS queue_deviation,
           quantile_cont(queue, 0.9) AS queue_p90,
           max(queue) AS queue_max,
           arg_max(queue, tick) AS queue_last,
           sum(area) / (max(time_ns) - min(time_ns)) AS queue_time_mean,
           regr_slope(queue, (time_ns - 1000000000000000000) / 1e9) AS queue_growth
    FROM moved GROUP BY ALL
)
SELECT own.*, wait_mean_s, wait_p99_s, wait_max_s, clock_condition_broken,
       coalesce(addressed, 0) - coalesce(matched, 0) AS unreceived
FROM own LEFT JOIN taken USING (trial, machine) LEFT JOIN addressed USING (trial, machine)
ORDER BY trial, machine
) TO '{out}' (HEADER);
"""


def main() -> None:
    logs, out = sys.argv[1], sys.argv[2]
    files = os.path.join(logs, "**", "machine-*.csv")
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items()) + "}"
    text = FIGURES.replace("$files", f"'{files}'").replace("$columns", columns).replace("{out}", out)
    database = duckdb.connect()
    # As many threads as there are processors is the default; memory beyond this goes to disk.
    database.execute(f"SET memory_limit = '{os.environ.get('DUCKDB_MEMORY', '8GB')}'")
    database.execute("SET preserve_insertion_order = false")
    database.execute(text)


if __name__ == "__main__":
    main()
