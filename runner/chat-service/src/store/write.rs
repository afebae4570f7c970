//! Changes to the tables of a disk.
//!
//! A disk is the fold of its changes. Here a copy of it is changed, and the tables are made to hold what the copy holds: what is
//! the same by its mark is left as it is.
//!
//! **Invariant.** After a commit the tables hold the copy. After an error nobody knows what they hold.

use cluster::codec::record::{Head, LogEntry, encode_entry, encode_head, encode_snapshot};
use cluster::service::Service;
use redb::{Database, Error, Table, WriteTransaction};
use replica::durable::{Change, Durable};
use replica::log::{Log, Snapshot};

use super::layout::{
    ABOUT, HEAD, LOG, LogTables, MEMBERSHIP, PART_BYTES, STAGED, membership_bytes, seal,
};
use super::membership::Membership;

/// Writes a whole disk.
pub(super) fn found(
    database: &Database,
    membership: &Membership,
    durable: &Durable<Service>,
) -> Result<(), Error> {
    let writing = database.begin_write()?;
    put_about(&writing, MEMBERSHIP, membership_bytes(membership))?;
    put_about(&writing, HEAD, encode_head(&Head::of(durable)))?;
    let nothing = Log::default();
    put_log(&writing, LOG, Some(&nothing), Some(&durable.log))?;
    put_log(&writing, STAGED, None, durable.staged.as_ref())?;
    writing.commit()?;
    Ok(())
}

/// Makes changes, in one transaction.
pub(super) fn changes(
    database: &Database,
    kept: &mut Durable<Service>,
    changes: Vec<Change<Service>>,
) -> Result<(), Error> {
    let writing = database.begin_write()?;
    let head = Head::of(kept);
    for change in changes {
        match change {
            Change::Begin(_) | Change::Promise(_) => kept.change(change),
            Change::Append(entries) => {
                let first = kept.log.end().op.0 + 1;
                put_entries(&writing, LOG, (first..).zip(&entries))?;
                kept.change(Change::Append(entries));
            }
            Change::Install { .. } | Change::Stage(_) | Change::Compact(_) => {
                let before = (kept.log.clone(), kept.staged.clone());
                kept.change(change);
                put_log(&writing, LOG, Some(&before.0), Some(&kept.log))?;
                put_log(&writing, STAGED, before.1.as_ref(), kept.staged.as_ref())?;
            }
        }
    }
    let changed = Head::of(kept);
    if changed != head {
        put_about(&writing, HEAD, encode_head(&changed))?;
    }
    writing.commit()?;
    Ok(())
}

fn put_about(writing: &WriteTransaction, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
    let mut table = writing.open_table(ABOUT)?;
    table.insert(key, &*seal("about", key.as_bytes(), bytes))?;
    Ok(())
}

fn put_entries<'a>(
    writing: &WriteTransaction,
    tables: LogTables,
    entries: impl IntoIterator<Item = (u64, &'a LogEntry)>,
) -> Result<(), Error> {
    let mut table = writing.open_table(tables.entries)?;
    for (place, entry) in entries {
        let record = seal(tables.names.0, &place.to_be_bytes(), encode_entry(entry));
        table.insert(place, &*record)?;
    }
    Ok(())
}

/// Makes the tables of a log hold another one.
fn put_log(
    writing: &WriteTransaction,
    tables: LogTables,
    before: Option<&Log<Service>>,
    after: Option<&Log<Service>>,
) -> Result<(), Error> {
    let nothing = Log::default();
    let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let marks = |log: &Log<Service>| log.snapshot().map(|snapshot| snapshot.mark);
    if marks(before) != marks(after) {
        put_snapshot(writing, tables, after.snapshot())?;
    }
    let places = |log: &Log<Service>| log.base().op.0 + 1..log.end().op.0 + 1;
    let is_same = |place| {
        let op = replica::units::OpNumber(place);
        let ballots = [before, after].map(|log| log.entry(op).map(|entry| entry.ballot));
        ballots[0] == ballots[1]
    };
    let mut table = writing.open_table(tables.entries)?;
    remove(
        &mut table,
        places(before).filter(|place| !places(after).contains(place)),
    )?;
    drop(table);
    let (first, skipped) = (places(after).start, is_same);
    let entries = (first..).zip(after.entries());
    put_entries(
        writing,
        tables,
        entries.filter(|&(place, _)| !skipped(place)),
    )
}

fn remove(
    table: &mut Table<'_, u64, &'static [u8]>,
    places: impl Iterator<Item = u64>,
) -> Result<(), Error> {
    for place in places {
        table.remove(place)?;
    }
    Ok(())
}

fn put_snapshot(
    writing: &WriteTransaction,
    tables: LogTables,
    snapshot: Option<&Snapshot<Service>>,
) -> Result<(), Error> {
    let (_, name) = tables.names;
    writing.delete_table(tables.snapshot)?;
    let mut table = writing.open_table(tables.snapshot)?;
    let bytes = snapshot.map(encode_snapshot).unwrap_or_default();
    for (part, number) in bytes.chunks(PART_BYTES).zip(0u64..) {
        let record = seal(name, &number.to_be_bytes(), part.to_vec());
        table.insert(number, &*record)?;
    }
    Ok(())
}
