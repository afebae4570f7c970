//! The hub of a configuration: whether there is one, and where it listens.

use event_log::{Condition, Design, Driver};

use super::{ConfigError, Door, MachineConfig, wrong};
use crate::options::HubOptions;

/// Where the hub listens; none in a design without one. With a hub no machine listens, so none may be told where.
pub(super) fn hub(
    table: Option<&HubOptions>,
    condition: &Condition,
    machines: &[MachineConfig],
) -> Result<Option<Door>, ConfigError> {
    if condition.design != Design::Hub {
        return match table {
            None => Ok(None),
            Some(_) => Err(wrong(
                "[hub]",
                format!(
                    "design {} has no hub: use `design = \"hub\"`, or drop the table",
                    condition.design.name()
                ),
            )),
        };
    }
    // In virtual time nobody listens at all.
    let told =
        |machine: &&MachineConfig| condition.driver == Driver::Sockets && !machine.door.is_usual();
    if let Some(machine) = machines.iter().find(told) {
        return Err(wrong(
            "[[machine]]",
            format!(
                "{} is told to listen on {}:{}, but with a hub the machines only dial it: drop `host` and `port`, and say in a table [hub] where the hub listens",
                machine.name, machine.door.host, machine.door.port
            ),
        ));
    }
    let table = table.cloned().unwrap_or_default();
    Ok(Some(Door::at(table.host.as_deref(), table.port)))
}
