//! What is wrong with a connection, in words that say what to do.
//!
//! **Invariant.** Whoever reads a problem learns which end has it.

use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

/// What a failure of a stream means.
pub fn problem_of(error: &io::Error) -> String {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => tls_problem(error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the other end closed the connection in the middle of it".to_owned()
        }
        None => error.to_string(),
    }
}

fn tls_problem(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(certificate) => certificate_problem(certificate),
        Error::AlertReceived(alert) => alert_problem(*alert),
        Error::NoCertificatesPresented => {
            "the other end shows no certificate: servers need one each, made by `runner chat keys`"
                .to_owned()
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "the other end does not speak TLS: it has no keys, or this is the address of something else"
                .to_owned()
        }
        other => format!("TLS: {other}"),
    }
}

fn certificate_problem(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired: make a new one with `runner chat keys`, and check the clocks of both hosts"
                .to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet: check the clocks of both hosts".to_owned()
        }
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "its certificate is for {}, not for {}: dial it by a name in its certificate, or make one with \
             `runner chat keys --host {}`",
            names_of(presented),
            expected.to_str(),
            expected.to_str(),
        ),
        CertificateError::NotValidForName => {
            "its certificate is for another name: dial it by a name in its certificate".to_owned()
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is not from the authority that is believed here: copy the authority.pem that belongs to \
             its certificate"
                .to_owned()
        }
        other => format!("its certificate cannot be believed: {other}"),
    }
}

/// The names of a certificate, without the words of the library around them: `DnsName("chat.example")`.
fn names_of(presented: &[String]) -> String {
    let bare = presented.iter().map(|name| {
        let inner = name
            .split_once('(')
            .map_or(name.as_str(), |(_, inner)| inner);
        inner.trim_matches(['"', ')'])
    });
    bare.collect::<Vec<_>>().join(", ")
}

fn alert_problem(alert: AlertDescription) -> String {
    let what = match alert {
        AlertDescription::CertificateExpired => {
            "this end's certificate has expired: make a new one with `runner chat keys`"
        }
        AlertDescription::UnknownCA | AlertDescription::DecryptError => {
            "the other end does not believe the authority of this end's certificate: both need the same authority.pem"
        }
        AlertDescription::CertificateRequired => {
            "the other end wants a certificate: servers need one each, made by `runner chat keys`"
        }
        AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => {
            "the other end does not believe this end's certificate"
        }
        other => return format!("the other end refuses TLS: {other:?}"),
    };
    what.to_owned()
}
