//! A private authority, and a certificate with its key for each host.
//!
//! The authority signs certificates of servers and nothing else; whoever has its certificate believes them. Its key is needed
//! to make certificates of further hosts, and nowhere else.
//!
//! **Invariant.** A file that exists is never written over. Keys are readable for their owner alone from their first byte on.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use thiserror::Error;

use crate::new_file;

/// How long an authority is believed, years.
const AUTHORITY_YEARS: i32 = 10;
/// How long a certificate of a host is, years.
const HOST_YEARS: i32 = 2;

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum KeysError {
    /// A host was named that cannot be one.
    #[error(
        "`{host}` is no name or address of a host: letters, digits, dots, hyphens and colons, as in chat.example.org or 10.0.0.7"
    )]
    Host {
        /// What was named.
        host: String,
    },
    /// A file is there already.
    #[error("{} exists, and keys are never written over: move it away, or choose another folder with --out", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// An authority is there by half.
    #[error(
        "{} is missing beside {}: without both the authority cannot sign; bring it back, or choose another folder with --out",
        missing.display(), found.display()
    )]
    HalfAuthority {
        /// What is missing.
        missing: PathBuf,
        /// What is there.
        found: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A certificate could not be made.
    #[error("{}: {source}", path.display())]
    Certificate {
        /// The file that it was for, or whose key could not be used.
        path: PathBuf,
        /// Why.
        source: rcgen::Error,
    },
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeKeys {
    /// The certificate of the authority: every server and every client needs it.
    pub authority: PathBuf,
    /// The key of the authority: it stays where it is, or offline.
    pub authority_key: PathBuf,
    /// Whether the authority was there before.
    pub authority_existed: bool,
    /// Certificate and key of each host: both go to that host alone.
    pub hosts: Vec<HostKeys>,
}

/// What was made for one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKeys {
    /// The host.
    pub host: String,
    /// Its certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Makes certificates of these hosts in a folder, by the authority in it; an authority too, if there is none.
///
/// # Errors
///
/// [`KeysError`]. Nothing is made if any of the files exists.
pub fn make_keys(folder: &Path, hosts: &[String]) -> Result<MadeKeys, KeysError> {
    let made = MadeKeys {
        authority: folder.join("authority.pem"),
        authority_key: folder.join("authority.key"),
        authority_existed: folder.join("authority.pem").exists(),
        hosts: hosts_in(folder, hosts)?,
    };
    for host in &made.hosts {
        for path in [&host.certificate, &host.key] {
            if path.exists() {
                return Err(KeysError::Exists { path: path.clone() });
            }
        }
    }
    make_folder(folder).map_err(|source| KeysError::File {
        path: folder.to_owned(),
        source,
    })?;
    let authority = authority(&made)?;
    for host in &made.hosts {
        make_host(host, &authority)?;
    }
    Ok(made)
}

fn hosts_in(folder: &Path, hosts: &[String]) -> Result<Vec<HostKeys>, KeysError> {
    let mut all: Vec<HostKeys> = Vec::new();
    for host in hosts {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || ".-:".contains(letter);
        let is_name = host.chars().all(allowed) && host.starts_with(|c: char| c != '.' && c != '-');
        if host.is_empty() || !is_name || host == "authority" {
            return Err(KeysError::Host { host: host.clone() });
        }
        if all.iter().any(|one| one.host == *host) {
            continue;
        }
        // A colon of an IPv6 address is not for every file system.
        let stem = host.replace(':', "_");
        all.push(HostKeys {
            host: host.clone(),
            certificate: folder.join(format!("{stem}.pem")),
            key: folder.join(format!("{stem}.key")),
        });
    }
    Ok(all)
}

/// The authority of the folder, made if there is none.
fn authority(made: &MadeKeys) -> Result<Issuer<'static, KeyPair>, KeysError> {
    let (path, key_path) = (&made.authority, &made.authority_key);
    let failed = |source| KeysError::Certificate {
        path: key_path.clone(),
        source,
    };
    let mut parameters = CertificateParams::default();
    let name = &mut parameters.distinguished_name;
    name.remove(DnType::CommonName);
    name.push(DnType::CommonName, "chat authority");
    // It signs hosts, and no further authorities.
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid_for(&mut parameters, AUTHORITY_YEARS);
    match (path.exists(), key_path.exists()) {
        (true, true) => {
            let key = fs::read_to_string(key_path).map_err(|source| KeysError::File {
                path: key_path.clone(),
                source,
            })?;
            let key = KeyPair::from_pem(&key).map_err(failed)?;
            // Name and key are all that a signature needs of an authority; it has the name of all of ours.
            Ok(Issuer::new(parameters, key))
        }
        (false, false) => {
            let key = KeyPair::generate().map_err(failed)?;
            let certificate = parameters.self_signed(&key).map_err(failed)?;
            write_new(key_path, &key.serialize_pem(), true)?;
            write_new(path, &certificate.pem(), false)?;
            Ok(Issuer::new(parameters, key))
        }
        (there, _) => {
            let (found, missing) = match there {
                true => (path, key_path),
                false => (key_path, path),
            };
            let (missing, found) = (missing.clone(), found.clone());
            Err(KeysError::HalfAuthority { missing, found })
        }
    }
}

