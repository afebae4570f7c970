//! The hub of a configuration: whether there is one, and where it listens.

use event_log::{Condition, Design, Driver};

use super::error::{ConfigError, wrong};
use super::listen_addr::ListenAddr;
use super::machines::MachineConfig;
use crate::options::HubOptions;

/// Where the hub listens; none in a design without one. With a hub no machine listens, so none may have an address.
pub(super) fn hub(
    table: Option<&HubOptions>,
    condition: &Condition,
    machines: &[MachineConfig],
) -> Result<Option<ListenAddr>, ConfigError> {
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
    let has_address = |machine: &&MachineConfig| {
        condition.driver == Driver::Sockets && !machine.listen_addr.is_usual()
    };
    if let Some(machine) = machines.iter().find(has_address) {
        return Err(wrong(
            "[[machine]]",
            format!(
                "the file has {} listen on {}:{}, but with a hub the machines only dial it: drop `host` and `port`, and say in a table [hub] where the hub listens",
                machine.name, machine.listen_addr.host, machine.listen_addr.port
            ),
        ));
    }
    let table = table.cloned().unwrap_or_default();
    Ok(Some(ListenAddr::at(table.host.as_deref(), table.port)))
}
