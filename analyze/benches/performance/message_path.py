#!/usr/bin/env python3
"""The message path beside a bare framed echo: python3 message_path.py [--before "chrt --fifo 1"] [--bench PROGRAM]

Runs `cargo bench -p runner --bench message_path`, or the program that it builds, nine times, and writes the rows `message
path` of runner.csv: the median over the runs of what was fastest in each, ours and the peer's. Where the system puts two
threads decides half of a single run. The bench says what is compared.
"""

import argparse
import statistics
import subprocess

import divan
import rows

COMMAND = "cargo bench -p runner --bench message_path"
RUNS = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", help="a bench built before, instead of cargo")
    parser.add_argument("--before", default="", help="words before the command")
    parser.add_argument("--table", default=rows.TABLE)
    arguments = parser.parse_args()
    command = arguments.before.split() + ([arguments.bench, "--bench"] if arguments.bench else COMMAND.split())
    runs = []
    for _ in range(RUNS):
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        print(text, flush=True)
        runs.append({bench: case["items"] for bench, case in divan.fastest(text).items()})
    found = {bench: statistics.median(run[bench] for run in runs) for bench in runs[0]}
    shown = " ".join([*arguments.before.split(), COMMAND])
    table = []
    for way, name in (("one_way", "one way"), ("echo", "echo")):
        ours, bare = found[f"{way}/links"], found[f"{way}/bare_frames"]
        peer = "bare frames of tokio-util"
        table.append(rows.row("message path", name, 2, ours, "messages/s", shown, bare, peer))
    ours, plain = found["one_way/links"], found["one_way/plain_bytes"]
    table.append(rows.row("message path", "one way", 2, ours, "messages/s", shown, plain, "as many plain bytes"))
    ours, raw = found["ping_pong/links"], found["ping_pong/raw_stream"]
    trip = 1e6 / ours, 1e6 / raw
    table.append(rows.row("message path", "one message there and back", 2, trip[0], "us", shown, trip[1], "raw loopback ping-pong"))
    rows.replace("message path", table, arguments.table)


if __name__ == "__main__":
    main()
