//! The table of a jump's chain: a line for each machine that the value passed through.

use std::path::Path;

use text::number::UNKNOWN;

use super::cells::{Alignment, Table};
use crate::causal_chain::Break;
use crate::trace::{Row, TracedHop, TracedJump};

/// How many hops are shown unless all are asked for: the first of them, and the last.
const HOPS_SHOWN: (usize, usize) = (12, 3);

/// The chain, from the jump back to the minter.
pub fn table(jump: &TracedJump, all: bool) -> Table {
    let mut table = Table::new(title(jump), caption(jump))
        .column("machine", Alignment::Left)
        .column("tick", Alignment::Right)
        .column("time, s", Alignment::Right)
        .column("clock", Alignment::Right)
        .column("own", Alignment::Right)
        .column("carried", Alignment::Right)
        .column("row", Alignment::Left)
        .column("raised by", Alignment::Left)
        .column("at tick", Alignment::Right)
        .column("in row", Alignment::Left);
    let (first, last) = HOPS_SHOWN;
    let hidden = match jump.hops.len().saturating_sub(first + last) {
        0 | 1 => 0,
        _ if all => 0,
        hidden => hidden,
    };
    for (index, hop) in jump.hops.iter().enumerate() {
        if hidden == 0 || index < first || index >= first + hidden {
            table.rows.push(row(hop));
        } else if index == first {
            let mut more = vec!["…".to_owned(); table.headers.len()];
            more[0] = format!("{hidden} more");
            table.rows.push(more);
        }
    }
    table
}

fn title(jump: &TracedJump) -> String {
    let at = jump.hops.first();
    let when = at.map_or(String::new(), |hop| {
        format!(
            " at tick {}{}",
            hop.row.tick,
            hop.row
                .time_s
                .map_or(String::new(), |time| format!(", {time:.3} s"))
        )
    });
    let what = match jump.jump.0 {
        1.0 => "an ordinary tick".to_owned(),
        units => format!("a jump of {units}"),
    };
    let trial = jump.name.clone().unwrap_or_else(|| jump.trial.to_string());
    format!(
        "{}: {what}, from {} to {}{when} · trial {trial} of {}",
        machine(jump.machine, at.and_then(|hop| hop.rate)),
        jump.clock_before.0,
        jump.clock.0,
        jump.run
    )
}

/// `M0 · 3 Hz`
fn machine(id: u32, rate: Option<f64>) -> String {
    match rate {
        Some(rate) => format!("M{id} · {rate} Hz"),
        None => format!("M{id}"),
    }
}

fn row(hop: &TracedHop) -> Vec<String> {
    let unknown = || UNKNOWN.to_owned();
    let raised = hop.raised.as_ref();
    let from = raised.and_then(|raised| raised.from);
    vec![
        machine(hop.row.machine, hop.rate),
        hop.row.tick.to_string(),
        hop.row
            .time_s
            .map_or(unknown(), |time| format!("{time:.3}")),
        hop.clock.to_string(),
        hop.own.to_string(),
        raised.map_or(unknown(), |raised| raised.carried.to_string()),
        place(&hop.row),
        from.map_or(unknown(), |from| format!("M{from}")),
        raised.map_or(unknown(), |raised| raised.row.tick.to_string()),
        raised.map_or(unknown(), |raised| place(&raised.row)),
    ]
}

/// `machine-0.csv:25`
fn place(row: &Row) -> String {
    let name = Path::new(&row.file).file_name().unwrap_or_default();
    format!("{}:{}", name.to_string_lossy(), row.line)
}

fn caption(jump: &TracedJump) -> String {
    let mut shares: Vec<(u32, u64)> = jump
        .minted_by
        .iter()
        .map(|(id, units)| (*id, *units))
        .collect();
    shares.sort_by_key(|&(id, units)| (std::cmp::Reverse(units), id));
    let shares: Vec<String> = shares
        .into_iter()
        .map(|(id, units)| format!("{units} minted by M{id}"))
        .collect();
    let mut caption = format!("Clock {} = {}", jump.clock.0, shares.join(" + "));
    if let Some(why) = jump.broken {
        if !shares.is_empty() {
            caption += " + ";
        }
        caption += &format!("{} untraced: {}.", jump.unknown, broken(jump, why));
    } else {
        caption += ".";
    }
    caption
        + " From the jump (first line) back to the minter (last line). Clock = own + carried: the machine's own ticks since \
           the row on the right, where a message with a larger clock raised it; the next line is the row that sent that \
           message."
}

/// Why the last line is not the minter.
fn broken(jump: &TracedJump, why: Break) -> String {
    let last = jump.hops.last();
    let machine = last.map_or(jump.machine, |hop| hop.row.machine);
    let raised = last.and_then(|hop| hop.raised.as_ref());
    let sent = raised.map_or(String::new(), |raised| {
        let from = raised
            .from
            .map_or(UNKNOWN.to_owned(), |from| format!("M{from}"));
        {
            let tick = raised
                .sent_tick
                .map_or(UNKNOWN.to_owned(), |tick| tick.to_string());
            format!("{from} sent to M{machine} at tick {tick}")
        }
    });
    match why {
        Break::Clock => format!(
            "the rows of M{machine} do not make this clock; rows are missing, or break the rule of clocks (see `analyze check`)"
        ),
        Break::Sender => "the receive names no other machine of the trial as the sender".to_owned(),
        Break::Ambiguous => {
            "several sends could be the message's, and the logs do not tell which".to_owned()
        }
        Break::Send => format!("no log has the row by which {sent}; it was cut off or lost"),
        Break::Stamp => {
            format!("the message that {sent} carried another clock than its sender had")
        }
    }
}
