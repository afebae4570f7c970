#!/usr/bin/env python3
"""The message path beside a bare framed echo: python3 message_path.py [--before "chrt --fifo 1"] [--bench PROGRAM]

Runs `cargo bench -p runner --bench message_path`, or the program that it builds, and writes the rows `message path` of
runner.csv: the fastest of the samples of one run, ours and the peer's. The bench says what is compared.
"""

import argparse
import subprocess

import divan
import rows

COMMAND = "cargo bench -p runner --bench message_path"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", help="a bench built before, instead of cargo")
    parser.add_argument("--before", default="", help="words before the command")
    parser.add_argument("--table", default=rows.TABLE)
    arguments = parser.parse_args()
    command = arguments.before.split() + ([arguments.bench, "--bench"] if arguments.bench else COMMAND.split())
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(text)
    found = divan.fastest(text)
    shown = " ".join([*arguments.before.split(), COMMAND])
    table = []
    for way, name in (("one_way", "one way"), ("echo", "echo")):
        ours, bare = found[f"{way}/links"]["items"], found[f"{way}/bare_frames"]["items"]
        peer = "bare frames of tokio-util"
        table.append(rows.row("message path", name, 2, ours, "messages/s", shown, bare, peer))
    ours, plain = found["one_way/links"]["items"], found["one_way/plain_bytes"]["items"]
    table.append(rows.row("message path", "one way", 2, ours, "messages/s", shown, plain, "as many plain bytes"))
    ours, raw = found["ping_pong/links"], found["ping_pong/raw_stream"]
    trip = 1e6 / ours["items"], 1e6 / raw["items"]
    table.append(rows.row("message path", "one message there and back", 2, trip[0], "us", shown, trip[1], "raw loopback ping-pong"))
    rows.replace("message path", table, arguments.table)


if __name__ == "__main__":
    main()
