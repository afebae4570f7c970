//! What outlives a client: its session, and how far each mailbox was shown.
//!
//! One file, readable by its owner alone, written whole: beside the old one, flushed, then put in its place. Passwords are not in
//! it; the token of a session that is open is.
//!
//! **Invariant.** Of two clients on one file the second is refused. A file is either the one before a change or the one after it.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chat::client::Saved;
use chat::identity::{AccountId, Offset, Token, View};
use chat::name::Name;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// The version of the file's format.
const FORMAT_VERSION: u32 = 1;

/// Why a device's file cannot be used.
#[derive(Debug, Error)]
pub enum DeviceError {
    /// Another client has it.
    #[error(
        "{}: another client uses it; end that one, or be another device with --state FILE or --ephemeral",
        .path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let us.
    #[error("{}: {error}; give another file with --state FILE, or keep nothing with --ephemeral", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// Its text is not what a client writes.
    #[error(
        "{}: {why}; expected what `runner chat client` wrote. Move it away to begin as a new device: what was shown may be shown again",
        .path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Nobody knows where it would be.
    #[error(
        "neither XDG_STATE_HOME nor HOME is set, so there is no folder for this device: give --state FILE, or keep nothing with --ephemeral"
    )]
    NoHome,
}

/// A session that goes on when a client starts again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptSession {
    /// The name of its account.
    name: String,
    account: Uuid,
    /// Proof of it, in hexadecimal digits.
    token: String,
    view: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format_version: u32,
    session: Option<KeptSession>,
    /// The account of the last session.
    owner: Option<Uuid>,
    /// The last message of each account that was shown.
    shown: BTreeMap<Uuid, u64>,
}

/// A device.
#[derive(Debug)]
pub struct Device {
    kept: Kept,
    /// Whether what the file has is older.
    is_changed: bool,
    file: Option<DeviceFile>,
}

#[derive(Debug)]
struct DeviceFile {
    path: PathBuf,
    /// Locked while the device is used; the system lets go of it when the process ends, however it does.
    _lock: File,
}

impl Device {
    /// A device that keeps nothing.
    pub fn ephemeral() -> Device {
        Device {
            kept: Kept::default(),
            is_changed: false,
            file: None,
        }
    }

