use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::problem::problem_of;
use super::{Connector, Purpose, Security};
use crate::keys::make_keys;
use crate::settings::{Address, TlsFiles};

const LONG: Duration = Duration::from_secs(60);

fn files(folder: &Path, host: &str) -> TlsFiles {
    let made = make_keys(folder, &[host.to_owned()]).expect("keys");
    TlsFiles {
        certificate: made.hosts[0].certificate.clone(),
        key: made.hosts[0].key.clone(),
        authority: made.authority,
    }
}

/// A server that answers, and what it heard or why it heard nothing.
async fn echo(
    security: &Security,
    purpose: Purpose,
) -> (SocketAddr, tokio::task::JoinHandle<String>) {
    let acceptor = security.acceptor(purpose).expect("an acceptor");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let task = tokio::spawn(async move {
        let (connection, _) = listener.accept().await.expect("a connection");
        let mut stream = match acceptor.accept(connection).await {
            Ok(stream) => stream,
            Err(error) => return problem_of(&error),
        };
        let mut bytes = [0; 4];
        match stream.read_exact(&mut bytes).await {
            Ok(_) => stream.write_all(b"words").await.expect("a reader"),
            Err(error) => return problem_of(&error),
        }
        // A connection that is closed with unread input is reset, and what was said on it is lost.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        String::from_utf8_lossy(&bytes).into_owned()
    });
    (address, task)
}

/// What a client hears, or why nothing.
async fn ask(connector: &Connector, address: SocketAddr) -> String {
    let mut stream = match connector.connect(&Address::from(address), LONG).await {
        Ok(stream) => stream,
        Err(error) => return error.to_string(),
    };
    let mut bytes = [0; 5];
    let talk = async {
        stream.write_all(b"word").await?;
        stream.read_exact(&mut bytes).await
    };
    match talk.await {
        Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => problem_of(&error),
    }
}

#[tokio::test]
async fn a_stream_is_the_same_with_tls_and_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Security::of_server(&files(folder.path(), "127.0.0.1")).expect("keys");
    let client = Security::of_client(&folder.path().join("authority.pem")).expect("an authority");
    for (server, client, purpose) in [
        (
            Security::bare(false),
            Security::bare(false),
            Purpose::Clients,
        ),
        (server.clone(), client.clone(), Purpose::Clients),
        (server.clone(), client.clone(), Purpose::Grpc),
        (server.clone(), server.clone(), Purpose::Servers),
    ] {
        let (address, heard) = echo(&server, purpose).await;
        let connector = client.connector(purpose).expect("a connector");
        assert_eq!(ask(&connector, address).await, "words");
        assert_eq!(heard.await.expect("no panic"), "word");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said_in_words() {
    let [ours, theirs] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let server = Security::of_server(&files(ours.path(), "127.0.0.1")).expect("keys");
    let other_name = Security::of_server(&files(ours.path(), "chat.example")).expect("keys");
    let stranger = Security::of_server(&files(theirs.path(), "127.0.0.1")).expect("keys");
    let client = Security::of_client(&ours.path().join("authority.pem")).expect("an authority");
    let bare = Security::bare(false);
    for (server, client, purpose, said) in [
        (
            &other_name,
            &client,
            Purpose::Clients,
            "is for chat.example, not for 127.0.0.1",
        ),
        (&other_name, &client, Purpose::Clients, "--host 127.0.0.1"),
        (
            &stranger,
            &client,
            Purpose::Clients,
            "not from the authority",
        ),
        (&server, &client, Purpose::Servers, "wants a certificate"),
        (&bare, &client, Purpose::Clients, "does not speak TLS"),
    ] {
        let (address, heard) = echo(server, purpose).await;
        let connector = client.connector(purpose).expect("a connector");
        let problem = ask(&connector, address).await;
        assert!(problem.contains(said), "{problem}");
        heard.await.expect("no panic");
    }
    // A server whose certificate is another authority's is refused by the one that it dials.
    let (address, heard) = echo(&server, Purpose::Servers).await;
    let mut mixed = files(theirs.path(), "mixed");
    mixed.authority = ours.path().join("authority.pem");
    let mixed = Security::of_server(&mixed).expect("keys");
    let connector = mixed.connector(Purpose::Servers).expect("a connector");
    let problem = ask(&connector, address).await;
    assert!(problem.contains("does not believe"), "{problem}");
    let problem = heard.await.expect("no panic");
    assert!(problem.contains("not from the authority"), "{problem}");
}

#[test]
fn only_loopback_is_bare_unless_somebody_says_so() {
    let bare = Security::bare(false);
    for address in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(bare.check(address.parse().expect("an address")).is_ok());
    }
    for address in ["10.0.0.1:1", "0.0.0.0:1", "[::]:1"] {
        let address: SocketAddr = address.parse().expect("an address");
        let problem = bare.check(address).expect_err("anybody").to_string();
        assert!(problem.contains(&address.to_string()) && problem.contains("--insecure"));
        assert!(Security::bare(true).check(address).is_ok());
    }
}

#[test]
fn a_file_that_holds_something_else_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = files(folder.path(), "a");
    let other = files(folder.path(), "b");
    let mut swapped = good.clone();
    swapped.certificate.clone_from(&good.key);
    let mut missing = good.clone();
    missing.key = folder.path().join("nowhere.key");
    let mut unmatched = good.clone();
    unmatched.key = other.key;
    for (files, said) in [
        (swapped, "a.key: expected a certificate in PEM, found none"),
        (missing, "nowhere.key: "),
        (unmatched, "b.key: "),
    ] {
        let problem = Security::of_server(&files)
            .expect_err("unusable")
            .to_string();
        assert!(problem.contains(said), "{problem}");
    }
    assert!(Security::of_server(&good).expect("keys").is_tls());
}
