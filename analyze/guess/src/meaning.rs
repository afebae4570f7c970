//! What the parts of a shape mean.
//!
//! **Invariant.** A shape has as many roles as slots.

use events::Kind;

/// The most machines that a folder of logs is taken to have: more different values name something else.
pub(super) const MACHINES_MAX: usize = 16;

/// What a value stands for; all but `None` name a group or a field of a format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    /// Nothing that a format has a name for.
    #[default]
    None,
    /// System time.
    Time,
    /// The logical clock.
    Clock,
    /// The logical clock before the event.
    ClockBefore,
    /// Length of the queue.
    Queue,
    /// The sender of what was received.
    From,
    /// The recipients of what was sent.
    To,
    /// The clock that the message carries.
    Carried,
    /// The machine that the line is of.
    Machine,
    /// The trial that the line is of.
    Trial,
    /// The machine's nominal ticks per second.
    Rate,
    /// The rates of all machines, in the order of their names.
    Rates,
    /// The time between two ticks, in seconds.
    PeriodS,
    /// The time between two ticks, in milliseconds.
    PeriodMs,
    /// The number of the tick.
    Tick,
    /// What identifies the message.
    Message,
}

impl Role {
    /// Those that tell how fast a machine ticks.
    pub(super) const OF_RATES: [Role; 4] = [Role::Rate, Role::Rates, Role::PeriodS, Role::PeriodMs];

    /// Its name in a format.
    pub(super) fn name(self) -> Option<&'static str> {
        Some(match self {
            Role::None => return None,
            Role::Time => "time",
            Role::Clock => "clock",
            Role::ClockBefore => "clock_before",
            Role::Queue => "queue",
            Role::From => "from",
            Role::To => "to",
            Role::Carried => "carried",
            Role::Machine => "machine",
            Role::Trial => "trial",
            Role::Rate => "rate",
            Role::Rates => "rates",
            Role::PeriodS => "period_s",
            Role::PeriodMs => "period_ms",
            Role::Tick => "tick",
            Role::Message => "message",
        })
    }
}

/// What lines of a shape are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// Events of this kind.
    Event(Kind),
    /// Statements of facts.
    Header {
        /// Whether another trial begins with each.
        begins_trial: bool,
    },
    /// Neither, for this reason.
    Ignored(String),
    /// Neither that can be read, for this reason, though they may hold events.
    Hole(String),
    /// Not known.
    #[default]
    Unknown,
}

/// What a shape means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// What its lines are.
    pub(super) standing: Standing,
    /// What its slots stand for.
    pub(super) roles: Vec<Role>,
}

impl Meaning {
    /// Whether it tells how fast a machine ticks.
    pub(super) fn tells_rate(&self) -> bool {
        Role::OF_RATES.iter().any(|&role| self.slot(role).is_some())
    }

    /// The kind of its events.
    pub(super) fn kind(&self) -> Option<Kind> {
        match self.standing {
            Standing::Event(kind) => Some(kind),
            _ => None,
        }
    }

    /// Takes the shape for nothing known.
    pub(super) fn reset(&mut self) {
        self.standing = Standing::Unknown;
        self.roles.fill(Role::None);
    }

    /// The slot that has this role.
    pub(super) fn slot(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|&of| of == role)
    }
}

/// A kind in words.
pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Internal => "internal events",
        Kind::Send => "sends",
        Kind::Broadcast => "sends to all",
        Kind::Receive => "receives",
    }
}
