//! How many machines share a process.
//!
//! Up to [`ONE_EACH_MAX`] machines each has a process of its own, as on hosts of their own. More would spend the host on
//! processes that wait for each other, and a mesh of them on connections: their number grows with the square.

use event_log::{Condition, Design, Driver};

use super::error::{ConfigError, wrong};
use super::machines::MachineConfig;

/// Up to this number of machines each has a process of its own, unless the user says otherwise.
pub const ONE_EACH_MAX: u32 = 16;
/// Processes for each processor when machines share them: two threads each, and one mostly waits.
const PROCESSES_PER_PROCESSOR: usize = 4;

/// How many machines share a process: as asked for, or as fits the host. 1 in virtual time, where there are none.
pub(super) fn per_process(
    asked: Option<u32>,
    condition: &Condition,
    machines: &[MachineConfig],
    processors: usize,
) -> Result<u32, ConfigError> {
    let fail = |problem: String| Err(wrong("--per-process", problem));
    let own_address = machines
        .iter()
        .find(|machine| !machine.listen_addr.is_usual());
    let count = condition.machines;
    let Some(asked) = asked else {
        let one_each =
            condition.driver == Driver::Virtual || count <= ONE_EACH_MAX || own_address.is_some();
        return Ok(if one_each {
            1
        } else {
            count.div_ceil(processes(processors))
        });
    };
    if condition.driver == Driver::Virtual {
        return fail("there are no processes in virtual time: drop it, or --virtual".to_owned());
    }
    match (asked, own_address) {
        (0, _) => fail("0 machines: a process takes at least 1".to_owned()),
        (1, _) => Ok(1),
        (_, Some(machine)) => fail(format!(
            "machines of one process share its address, but the file has {} listen on {}:{}: drop `host` and `port` of the machines, or use --per-process 1",
            machine.name, machine.listen_addr.host, machine.listen_addr.port
        )),
        // Through a hub every message passes sockets all the same.
        (_, None) if asked >= count && condition.design != Design::Hub => fail(format!(
            "{asked} with {count} machines leaves one process, and no message would pass a socket: give at most {}, or use --virtual",
            count.div_ceil(2)
        )),
        _ => Ok(asked.min(count)),
    }
}

/// How many processes suit a host.
fn processes(processors: usize) -> u32 {
    let wanted = processors.saturating_mul(PROCESSES_PER_PROCESSOR);
    u32::try_from(wanted).map_or(ONE_EACH_MAX, |wanted| wanted.clamp(2, 64))
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use crate::options::TrialOptions;

    fn chosen(file: &str, processors: usize) -> (u32, u32) {
        let options: TrialOptions = toml::from_str(file).expect("the test's own file");
        let config = Config::new(options, 1, processors).expect(file);
        (config.condition.per_process, config.condition.processes())
    }

    #[test]
    fn few_machines_have_a_process_each_and_many_share_as_many_as_suit_the_host() {
        assert_eq!(chosen("machines = 3", 2), (1, 3));
        assert_eq!(chosen("machines = 16", 2), (1, 16));
        assert_eq!(chosen("machines = 17", 2), (3, 6));
        assert_eq!(chosen("machines = 1000", 2), (125, 8));
        assert_eq!(chosen("machines = 1000", 16), (16, 63));
        assert_eq!(chosen("machines = 1000\nvirtual = true", 2), (1, 1000));
        assert_eq!(chosen("machines = 17\nper_process = 1", 2), (1, 17));
        assert_eq!(chosen("machines = 3\nper_process = 2", 2), (2, 2));
        assert_eq!(
            chosen("machines = 3\nper_process = 9\ndesign = 'hub'", 2),
            (3, 1)
        );
        let listen_addrs = "[[machine]]\nport = 7000\n".to_owned() + &"[[machine]]\n".repeat(19);
        assert_eq!(chosen(&listen_addrs, 2), (1, 20));
    }

    #[test]
    fn a_record_that_does_not_say_is_of_a_process_each() {
        let recorded = |file: &str| {
            let options: TrialOptions = toml::from_str(file).expect("the test's own file");
            let config = Config::new(options.as_recorded(), 1, 2).expect(file);
            (config.condition.per_process, config.condition.processes())
        };
        assert_eq!(recorded("machines = 17\nvirtual = false"), (1, 17));
        assert_eq!(recorded("machines = 17\nper_process = 5"), (5, 4));
        assert_eq!(recorded("machines = 17\nvirtual = true"), (1, 17));
        let more: TrialOptions = toml::from_str("machines = 1000").expect("flags");
        let record: TrialOptions = toml::from_str("machines = 17").expect("a record");
        let config = Config::new(more.over(record.as_recorded()), 1, 2).expect("more machines");
        assert_eq!(
            config.condition.per_process, 125,
            "a number for another swarm"
        );
    }
}
