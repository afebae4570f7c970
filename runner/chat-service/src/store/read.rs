//! A disk from its tables.
//!
//! **Invariant.** Everything is checked that is read: sums, places, the order of views.

use std::path::Path;

use chat::rule::Rules;
use cluster::codec::record::{Head, LogEntry, decode_entry, decode_head, decode_snapshot};
use cluster::service::Service;
use redb::{Database, ReadTransaction, ReadableDatabase, TableDefinition, TableError};
use replica::durable::Durable;
use replica::log::{Log, Snapshot, Tail};

use super::error::StoreError;
use super::layout::{ABOUT, HEAD, LOG, LogTables, MEMBERSHIP, STAGED, membership_of, unseal};
use super::membership::Membership;

/// Whose disk it is, and what is on it.
pub(super) fn disk(
    database: &Database,
    place: &Path,
) -> Result<(Membership, Durable<Service>), StoreError> {
    let reading = database.begin_read();
    let reading = reading.map_err(|error| StoreError::database(place, error))?;
    let reader = Reader { reading, place };
    let membership = membership_of(&reader.about(MEMBERSHIP)?)
        .map_err(|why| reader.damaged(format!("about, {MEMBERSHIP}"), why))?;
    let head: Head = decode_head(&reader.about(HEAD)?)
        .map_err(|why| reader.damaged(format!("about, {HEAD}"), why))?;
    let log = reader.log(LOG)?.unwrap_or_default();
    let staged = reader.log(STAGED)?;
    let durable = Durable {
        incarnation: head.incarnation,
        promised: head.promised,
        view: head.view,
        earlier: head.earlier,
        log,
        staged,
    };
    Ok((membership, durable))
}

struct Reader<'a> {
    reading: ReadTransaction,
    place: &'a Path,
}

impl Reader<'_> {
    fn damaged(&self, record: String, why: impl ToString) -> StoreError {
        StoreError::Damaged {
            place: self.place.to_owned(),
            record,
            why: why.to_string(),
        }
    }

    fn failed(&self, error: impl Into<redb::Error>) -> StoreError {
        StoreError::database(self.place, error)
    }

    fn about(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        let name = || format!("about, {key}");
        let missing = || self.damaged(name(), "it is missing: this disk was never made whole");
        let table = match self.reading.open_table(ABOUT) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Err(missing()),
            Err(error) => return Err(self.failed(error)),
        };
        let record = table.get(key).map_err(|error| self.failed(error))?;
        let record = record.ok_or_else(missing)?;
        let bytes = unseal("about", key.as_bytes(), record.value());
        let bytes = bytes.map_err(|why| self.damaged(name(), why))?;
        Ok(bytes.to_vec())
    }

    /// All records of a table whose keys are numbers, in order.
    fn numbered(
        &self,
        table: TableDefinition<'static, u64, &'static [u8]>,
        name: &str,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let table = match self.reading.open_table(table) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(error)),
        };
        let mut all = Vec::new();
        for record in table.range::<u64>(..).map_err(|error| self.failed(error))? {
            let (key, value) = record.map_err(|error| self.failed(error))?;
            let key = key.value();
            let bytes = unseal(name, &key.to_be_bytes(), value.value());
            let bytes = bytes.map_err(|why| self.damaged(format!("{name} {key}"), why))?;
            all.push((key, bytes.to_vec()));
        }
        Ok(all)
    }

    fn log(&self, tables: LogTables) -> Result<Option<Log<Service>>, StoreError> {
        let snapshot = self.snapshot(tables)?;
        let (name, _) = tables.names;
        let records = self.numbered(tables.entries, name)?;
        let Some(snapshot) = snapshot else {
            return match records.first() {
                None => Ok(None),
                Some((key, _)) => Err(self.damaged(
                    format!("{name} {key}"),
                    "it follows no snapshot: the one before it is missing",
                )),
            };
        };
        let mut entries: Vec<LogEntry> = Vec::with_capacity(records.len());
        let mut ballot = snapshot.mark.ballot;
        for ((key, bytes), expected) in records.into_iter().zip(snapshot.mark.op.0 + 1..) {
            let record = || format!("{name} {key}");
            if key != expected {
                return Err(self.damaged(record(), format!("expected place {expected} next")));
            }
            let entry = decode_entry(&bytes).map_err(|why| self.damaged(record(), why))?;
            if entry.ballot < ballot {
                let why = format!(
                    "its view {} is before {ballot}, that of the one before it",
                    entry.ballot
                );
                return Err(self.damaged(record(), why));
            }
            ballot = entry.ballot;
            entries.push(entry);
        }
        let tail = Tail {
            after: snapshot.mark,
            snapshot: Some(snapshot),
            entries,
        };
        Ok(Log::default().extended(&tail))
    }

    fn snapshot(&self, tables: LogTables) -> Result<Option<Snapshot<Service>>, StoreError> {
        let (_, name) = tables.names;
        let parts = self.numbered(tables.snapshot, name)?;
        if parts.is_empty() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        for ((key, part), expected) in parts.into_iter().zip(0..) {
            if key != expected {
                return Err(self.damaged(
                    format!("{name} {key}"),
                    format!("expected part {expected} next"),
                ));
            }
            bytes.extend_from_slice(&part);
        }
        let snapshot = decode_snapshot(&bytes, Rules::default());
        let snapshot = snapshot.map_err(|why| self.damaged(name.to_owned(), why))?;
        Ok(Some(snapshot))
    }
}
