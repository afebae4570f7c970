//! A later life of a machine that runs as a process goes on with the schedule.

use driver::Beat;
use event_log::{Drain, MachineId, Odds, Rate, Schedule, Stamp, Tick};
use machine::chance::{Purpose, Stream};
use machine::process::Process;
use machine::process::effects::Effects;
use machine::process::outbox::{Departure, Outbox};
use machine::process::ticking::{Ticking, Ticks};
use machine::process::units::Time;
use machine::scale_model::{RandomDice, ScaleModel, Settings};
use proptest::prelude::*;

/// What a trial of this test is.
#[derive(Debug, Clone)]
struct Plan {
    /// Ticks a second and phase, by machine.
    machines: Vec<(u32, u64)>,
    ticks: u64,
    seed: u64,
}

impl Plan {
    fn beat(&self, machine: usize) -> Beat {
        let (rate, phase_ns) = self.machines[machine];
        let schedule = Schedule {
            started_ns: 5,
            phase_ns,
            rate: Rate::from_hz(rate),
            speed: 1.0,
        };
        Beat {
            schedule,
            ticks: self.ticks,
            tick_delay_ns: 0,
        }
    }

    fn machine(&self, machine: usize, first: Tick) -> ScaleModel {
        let id = MachineId(machine as u32);
        let settings = Settings {
            id,
            machines: self.machines.len() as u32,
            drain: Drain::One,
            stamp: Stamp::After,
            timekeeper: None,
        };
        let stream = Stream::new(self.seed, 0, Purpose::Machine(id));
        ScaleModel::new(settings, RandomDice::new(Odds::Sides(5), stream)).from_tick(first)
    }

    fn ticks_of(&self, machine: usize) -> Ticks<impl Fn(Tick) -> ScaleModel + '_> {
        let beat = self.beat(machine);
        Ticks {
            build: move |first| self.machine(machine, first),
            schedule: beat.schedule,
            ticks: beat.ticks,
            tick_delay_ns: beat.tick_delay_ns,
            machines: self.machines.len() as u32,
        }
    }
}

proptest! {
    #[test]
    fn a_later_life_goes_on_with_the_schedule_and_gives_no_number_twice(
        rate in 1u32..7, phase_ns in 0u64..1_000_000_000, ticks in 1u64..60, killed in 0u64..60,
        away_ns in 1u64..5_000_000_000,
    ) {
        let plan = Plan {
            machines: vec![(rate, phase_ns); 2], ticks, seed: 1,
        };
        let (setup, beat) = (plan.ticks_of(0), plan.beat(0));
        // Killed just after this tick.
        let killed = Tick(killed.min(ticks - 1));
        let restart = Time(beat.time_ns(killed)).after_ns(away_ns);
        let (mut effects, mut outbox) = (Effects::new(), Outbox::new());
        let mut life = Ticking::begin(&setup, (), restart, &mut effects);
        outbox.put(&mut effects);
        let mut found = Vec::new();
        while let Some(due) = outbox.take_wake() {
            life.wake(due, &mut effects);
            outbox.put(&mut effects);
            while let Some(departure) = outbox.depart() {
                if let Departure::Record(row) = departure {
                    found.push((due.0, row.tick.0, row.clock.0));
                }
            }
        }
        let expected: Vec<(u64, u64)> = (killed.0 + 1..ticks)
            .map(|tick| (beat.time_ns(Tick(tick)), tick))
            .filter(|&(due_ns, _)| due_ns >= restart.0)
            .collect();
        prop_assert_eq!(found.iter().map(|&(due_ns, tick, _)| (due_ns, tick)).collect::<Vec<_>>(), expected);
        // Its clock is that of a new machine.
        for (place, &(_, _, clock)) in (1..).zip(&found) {
            prop_assert_eq!(clock, place);
        }
    }
}
