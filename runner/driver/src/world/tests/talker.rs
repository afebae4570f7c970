//! Processes that talk to each other, and who listens.

use std::collections::BTreeMap;

use event_log::Latency;
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use crate::world::World;
use crate::world::actor::Actor;
use crate::world::setting::{LinkKind, Setting};
use crate::world::witness::{Changes, LifeEnd, Loss, Witness};

pub(super) const PLACES: u32 = 3;
pub(super) const MS: u64 = 1_000_000;
/// How long every message is.
pub(super) const MESSAGE_BYTES: u64 = 100;

/// How often a process that is asked to end says the time yet.
pub(super) const WORDS_AT_END: u32 = 2;

/// Who it is, and whether it has a disk.
pub(super) type TalkerSetup = (Peer, bool);

/// Every 10 ms it says the time to all others and persists a number, if it has a disk; it records all that it hears, and each
/// number that is on its disk. Asked to end, it says the time twice more.
pub(super) struct Talker {
    me: Peer,
    has_disk: bool,
    /// When this life began: the name of the life.
    born: Time,
    pub(super) persisted: u64,
    /// How often it says the time yet, if it was asked to end.
    words_left: Option<u32>,
    /// How far its calendar is off, nanoseconds.
    pub(super) shift_ns: i64,
}

/// What it writes to its log: the name of its life, the time, what it knows. Behind a change it leaves later.
pub(super) type Saying = (Time, Time, Fact);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fact {
    Sent { to: Peer, message: u64 },
    Heard { from: Peer, message: u64 },
    Link { peer: Peer, is_up: bool },
    OnDisk(u64),
}

impl Process for Talker {
    type Setup = TalkerSetup;
    type Message = u64;
    type Event = Saying;
    type Change = u64;
    type Durable = Vec<u64>;

    fn begin(
        &(me, has_disk): &TalkerSetup,
        durable: Vec<u64>,
        now: Time,
        effects: &mut EffectsOf<Self>,
    ) -> Talker {
        effects.wake_at(now.after_ns(10 * MS));
        Talker {
            me,
            has_disk,
            born: now,
            persisted: durable.len() as u64,
            words_left: None,
            shift_ns: 0,
        }
    }

    fn receive(&mut self, now: Time, from: Peer, message: u64, effects: &mut EffectsOf<Self>) {
        effects.record((self.born, now, Fact::Heard { from, message }));
    }

    fn link(&mut self, now: Time, peer: Peer, is_up: bool, effects: &mut EffectsOf<Self>) {
        effects.record((self.born, now, Fact::Link { peer, is_up }));
    }

    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        let message = now.0;
        for to in (0..PLACES).map(Peer).filter(|&to| to != self.me) {
            effects.record((self.born, now, Fact::Sent { to, message }));
            effects.send(to, message);
        }
        if self.has_disk {
            effects.persist(self.persisted);
            effects.record((self.born, now, Fact::OnDisk(self.persisted)));
            self.persisted += 1;
        }
        self.words_left = self.words_left.map(|words| words - 1);
        effects.wake_at(now.after_ns(10 * MS));
    }

    fn stop(&mut self, _: Time, _: &mut EffectsOf<Self>) {
        self.words_left = Some(WORDS_AT_END);
    }

    fn has_left(&self) -> bool {
        self.words_left == Some(0)
    }

    fn replay(durable: &mut Vec<u64>, change: u64) {
        durable.push(change);
    }
}

impl Actor for Talker {
    fn shift_clock(&mut self, by_ns: i64) {
        self.shift_ns += by_ns;
    }

    fn message_bytes(_: &u64) -> u64 {
        MESSAGE_BYTES
    }

    fn message_kind(_: &u64) -> &'static str {
        "time"
    }

    fn event_kind((_, _, fact): &Saying) -> &'static str {
        match fact {
            Fact::Sent { .. } => "sent",
            Fact::Heard { .. } => "heard",
            Fact::Link { .. } => "link",
            Fact::OnDisk(_) => "on-disk",
        }
    }
}

/// A message by sender, recipient and what it says.
pub(super) type Name = (Peer, Peer, u64);

