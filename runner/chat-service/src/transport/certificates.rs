//! Keys and certificates in files, as `runner chat keys` writes them or another authority gives them.
//!
//! **Invariant.** What is wrong with a file is said with its path, and with what to put there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Bytes of the longest file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Why keys and certificates cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{}: {source}; name a file in PEM, such as `runner chat keys` writes", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file has too many bytes.
    #[error("{}: {bytes} bytes, at most {FILE_BYTES_MAX} are read: is this a file of keys or certificates?", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// How many it has.
        bytes: u64,
    },
    /// A file has other things than are wanted.
    #[error("{}: expected {expected} in PEM, found {found}", path.display())]
    NotThis {
        /// The file.
        path: PathBuf,
        /// What is wanted.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Key and certificate do not go together, or the authority cannot be used.
    #[error("{}: {found}; take certificate and key of one host from one run of `runner chat keys`", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        found: String,
    },
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let unreadable = |source| CertificateError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > FILE_BYTES_MAX {
        let path = path.to_owned();
        return Err(CertificateError::TooLong { path, bytes });
    }
    fs::read(path).map_err(unreadable)
}

fn not_this(path: &Path, expected: &'static str, found: &pem::Error) -> CertificateError {
    let found = match found {
        pem::Error::NoItemsFound => "none".to_owned(),
        error => error.to_string(),
    };
    CertificateError::NotThis {
        path: path.to_owned(),
        expected,
        found,
    }
}

/// The certificates of a file; at least one.
///
/// # Errors
///
/// [`CertificateError`] says what is wrong with the file.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let wanted = "a certificate";
    let contents = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&contents).collect();
    let all = all.map_err(|error| not_this(path, wanted, &error))?;
    match all.is_empty() {
        true => Err(not_this(path, wanted, &pem::Error::NoItemsFound)),
        false => Ok(all),
    }
}

/// The private key of a file.
///
/// # Errors
///
/// [`CertificateError`] says what is wrong with the file.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let contents = read(path)?;
    PrivateKeyDer::from_pem_slice(&contents)
        .map_err(|error| not_this(path, "a private key", &error))
}

/// The authorities of a file.
///
/// # Errors
///
/// [`CertificateError`] says what is wrong with the file.
pub fn authorities(path: &Path) -> Result<RootCertStore, CertificateError> {
    let mut authorities = RootCertStore::empty();
    for certificate in certificates(path)? {
        authorities
            .add(certificate)
            .map_err(|error| CertificateError::NotThis {
                path: path.to_owned(),
                expected: "the certificate of an authority",
                found: error.to_string(),
            })?;
    }
    Ok(authorities)
}
