//! What a program has to prove who it is, and whom it believes.
//!
//! A server with TLS has a certificate, its key, and the certificate of an authority: it shows the first, and believes whom
//! the authority vouches for. Other servers must show a certificate too, clients need none: they log in. A client has the
//! authority alone.
//!
//! The cryptography is *ring*'s, handed over explicitly: a library installs nothing for the whole process.
//!
//! **Invariant.** With TLS every stream is TLS, on loopback as well; without it only loopback is spoken to, unless the
//! operator says so.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, Error as TlsError, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::certificates::{self, CertificateError};
use super::problem::problem_of;
use super::stream::Stream;
use crate::settings::{Address, TlsFiles};

/// What a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The wire protocol of clients.
    Clients,
    /// gRPC: its clients ask for HTTP/2 by name.
    Grpc,
    /// A link between servers: both ends show a certificate.
    Servers,
}

/// Why there is no stream to another end.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The address is no loopback address, and nothing protects the stream.
    #[error(transparent)]
    Bare(#[from] BareAddress),
    /// It was not reached.
    #[error("{address}: {problem}")]
    Failed {
        /// Whom.
        address: String,
        /// Why.
        problem: String,
    },
}

/// An address that others can reach, without TLS.
#[derive(Debug, Error)]
#[error(
    "{address} is no loopback address, and there is no TLS: name certificate, key and authority in [tls] (`runner chat keys` \
     makes them; a client needs --authority), or accept with --insecure that anybody on the way reads and changes all"
)]
pub struct BareAddress {
    /// Which.
    pub address: SocketAddr,
}

#[derive(Debug)]
struct Keys {
    provider: Arc<CryptoProvider>,
    authorities: Arc<RootCertStore>,
    own: Option<OwnKey>,
    /// Where the key is, for what is wrong with it.
    place: PathBuf,
}

#[derive(Debug)]
struct OwnKey {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// How streams of a program are secured.
#[derive(Debug, Clone)]
pub struct Security {
    keys: Option<Arc<Keys>>,
    is_insecure: bool,
}

impl Security {
    /// No TLS; for loopback, or for any address if the operator accepts that it is `insecure`.
    pub fn bare(is_insecure: bool) -> Security {
        Security {
            keys: None,
            is_insecure,
        }
    }

    /// That of a server.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] says what is wrong with which file.
    pub fn of_server(files: &TlsFiles) -> Result<Security, CertificateError> {
        let own = OwnKey {
            chain: certificates::certificates(&files.certificate)?,
            key: certificates::private_key(&files.key)?,
        };
        let security = Security::with(&files.authority, Some(own), &files.key)?;
        // What does not go together is said at the start, and not at the first connection.
        for purpose in [Purpose::Clients, Purpose::Servers] {
            security.acceptor(purpose)?;
            security.connector(purpose)?;
        }
        Ok(security)
    }

    /// That of a client, which believes an authority.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] says what is wrong with the file.
    pub fn of_client(authority: &Path) -> Result<Security, CertificateError> {
        Security::with(authority, None, authority)
    }

    fn with(
        authority: &Path,
        own: Option<OwnKey>,
        place: &Path,
    ) -> Result<Security, CertificateError> {
        let keys = Keys {
            provider: Arc::new(ring::default_provider()),
            authorities: Arc::new(certificates::authorities(authority)?),
            own,
            place: place.to_owned(),
        };
        Ok(Security {
            keys: Some(Arc::new(keys)),
            is_insecure: false,
        })
    }

    /// Whether streams are TLS.
    pub fn is_tls(&self) -> bool {
        self.keys.is_some()
    }

    /// That an address may be listened at or spoken to.
    ///
    /// # Errors
    ///
    /// [`BareAddress`] when anybody could listen in, and the operator has not accepted that.
    pub fn check(&self, address: SocketAddr) -> Result<(), BareAddress> {
        match self.is_tls() || self.is_insecure || address.ip().to_canonical().is_loopback() {
            true => Ok(()),
            false => Err(BareAddress { address }),
        }
    }

    /// What makes streams of accepted connections.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Unusable`] when keys and certificates do not go together, or there are none of this end.
    pub fn acceptor(&self, purpose: Purpose) -> Result<Acceptor, CertificateError> {
        let tls = match &self.keys {
            None => None,
            Some(keys) => {
                let config = keys.server(purpose).map_err(|error| keys.unusable(error))?;
                Some(TlsAcceptor::from(Arc::new(config)))
            }
        };
        Ok(Acceptor { tls })
    }

