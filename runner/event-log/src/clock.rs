//! The row of a scale-model machine: what happened at a tick and what the Lamport clock read after it.

use crate::record::{Fields, Row, RowError, RowText};
use crate::units::{LamportTime, MachineId, Tick};

/// What a machine did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Nothing that anybody else can see.
    Internal,
    /// One message to one peer.
    Send {
        /// The recipient.
        to: MachineId,
    },
    /// One message to every peer; a single event.
    Broadcast,
    /// One message taken from the network queue.
    Receive {
        /// The sender.
        from: MachineId,
        /// The sender's tick at which the message was sent; with the sender it names the message.
        sent_tick: Tick,
        /// The clock that the message carried: the sender's, after the increment for the send event.
        sent_clock: LamportTime,
    },
}

impl Event {
    /// The word in the `event` column.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Internal => "internal",
            Event::Send { .. } => "send",
            Event::Broadcast => "broadcast",
            Event::Receive { .. } => "receive",
        }
    }
}

/// One event of one machine, without its system time, which only a driver knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockEvent {
    /// The tick at which it happened.
    pub tick: Tick,
    /// What happened.
    pub event: Event,
    /// The Lamport clock after the event.
    pub clock: LamportTime,
    /// Messages left in the network queue after the event.
    pub queue: u64,
}

impl Row for ClockEvent {
    const HEADER: &'static str = "tick,time_ns,event,clock,queue,peer,sent_tick,sent_clock";

    fn encode(&self, time_ns: u64, line: &mut Vec<u8>) {
        let mut row = RowText::new();
        row.number(self.tick.0);
        row.text(b",");
        row.number(time_ns);
        match self.event {
            Event::Internal => row.text(b",internal,"),
            Event::Send { .. } => row.text(b",send,"),
            Event::Broadcast => row.text(b",broadcast,"),
            Event::Receive { .. } => row.text(b",receive,"),
        }
        row.number(self.clock.0);
        row.text(b",");
        row.number(self.queue);
        row.text(b",");
        match self.event {
            Event::Internal | Event::Broadcast => row.text(b",,"),
            Event::Send { to } => {
                row.number(u64::from(to.0));
                row.text(b",,");
            }
            Event::Receive {
                from,
                sent_tick,
                sent_clock,
            } => {
                row.number(u64::from(from.0));
                row.text(b",");
                row.number(sent_tick.0);
                row.text(b",");
                row.number(sent_clock.0);
            }
        }
        row.append_to(line);
    }

    fn decode(line: &str) -> Result<(u64, ClockEvent), RowError> {
        let mut fields = Fields::new(line);
        let tick = Tick(fields.number("tick")?);
        let time_ns = fields.number("time_ns")?;
        let name = fields.text("event")?;
        let clock = LamportTime(fields.number("clock")?);
        let queue = fields.number("queue")?;
        let event = match name {
            "internal" => Event::Internal,
            "broadcast" => Event::Broadcast,
            "send" => Event::Send {
                to: MachineId(fields.number("peer")?),
            },
            "receive" => Event::Receive {
                from: MachineId(fields.number("peer")?),
                sent_tick: Tick(fields.number("sent_tick")?),
                sent_clock: LamportTime(fields.number("sent_clock")?),
            },
            other => {
                return Err(RowError::Field {
                    column: "event",
                    expected: "internal, send, broadcast or receive",
                    found: other.to_owned(),
                });
            }
        };
        match event {
            Event::Internal | Event::Broadcast => {
                fields.end_after_empty(&["peer", "sent_tick", "sent_clock"])?;
            }
            Event::Send { .. } => fields.end_after_empty(&["sent_tick", "sent_clock"])?,
            Event::Receive { .. } => fields.end_after_empty(&[])?,
        }
        Ok((
            time_ns,
            ClockEvent {
                tick,
                event,
                clock,
                queue,
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Record;

    fn any_event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Internal),
            Just(Event::Broadcast),
            any::<u32>().prop_map(|to| Event::Send { to: MachineId(to) }),
            any::<(u32, u64, u64)>().prop_map(|(from, tick, clock)| Event::Receive {
                from: MachineId(from),
                sent_tick: Tick(tick),
                sent_clock: LamportTime(clock),
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_row_written_equals_the_row_read(
            event in any_event(), time_ns: u64, tick: u64, clock: u64, queue: u64,
        ) {
            let event = ClockEvent { tick: Tick(tick), event, clock: LamportTime(clock), queue };
            let mut line = Vec::new();
            Record { time_ns, event }.encode_line(&mut line);
            let text = String::from_utf8(line).expect("rows are ASCII");
            prop_assert_eq!(text.matches(',').count(), ClockEvent::HEADER.matches(',').count());
            prop_assert_eq!(Record::decode_line(&text), Ok(Record { time_ns, event }));
        }

        #[test]
        fn no_line_panics(line in ".{0,80}") {
            let _ = ClockEvent::decode(&line);
        }

        #[test]
        fn a_row_cut_short_at_a_column_is_refused(event in any_event(), keep in 0usize..7) {
            let event = ClockEvent { tick: Tick(1), event, clock: LamportTime(2), queue: 0 };
            let mut line = Vec::new();
            event.encode(5, &mut line);
            let text = String::from_utf8(line).expect("rows are ASCII");
            let cut: Vec<&str> = text.split(',').take(keep + 1).collect();
            prop_assert!(ClockEvent::decode(&cut.join(",")).is_err());
        }
    }

    #[test]
    fn an_error_names_column_expected_and_found() {
        let error = ClockEvent::decode("3,17,sent,4,0,1,,").expect_err("`sent` is no event");
        assert_eq!(
            error.to_string(),
            "column `event`: expected internal, send, broadcast or receive, found `sent`"
        );
        let error = ClockEvent::decode("3,17,receive,4,0,1,,9").expect_err("sent_tick is missing");
        assert_eq!(
            error.to_string(),
            "column `sent_tick`: expected a whole number, found ``"
        );
    }
}