/// Sees that nothing of an ended life is performed, and keeps all facts.
#[derive(Default)]
pub(super) struct Ledger {
    /// Whether what is said leaves at once, for nothing waits for a disk.
    pub(super) is_prompt: bool,
    pub(super) facts: Vec<(Time, Peer, Fact)>,
    pub(super) born: BTreeMap<Peer, Time>,
    pub(super) lost: Vec<(Time, Name, Loss)>,
    pub(super) kept: Vec<(LifeEnd, Changes)>,
    /// What each disk holds, as it was reported.
    pub(super) disks: BTreeMap<Peer, Vec<u64>>,
    /// How many changes each process has asked for when it was called last.
    pub(super) asked: BTreeMap<Peer, u64>,
}

impl Witness<Talker> for Ledger {
    type Error = String;

    fn recorded(&mut self, _: Time, who: Peer, (born, at, fact): Saying) -> Result<(), String> {
        if self.born.get(&who) != Some(&born) {
            return Err(format!("{who} of {born:?} acts after its end"));
        }
        if let Fact::Heard { message, .. } = fact
            && self.is_prompt
            && message < born.0
        {
            return Err(format!(
                "{who} of {born:?} hears {message}, said to an earlier life"
            ));
        }
        if let Fact::OnDisk(number) = fact
            && self.asked.get(&who).is_none_or(|&asked| asked <= number)
        {
            return Err(format!(
                "{number} of {who} leaves before the call that asked for it is reported"
            ));
        }
        self.facts.push((at, who, fact));
        Ok(())
    }

    fn called(&mut self, _: Time, who: Peer, process: &Talker) {
        self.asked.insert(who, process.persisted);
    }

    fn written(&mut self, _: Time, who: Peer, durable: &Vec<u64>) {
        self.disks.insert(who, durable.clone());
    }

    fn lost(&mut self, now: Time, from: Peer, to: Peer, message: &u64, why: Loss) {
        self.lost.push((now, (from, to, *message), why));
    }

    fn begun(&mut self, now: Time, who: Peer, _: u32, _: &Talker) {
        self.born.insert(who, now);
    }

    fn ended(&mut self, _: Time, who: Peer, _: &Talker, how: LifeEnd, changes: Changes) {
        self.born.remove(&who);
        self.kept.push((how, changes));
    }
}

impl Ledger {
    pub(super) fn sent(&self) -> Vec<Name> {
        let sent = |(_, from, fact): &(Time, Peer, Fact)| match fact {
            Fact::Sent { to, message } => Some((*from, *to, *message)),
            _ => None,
        };
        self.facts.iter().filter_map(sent).collect()
    }

    /// With the times at which they were heard.
    pub(super) fn heard(&self) -> Vec<(Time, Name)> {
        let heard = |(now, to, fact): &(Time, Peer, Fact)| match fact {
            Fact::Heard { from, message } => Some((*now, (*from, *to, *message))),
            _ => None,
        };
        self.facts.iter().filter_map(heard).collect()
    }
}

pub(super) fn setting(seed: u64, kind: LinkKind) -> Setting {
    let range = |min_ns, max_ns| Latency { min_ns, max_ns };
    Setting {
        seed,
        trial: 0,
        start: Time(0),
        kind,
        delay: range(MS, 40 * MS),
        flush: range(MS / 2, 15 * MS),
        redial_ns: 50 * MS,
    }
}

pub(super) fn world(seed: u64, kind: LinkKind) -> World<Talker, Ledger> {
    world_of(seed, kind, true)
}

pub(super) fn world_of(seed: u64, kind: LinkKind, has_disk: bool) -> World<Talker, Ledger> {
    world_in(setting(seed, kind), has_disk)
}

pub(super) fn world_in(setting: Setting, has_disk: bool) -> World<Talker, Ledger> {
    let setups = (0..PLACES).map(|place| (Peer(place), has_disk)).collect();
    let ledger = Ledger {
        is_prompt: !has_disk,
        ..Ledger::default()
    };
    let mut world = World::new(setting, PLACES, setups, ledger);
    world.begin_all().expect("begun");
    world
}