    /// What makes streams to others.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Unusable`] when keys and certificates do not go together.
    pub fn connector(&self, purpose: Purpose) -> Result<Connector, CertificateError> {
        let tls = match &self.keys {
            None => None,
            Some(keys) => {
                let config = keys.client(purpose).map_err(|error| keys.unusable(error))?;
                Some(TlsConnector::from(Arc::new(config)))
            }
        };
        let security = self.clone();
        Ok(Connector { security, tls })
    }
}

impl Keys {
    fn unusable(&self, error: impl ToString) -> CertificateError {
        CertificateError::Unusable {
            path: self.place.clone(),
            found: error.to_string(),
        }
    }

    fn server(&self, purpose: Purpose) -> Result<ServerConfig, TlsError> {
        let own = self.own.as_ref();
        let own = own.ok_or_else(|| TlsError::General("this end has no certificate".to_owned()))?;
        let builder = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?;
        let builder = match purpose {
            Purpose::Servers => {
                let roots = self.authorities.clone();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots, self.provider.clone());
                let verifier = verifier.build();
                let verifier = verifier.map_err(|error| TlsError::General(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
            Purpose::Clients | Purpose::Grpc => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(own.chain.clone(), own.key.clone_key())?;
        config.alpn_protocols = protocols(purpose);
        Ok(config)
    }

    fn client(&self, purpose: Purpose) -> Result<ClientConfig, TlsError> {
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.authorities.clone());
        let mut config = match (&self.own, purpose) {
            (Some(own), Purpose::Servers) => {
                builder.with_client_auth_cert(own.chain.clone(), own.key.clone_key())?
            }
            _ => builder.with_no_client_auth(),
        };
        config.alpn_protocols = protocols(purpose);
        Ok(config)
    }
}

fn protocols(purpose: Purpose) -> Vec<Vec<u8>> {
    match purpose {
        Purpose::Grpc => vec![b"h2".to_vec()],
        Purpose::Clients | Purpose::Servers => Vec::new(),
    }
}

/// Makes streams of accepted connections; by default without TLS.
#[derive(Clone, Default)]
pub struct Acceptor {
    tls: Option<TlsAcceptor>,
}

impl Acceptor {
    /// Whether its streams are TLS.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// A stream, once both ends have greeted each other. How long that may take is the caller's to bound.
    ///
    /// # Errors
    ///
    /// When the other end cannot or does not want to; [`problem_of`] says what it means.
    pub async fn accept(&self, connection: TcpStream) -> io::Result<Stream> {
        // Frames are small and each matters now; without this they would wait for one another.
        let _ = connection.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return Ok(Stream::Plain(connection));
        };
        let stream = tls.accept(connection).await?;
        Ok(Stream::Tls(Box::new(TlsStream::Server(stream))))
    }
}

/// Makes streams to others.
#[derive(Clone)]
pub struct Connector {
    security: Security,
    tls: Option<TlsConnector>,
}

impl Connector {
    /// A stream to an address, within this time.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] says why there is none.
    pub async fn connect(
        &self,
        address: &Address,
        within: Duration,
    ) -> Result<Stream, ConnectError> {
        let failed = |problem| ConnectError::Failed {
            address: address.to_string(),
            problem,
        };
        match timeout(within, self.reach(address)).await {
            Ok(Ok(Ok(stream))) => Ok(stream),
            Ok(Ok(Err(bare))) => Err(bare.into()),
            Ok(Err(error)) => Err(failed(problem_of(&error))),
            Err(_) => Err(failed(format!("no answer within {within:?}"))),
        }
    }

    async fn reach(&self, address: &Address) -> io::Result<Result<Stream, BareAddress>> {
        let mut problem = io::Error::other("the name has no address");
        for found in address.resolve().await? {
            if let Err(bare) = self.security.check(found) {
                return Ok(Err(bare));
            }
            match TcpStream::connect(found).await {
                Ok(connection) => return self.greet(address, connection).await.map(Ok),
                Err(error) => problem = error,
            }
        }
        Err(problem)
    }

    async fn greet(&self, address: &Address, connection: TcpStream) -> io::Result<Stream> {
        let _ = connection.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return Ok(Stream::Plain(connection));
        };
        let name = ServerName::try_from(address.host().to_owned()).map_err(io::Error::other)?;
        let stream = tls.connect(name, connection).await?;
        Ok(Stream::Tls(Box::new(TlsStream::Client(stream))))
    }
}
