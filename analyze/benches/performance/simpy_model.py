#!/usr/bin/env python3
"""The scale model in SimPy: python3 simpy_model.py MACHINES SECONDS

Machines at 1, 2, .. 6, 1, .. ticks per second with random phases, a die of ten, one message a tick, 100 us of delay, as the
bench of the virtual driver runs it, and as SimPy wants it: a process for each machine. Kind to SimPy: a message to all is
one event, and nothing is logged. Prints events (ticks) per second of processor time as one JSON object.
"""

import json
import random
import sys
import time
from collections import deque

import simpy

DELAY_S = 100e-6


class Machine:
    def __init__(self, env, number, everybody, rate):
        self.env, self.number, self.everybody, self.period = env, number, everybody, 1 / rate
        self.clock, self.ticks, self.received, self.queue = 0, 0, 0, deque()
        self.chance = random.Random(7 * 1_000_003 + number)

    def deliver(self, event):
        recipients, stamp = event.value
        if recipients is None:
            for other in self.everybody:
                if other is not self:
                    other.queue.append(stamp)
        else:
            recipients.queue.append(stamp)

    def send(self, recipient):
        event = self.env.timeout(DELAY_S, (recipient, self.clock))
        event.callbacks.append(self.deliver)

    def other(self, face):
        others = len(self.everybody) - 1
        steps = (1 if face == 0 else others) if others <= 2 else self.chance.randint(1, others)
        return self.everybody[(self.number + steps) % len(self.everybody)]

    def tick(self):
        self.ticks += 1
        if self.queue:
            self.clock = max(self.clock, self.queue.popleft()) + 1
            self.received += 1
            return
        face = self.chance.randrange(10)
        self.clock += 1
        if face == 2:
            self.send(None)
        elif face < 2:
            self.send(self.other(face))

    def run(self, until):
        yield self.env.timeout(self.chance.random() * self.period)
        while self.env.now < until:
            self.tick()
            yield self.env.timeout(self.period)


def main() -> None:
    machines, seconds = int(sys.argv[1]), float(sys.argv[2])
    env = simpy.Environment()
    everybody = []
    for number in range(machines):
        everybody.append(Machine(env, number, everybody, number % 6 + 1))
    for machine in everybody:
        env.process(machine.run(seconds))
    begun = time.process_time()
    env.run()
    took = time.process_time() - begun
    events = sum(machine.ticks for machine in everybody)
    received = sum(machine.received for machine in everybody)
    print(json.dumps({"events": events, "received": received, "seconds": took, "events_per_second": events / took}))


if __name__ == "__main__":
    main()
