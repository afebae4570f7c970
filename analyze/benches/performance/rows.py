"""The table of measurements of the runner, `runner.csv`: one row for each case, `ours` beside `peer`, in `unit`."""

import csv
from pathlib import Path

COLUMNS = ["target", "case", "size", "ours", "peer", "peer_name", "unit", "command"]
TABLE = Path(__file__).resolve().parent / "runner.csv"


def row(target, case, size, ours, unit, command, peer="", peer_name=""):
    """A row; numbers to four significant digits, which is more than any of them means."""
    def text(value):
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    values = [target, case, size, text(ours), text(peer), peer_name, unit, command]
    return dict(zip(COLUMNS, values))


def replace(target, rows, table=TABLE):
    """Writes rows in place of those that the table has of the same target."""
    kept = []
    if Path(table).exists():
        with open(table, newline="") as file:
            kept = [old for old in csv.DictReader(file) if old["target"] != target]
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(kept + rows, key=lambda each: each["target"]))
