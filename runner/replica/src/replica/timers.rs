//! What is due by the clock, and when to be woken for it.
//!
//! **Invariant.** Whatever the clock alone can bring about is due at a time that the replica has asked for.

use machine::process::units::Time;

use crate::application::Application;

use super::role::Role;
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    /// What is due by the clock.
    pub(super) fn act(&mut self, out: &mut EffectsFor<A>) {
        let (now, timing) = (self.now, self.setup.timing);
        if self.has_begun() && now >= self.next_heartbeat {
            self.next_heartbeat = now.after_ns(timing.heartbeat_ns);
            self.send_heartbeats(out);
        }
        let repeats = now >= self.next_repetition;
        if repeats {
            self.next_repetition = now.after_ns(timing.repetition_ns);
        }
        match &self.role {
            Role::Shut => {}
            Role::Recovering { .. } if repeats => self.ask_all(out),
            Role::Recovering { .. } => {}
            Role::Idle if self.is_lost() => self.campaign(out),
            Role::Idle => {}
            Role::Candidate(candidate) => {
                let gives_up = now >= candidate.since.after_ns(timing.attempt_ns);
                self.decide(out);
                if gives_up && matches!(self.role, Role::Candidate(_)) {
                    self.step_down(out);
                }
            }
            Role::Installer(installer) => {
                if now >= installer.since.after_ns(timing.attempt_ns) {
                    self.step_down(out);
                } else if repeats {
                    self.send_installs(out);
                }
            }
            Role::Primary(_) => self.lead(repeats, out),
        }
    }

    /// Whether an idle replica should see to it that somebody serves.
    fn is_lost(&self) -> bool {
        let view = &self.disk.view;
        if self.now < self.patient_until || view.is_none() || !self.hears_enough() {
            return false;
        }
        let is_orphan = self.now >= self.orphan_at();
        if !self.is_live() {
            return is_orphan;
        }
        let primary = view.primary();
        let is_promised = self.disk.promised > view.ballot;
        // A primary that is back in another life, with an empty disk perhaps, does not serve in this view any more.
        let life = view.members.get(&primary).copied();
        primary == self.setup.id
            || self.detector.is_dead(primary, life.unwrap_or_default(), self.now)
            || (is_promised && is_orphan)
    }

    fn orphan_at(&self) -> Time {
        self.primary_heard.after_ns(self.setup.timing.orphan_ns())
    }

    /// Asks to be woken at the next time at which something may be due.
    pub(super) fn ask(&mut self, out: &mut EffectsFor<A>) {
        let timing = self.setup.timing;
        let mut times = vec![self.next_heartbeat];
        match &self.role {
            Role::Shut => return,
            Role::Recovering { .. } => times = vec![self.next_repetition],
            Role::Idle => times.extend([
                self.patient_until,
                self.orphan_at(),
                self.detector.deadline(self.disk.view.primary()),
            ]),
            Role::Candidate(candidate) => {
                times.push(candidate.since.after_ns(timing.gathering_ns));
                times.push(candidate.since.after_ns(timing.attempt_ns));
                times.extend(self.others().map(|id| self.detector.deadline(id)));
            }
            Role::Installer(installer) => {
                times.push(installer.since.after_ns(timing.attempt_ns));
                times.push(self.next_repetition);
            }
            Role::Primary(primary) => {
                times.push(self.patient_until);
                times.extend(self.others().map(|id| self.detector.deadline(id)));
                let end = self.disk.log.end().op;
                if primary.stored.values().any(|&stored| stored < end) {
                    times.push(self.next_repetition);
                }
            }
        }
        let next = times.into_iter().filter(|&time| time > self.now).min();
        let next = next.unwrap_or(self.now.after_ns(timing.heartbeat_ns));
        if self.asked != Some(next) {
            self.asked = Some(next);
            out.wake_at(next);
        }
    }
}
