#!/usr/bin/env python3
"""Describes this machine in machine.json, beside the measurements made on it: python3 machine.py"""

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parent / "machine.json"


def first(pattern, path):
    found = re.search(pattern, Path(path).read_text())
    return found[1].strip() if found else "unknown"


def said_by(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not there"


def version_of(package):
    return said_by(sys.executable, "-c", f"import {package}; print({package}.__version__)")


def main() -> None:
    memory_gib = int(first(r"MemTotal:\s+(\d+)", "/proc/meminfo")) / 2**20
    described = {
        "processor": first(r"model name\s*:\s*(.*)", "/proc/cpuinfo"),
        "processors": str(os.cpu_count()),
        "memory": f"{memory_gib:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "compiler": said_by("rustc", "--version"),
        "Python": platform.python_version(),
        "DuckDB": version_of("duckdb"),
        "pandas": version_of("pandas"),
        "polars for Python": version_of("polars"),
        "SimPy": version_of("simpy"),
    }
    FILE.write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    main()