fn make_host(host: &HostKeys, authority: &Issuer<'static, KeyPair>) -> Result<(), KeysError> {
    let failed = |source| KeysError::Certificate {
        path: host.certificate.clone(),
        source,
    };
    let mut parameters = CertificateParams::new([host.host.clone()]).map_err(failed)?;
    let name = &mut parameters.distinguished_name;
    name.remove(DnType::CommonName);
    name.push(DnType::CommonName, host.host.as_str());
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // A server is dialled, and dials others.
    parameters.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    valid_for(&mut parameters, HOST_YEARS);
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = parameters.signed_by(&key, authority).map_err(failed)?;
    write_new(&host.key, &key.serialize_pem(), true)?;
    write_new(&host.certificate, &certificate.pem(), false)
}

/// From yesterday, for hosts whose clocks are behind, for some years.
fn valid_for(parameters: &mut CertificateParams, years: i32) {
    let today = Zoned::now().date();
    let date = |date: Date| {
        let (year, month, day) = (date.year(), date.month(), date.day());
        date_time_ymd(year.into(), month.unsigned_abs(), day.unsigned_abs())
    };
    parameters.not_before = date(today.saturating_sub(1.day()));
    parameters.not_after = date(today.saturating_add(years.years()));
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_new(path: &Path, contents: &str, is_secret: bool) -> Result<(), KeysError> {
    let written = match is_secret {
        true => new_file::write_private(path, contents.as_bytes()),
        false => new_file::write(path, contents.as_bytes()),
    };
    let path = path.to_owned();
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeysError::Exists { path },
        _ => KeysError::File { path, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_made_once_and_signs_further_hosts() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = folder.path().join("keys");
        let hosts = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let made = make_keys(&keys, &hosts(&["10.0.0.1", "chat.example", "10.0.0.1"]));
        let made = made.expect("keys");
        assert_eq!((made.hosts.len(), made.authority_existed), (2, false));
        let authority = fs::read(&made.authority).expect("a file");
        let more = make_keys(&keys, &hosts(&["::1"])).expect("keys");
        assert!(more.authority_existed);
        assert_eq!(fs::read(&more.authority).expect("a file"), authority);
        for path in [&more.authority_key, &made.hosts[0].key, &more.hosts[0].key] {
            assert!(new_file::is_private(path).expect("a file"));
        }
        let again = make_keys(&keys, &hosts(&["new.example", "10.0.0.1"]));
        assert!(matches!(again, Err(KeysError::Exists { .. })), "{again:?}");
        assert!(!keys.join("new.example.pem").exists());
        for wrong in ["", "a b", "../a", "authority", "-a"] {
            let made = make_keys(&keys, &hosts(&[wrong]));
            assert!(matches!(made, Err(KeysError::Host { .. })), "{wrong}");
        }
        fs::remove_file(&made.authority_key).expect("a file");
        let half = make_keys(&keys, &hosts(&["late.example"]));
        assert!(
            matches!(half, Err(KeysError::HalfAuthority { .. })),
            "{half:?}"
        );
    }
}
