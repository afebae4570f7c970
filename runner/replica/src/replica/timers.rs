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
        let (now, timing, attempt_ns) = (self.now, self.setup.timing, self.attempt_ns());
        if self.has_begun() && now >= self.next_heartbeat {
            self.next_heartbeat = now.after_ns(timing.heartbeat_ns);
            self.send_heartbeats(out);
            self.ask_for_patience(out);
        }
        let repeats = now >= self.next_repetition;
        if repeats {
            self.next_repetition = now.after_ns(timing.repetition_ns);
        }
        match &self.role {
            Role::Shut | Role::Left => {}
            Role::Recovering { .. } if repeats => self.ask_all(out),
            Role::Recovering { .. } => {}
            Role::Idle if self.is_lost() => self.campaign(out),
            Role::Idle => {}
            Role::Candidate(candidate) => {
                let gives_up = now >= candidate.since.after_ns(attempt_ns);
                self.decide(out);
                if gives_up && matches!(self.role, Role::Candidate(_)) {
                    self.step_down(out);
                }
            }
            Role::Installer(installer) => {
                if now >= installer.since.after_ns(attempt_ns) {
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
            || self
                .detector
                .is_dead(primary, life.unwrap_or_default(), self.now)
            || (is_promised && is_orphan)
    }

    fn orphan_at(&self) -> Time {
        self.primary_heard.after_ns(self.setup.timing.orphan_ns())
    }

    /// Asks to be woken at the next time at which something may be due.
    pub(super) fn ask(&mut self, out: &mut EffectsFor<A>) {
        let (now, timing, attempt_ns) = (self.now, self.setup.timing, self.attempt_ns());
        let mut next = None;
        let mut may_be_due = |time: Time| {
            if time > now && next.is_none_or(|next| time < next) {
                next = Some(time);
            }
        };
        match &self.role {
            Role::Shut | Role::Left => return,
            Role::Recovering { .. } => may_be_due(self.next_repetition),
            Role::Idle => {
                may_be_due(self.next_heartbeat);
                may_be_due(self.patient_until);
                may_be_due(self.orphan_at());
                may_be_due(self.detector.deadline(self.disk.view.primary()));
            }
            Role::Candidate(candidate) => {
                may_be_due(self.next_heartbeat);
                may_be_due(candidate.since.after_ns(self.gathering_ns()));
                may_be_due(candidate.since.after_ns(attempt_ns));
                let deadlines = self.others().map(|id| self.detector.deadline(id));
                deadlines.for_each(may_be_due);
            }
            Role::Installer(installer) => {
                may_be_due(self.next_heartbeat);
                may_be_due(installer.since.after_ns(attempt_ns));
                may_be_due(self.next_repetition);
            }
            Role::Primary(primary) => {
                may_be_due(self.next_heartbeat);
                may_be_due(self.patient_until);
                let end = self.disk.log.end().op;
                if primary.stored.values().any(|&stored| stored < end) {
                    may_be_due(self.next_repetition);
                }
                self.leaves_by.into_iter().for_each(&mut may_be_due);
                let deadlines = self.others().map(|id| self.detector.deadline(id));
                deadlines.for_each(may_be_due);
            }
        }
        let next = next.unwrap_or(now.after_ns(timing.heartbeat_ns));
        if self.asked != Some(next) {
            self.asked = Some(next);
            out.wake_at(next);
        }
    }
}
