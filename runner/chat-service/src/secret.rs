//! The secret of a cluster: who knows it is one of its servers.
//!
//! **Invariant.** The file is its owner's alone, is never overwritten, and the secret is never printed.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use crate::new_file;

/// 256 bits of chance that all servers of a cluster know, and nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub [u8; 32]);

impl fmt::Debug for Secret {
    /// A secret in a log would let its readers in.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When the system has no chance to give.
    pub fn draw() -> io::Result<Secret> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Secret(bytes))
    }

    /// Writes it to a new file: 64 hex digits.
    ///
    /// # Errors
    ///
    /// When the file exists, or cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        new_file::write_private(path, format!("{digits}\n").as_bytes())
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// When there is no such file, others may read it, or it is not 64 hex digits; with what to do.
    pub fn read(path: &Path) -> io::Result<Secret> {
        let explain = |what: String| io::Error::other(format!("{}: {what}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| {
            explain(format!(
                "the cluster's secret cannot be read ({error}); copy it from another server's folder, mode 0600"
            ))
        })?;
        if !new_file::is_private(path)? {
            return Err(explain(
                "the cluster's secret can be read by others; run: chmod 600 that file, and make a new secret if they may \
                 have".to_owned(),
            ));
        }
        let wrong = || explain("expected the cluster's secret, 64 hex digits".to_owned());
        let digits = text.trim().as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return Err(wrong());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).ok_or_else(wrong);
            let value = digit(pair[0])? * 16 + digit(pair[1])?;
            *byte = u8::try_from(value).map_err(|_| wrong())?;
        }
        Ok(Secret(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_from_a_file_that_is_its_owners() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let secret = Secret::draw().expect("chance");
        secret.write(&path).expect("a file");
        assert_eq!(Secret::read(&path).expect("the secret"), secret);
        let error = secret.write(&path).expect_err("it exists");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        fs::write(&path, "abc\n").expect("a file");
        let error = Secret::read(&path).expect_err("too short").to_string();
        assert!(error.contains("64 hex digits"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        Secret::draw()
            .expect("chance")
            .write(&path)
            .expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("the mode");
        let error = Secret::read(&path).expect_err("readable").to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