    /// The device of a file; a new one if there is none yet.
    ///
    /// # Errors
    ///
    /// [`DeviceError`], with what to do.
    pub fn open(path: &Path) -> Result<Device, DeviceError> {
        let fail = |error| DeviceError::Io {
            path: path.to_owned(),
            error,
        };
        if let Some(folder) = path.parent() {
            create_private_folder(folder).map_err(fail)?;
        }
        let lock = private()
            .append(true)
            .open(beside(path, "lock"))
            .map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.to_owned();
                return Err(DeviceError::InUse { path });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        let kept = match fs::read_to_string(path) {
            Ok(text) => parse(path, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(fail(error)),
        };
        let file = DeviceFile {
            path: path.to_owned(),
            _lock: lock,
        };
        let mut device = Device {
            kept,
            is_changed: true,
            file: Some(file),
        };
        // What cannot be written is no surprise after the first message.
        device.keep()?;
        Ok(device)
    }

    /// Where the device of a name in a cluster is kept by default.
    ///
    /// # Errors
    ///
    /// [`DeviceError::NoHome`].
    pub fn default_path(cluster: &str, name: &Name) -> Result<PathBuf, DeviceError> {
        let set = |variable| {
            let value = std::env::var_os(variable).map(PathBuf::from);
            value.filter(|path| path.is_absolute())
        };
        let home = || set("HOME").or_else(|| set("USERPROFILE"));
        let state = set("XDG_STATE_HOME").or_else(|| Some(home()?.join(".local").join("state")));
        let folder = state.ok_or(DeviceError::NoHome)?.join("driftlab-chat");
        Ok(folder.join(cluster).join(format!("{}.json", name.as_str())))
    }

    /// Whether it outlives the client.
    pub fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Who is logged in on it.
    pub fn name(&self) -> Option<&str> {
        Some(&self.kept.session.as_ref()?.name)
    }

    /// Forgets its session, and not what it has shown.
    pub fn forget_session(&mut self) {
        self.kept.session = None;
    }

    /// What the core of a client goes on with.
    pub(super) fn saved(&self) -> Option<Saved> {
        let session = self.kept.session.as_ref()?;
        Some(Saved {
            token: token_of(&session.token)?,
            seen: self.shown(AccountId(session.account)),
            view: View(session.view),
        })
    }

    /// The account of its session.
    pub(super) fn account(&self) -> Option<AccountId> {
        Some(AccountId(self.kept.session.as_ref()?.account))
    }

    /// The account of its last session, and how far that one's mailbox was shown.
    pub(super) fn owner(&self) -> Option<(AccountId, Offset)> {
        let owner = AccountId(self.kept.owner?);
        Some((owner, self.shown(owner)))
    }

    /// The last message of an account that was shown.
    pub(super) fn shown(&self, account: AccountId) -> Offset {
        Offset(self.kept.shown.get(&account.0).copied().unwrap_or(0))
    }

    /// A session is open, or goes on, or none is.
    pub(super) fn set_session(&mut self, session: Option<(&Name, AccountId, Saved)>) {
        let session = session.map(|(name, account, saved)| KeptSession {
            name: name.as_str().to_owned(),
            account: account.0,
            token: hex(&saved.token.0),
            view: saved.view.0,
        });
        if session == self.kept.session {
            return;
        }
        let owner = session.as_ref().map(|session| session.account);
        self.kept.owner = owner.or(self.kept.owner);
        self.kept.session = session;
        self.is_changed = true;
    }

    /// An account's messages are shown through this one. Going back is for a service that has lost some.
    pub(super) fn show(&mut self, account: AccountId, last: Offset) {
        self.is_changed |= self.kept.shown.insert(account.0, last.0) != Some(last.0);
    }

    /// Whether something is to be kept.
    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Keeps all changes: they survive a loss of power then.
    ///
    /// # Errors
    ///
    /// When that is not known.
    pub(super) fn keep(&mut self) -> Result<(), DeviceError> {
        if !std::mem::take(&mut self.is_changed) {
            return Ok(());
        }
        let Some(DeviceFile { path, .. }) = &self.file else {
            return Ok(());
        };
        self.kept.format_version = FORMAT_VERSION;
        let written = serde_json::to_vec_pretty(&self.kept)
            .map_err(io::Error::other)
            .and_then(|text| replace(path, &text));
        written.map_err(|error| DeviceError::Io {
            path: path.clone(),
            error,
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<Kept, DeviceError> {
    let fail = |why: String| DeviceError::Malformed {
        path: path.to_owned(),
        why,
    };
    let kept: Kept = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
    if kept.format_version != FORMAT_VERSION {
        return Err(fail(format!(
            "format version {}, and this client reads version {FORMAT_VERSION}",
            kept.format_version
        )));
    }
    if let Some(session) = &kept.session
        && (token_of(&session.token).is_none() || Name::new(&session.name).is_err())
    {
        return Err(fail(
            "its session has no token of 64 hexadecimal digits, or no name of an account"
                .to_owned(),
        ));
    }
    Ok(kept)
}

/// Puts a file with this text in the place of another, so that after a loss of power one of them is there, whole.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = beside(path, "new");
    let mut file = private().write(true).truncate(true).open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // The folder has the name: it is flushed too, where a system can.
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    match cfg!(unix) {
        true => File::open(folder.unwrap_or(Path::new(".")))?.sync_all(),
        false => Ok(()),
    }
}

/// Opens files that only their owner reads.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The file of the same name with one more word at its end.
fn beside(path: &Path, word: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    PathBuf::from(name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn token_of(text: &str) -> Option<Token> {
    let mut token = [0; 32];
    if text.len() != 2 * token.len() || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in token.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(Token(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(view: u64) -> Saved {
        Saved {
            token: Token([0xab; 32]),
            seen: Offset(0),
            view: View(view),
        }
    }

    #[test]
    fn a_device_goes_on_where_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("below").join("ada.json");
        let (name, account) = (Name::new("ada").expect("a name"), AccountId(Uuid::max()));
        let mut device = Device::open(&path).expect("a new device");
        assert!(device.saved().is_none());
        device.set_session(Some((&name, account, saved(3))));
        device.show(account, Offset(7));
        device.keep().expect("written");
        drop(device);
        let mut device = Device::open(&path).expect("the same device");
        let kept = device.saved().expect("a session");
        assert_eq!(
            (kept.token, kept.seen, kept.view),
            (Token([0xab; 32]), Offset(7), View(3))
        );
        assert_eq!(
            (device.name(), device.account()),
            (Some("ada"), Some(account))
        );
        // After a log-out it still knows what it has shown.
        device.set_session(None);
        device.keep().expect("written");
        drop(device);
        let device = Device::open(&path).expect("the same device");
        assert!(device.saved().is_none());
        assert_eq!(device.owner(), Some((account, Offset(7))));
    }

    #[test]
    fn two_clients_do_not_share_a_device() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ada.json");
        let first = Device::open(&path).expect("a new device");
        let error = Device::open(&path).expect_err("it is in use");
        assert!(matches!(error, DeviceError::InUse { .. }), "{error}");
        drop(first);
        Device::open(&path).expect("it is free again");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ada.json");
        Device::open(&path).expect("a new device");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_no_client_wrote_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ada.json");
        let token = "zz".repeat(32);
        let session = format!(
            r#"{{"format_version":1,"session":{{"name":"ada","account":"{}","token":"{token}","view":1}},"owner":null,"shown":{{}}}}"#,
            Uuid::nil()
        );
        for (text, expected) in [
            ("", "EOF"),
            (
                r#"{"format_version":9,"session":null,"owner":null,"shown":{}}"#,
                "version 9",
            ),
            (session.as_str(), "64 hexadecimal digits"),
        ] {
            fs::write(&path, text).expect("written");
            let error = Device::open(&path)
                .expect_err("it is malformed")
                .to_string();
            assert!(
                error.contains("ada.json") && error.contains(expected),
                "{error}"
            );
        }
    }
}
