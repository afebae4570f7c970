"""Reads what a divan bench prints: for each bench and argument the fastest sample, in seconds and in items per second."""

import re

SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}
ITEMS = {"item/s": 1.0, "Kitem/s": 1e3, "Mitem/s": 1e6, "Gitem/s": 1e9}
BYTES = {"B/s": 1.0, "KB/s": 1e3, "MB/s": 1e6, "GB/s": 1e9}


def fastest(text):
    """{"one_way/links": {"seconds": .., "items": .., "bytes": ..}}; the fastest, because work of others only slows."""
    found, path = {}, []
    for line in text.splitlines():
        entry = re.match(r"^([│ ]*)[├╰]─ (\S+)\s*(.*)$", line)
        if entry:
            path[len(entry[1]) // 3 :] = [entry[2]]
            rest = entry[3]
        elif line.startswith(("│", " ")):
            rest = line.lstrip("│ ")
        else:
            continue
        number = re.match(r"([\d.]+) (\S+)", rest)
        if not number or not path:
            continue
        value, unit = float(number[1]), number[2]
        case = found.setdefault("/".join(path), {})
        for name, units in (("seconds", SECONDS), ("items", ITEMS), ("bytes", BYTES)):
            if unit in units and name not in case:
                case[name] = value * units[unit]
    return {path: case for path, case in found.items() if case}
