//! Any bytes at all: no panic, and every line in the account.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const TEXT: &str = "name = 't'\n[time]\nformat = 'rfc3339'\n[[header]]\npattern = '^rate (?<rate>\\S*)'\nbegins_trial = true\n\
    [[event]]\nkind = 'send'\npattern = '^(?<time>\\S+) (?<machine>\\w+) (?<clock>[^ ]*) -> (?<to>.*)$'\n\
    [[event]]\nkind = 'receive'\npattern = '^(?<time>\\S+) (?<machine>\\w+) (?<clock>[^ ]*) q(?<queue>.*)$'\n";
const RECORDS: &str = "name = 'r'\n[lines]\nrecord = '^\\S'\n[[event]]\nkind = 'internal'\npattern = '^(?<clock>.*)\\n (?<machine>.*)'\n";
const TABLE: &str = "name = 'c'\n[lines]\nkind = 'csv'\n[[event]]\nkind = 'send'\nwhere = { k = 's.*' }\nfields = { clock = 'c', to = 'to', trial = 't' }\n\
    [[header]]\nwhere = { k = 'h' }\nfields = { machine = 'to', rate = 'c' }\nbegins_trial = true\n";
const OBJECTS: &str = "name = 'j'\n[lines]\nkind = 'json'\n[[event]]\nkind = 'send'\nwhere = { k = 's' }\nfields = { clock = 'c.v', to = 'to' }\n";

const SAMPLES: [(&str, &str); 4] = [
    (
        TEXT,
        "rate 3\n2024-01-02T03:04:05.5Z A 1 -> B, C\r\n2024-01-02T03:04:06Z B [1, 2] q3\nrate 0.5\n2024-01-02T03:04:07Z A 1,000 q0",
    ),
    (RECORDS, "12\n A\n13\n B\nx\ny\n 14\n"),
    (
        TABLE,
        "k,c,to,t\nh,3,A,\nsend,1,\"B\nC\",x\nsend,2,B\n\nk,c,to,t\n",
    ),
    (
        OBJECTS,
        "[{\"k\": \"s\", \"c\": {\"v\": [1, 2]}, \"to\": \"\\u00e9\"},\n{\"k\":\n 's', \"to\": (1,)}]\n",
    ),
];

/// The formats of the samples, compiled once.
static FORMATS: LazyLock<Vec<Compiled>> =
    LazyLock::new(|| SAMPLES.iter().map(|(format, _)| compiled(format)).collect());

/// Reads bytes by all formats; the sums are checked on the way.
fn read_all(bytes: &[u8]) {
    for format in FORMATS.iter() {
        let loaded = loaded_files(format, &[("m.log", bytes)]);
        let account = account_of(&loaded);
        let ends = bytes
            .iter()
            .filter(|byte| matches!(byte, b'\n' | b'\r'))
            .count() as u64;
        assert!(
            account.lines <= ends + 1
                || bytes.starts_with(&[0xff, 0xfe])
                || bytes.starts_with(&[0xfe, 0xff])
        );
        let events: usize = loaded
            .trials
            .iter()
            .flat_map(|history| &history.machines)
            .map(|machine| machine.rows.len())
            .sum();
        assert!(account.events == 0 || events > 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn arbitrary_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn samples_with_changed_bytes_are_read(
        sample in 0..SAMPLES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 0..12),
    ) {
        let mut bytes = SAMPLES[sample].1.as_bytes().to_vec();
        for (at, byte, change) in changes {
            let at = at.index(bytes.len().max(1));
            match change {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.insert(at.min(bytes.len()), byte),
            }
        }
        read_all(&bytes);
    }
}

#[test]
fn samples_are_read_whole() {
    for (format, text) in SAMPLES {
        let loaded = loaded(format, text);
        assert!(account_of(&loaded).events > 0, "{text}");
    }
}
