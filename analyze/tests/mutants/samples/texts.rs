//! Files of the samples that are written by hand: an experiment, a rubric, claims, measurements, formats.

pub(super) const SWEEP: &str =
    "count = 3\n[base]\nrates = [1, 6]\nduration = \"6s\"\n[grid]\ninternal = [0.2, 0.7]\n";

pub(super) const RUBRIC: &str = r#"name = "Mine"

[trials]
points = 3
at_least = 2

[run_length]
points = 8
at_least_s = 8.0
tolerance_s = 0.5

[rate_range]
points = 5
low_hz = 1.0
high_hz = 6.0
measured_tolerance = 0.1
"#;

pub(super) const CLAIMS: &str = r#"alpha = 0.05
trials = 2

[sources]
somebody = "Somebody, a notebook"

[[claim]]
id = "slow-lags"
sentence = "The slow machine stays *behind*."
source = "somebody"
logs = "data/run"
machine = "slowest"
metric = "clock_final"
than = { machine = "fastest" }
ratio = { below = 0.8 }

[[claim]]
id = "fast-jumps"
sentence = "The fast machine jumps far."
source = "somebody"
page = "01-page"
logs = "data/run"
where = { sides = 10 }
machine = 1
metric = "jump_max"
mean = { within = [1, 10] }
"#;

pub(super) const TEXT_FORMAT: &str = r#"name = "mine"
description = "sentences of Python's logging"

[files]
include = ["**/machine_*.{log,txt}"]
exclude = ["**/old/**"]
path = 'machine_(?<machine>\d+)\.log$'

[lines]
kind = "text"

[time]
format = "strftime"
pattern = "%Y-%m-%d %H:%M:%S,%f"
zone = "Europe/Berlin"

[dialect]
clock = "lamport"
queue = "after_pop"
receive_clock = "after_merge"

[alias]
machine-0 = "0"

[[event]]
kind = "receive"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .* from machine (?<from>\d+), queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[event]]
kind = "broadcast"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .* to all, queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[event]]
kind = "send"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .* to machine (?<to>\d+), queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[event]]
kind = "internal"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .*: Internal event, queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[ignore]]
pattern = '^\s*$'
reason = "blank line"
"#;

pub(super) const JSON_FORMAT: &str = r#"name = "objects"

[files]
include = ["*.jsonl"]

[lines]
kind = "json"

[time]
format = "epoch_s"

[[event]]
kind = "receive"
where = { event = "RECEIVE" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
queue = "queue_length"
machine = "machine_id"
from = "peer"

[[event]]
kind = "send"
where = { event = "SEND" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
machine = "machine_id"
to = "peer"

[[event]]
kind = "broadcast"
where = { event = "BROADCAST" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
machine = "machine_id"

[[event]]
kind = "internal"
where = { event = "INTERNAL" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
machine = "machine_id"
"#;
