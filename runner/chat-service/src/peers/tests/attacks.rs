//! Strangers at the port of servers, and on the way between them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{is_up, ports, settings, until};
use crate::peers::door::STRANGERS_MAX;
use crate::peers::start;
use crate::settings::Address;
use chat::identity::ServerId;

async fn connect(address: &Address) -> TcpStream {
    let address = (address.host(), address.port());
    TcpStream::connect(address).await.expect("a connection")
}

#[tokio::test]
async fn strangers_keep_no_server_out() {
    let (mut listeners, addresses) = ports(2).await;
    let one = settings(1, &addresses);
    let zero = settings(0, &addresses);
    let counters = zero.counters.clone();
    let mut links = start(zero, listeners.remove(0));
    // More than have a place, and none of them says anything that leads anywhere.
    let mut strangers = Vec::new();
    for _ in 0..3 * STRANGERS_MAX {
        strangers.push(connect(&addresses[0]).await);
    }
    for stranger in strangers.iter_mut().take(STRANGERS_MAX) {
        let _ = stranger.write_all(&[0xff; 100]).await;
    }
    let _other = start(one, listeners.remove(0));
    let event = tokio::time::timeout(super::LONG, links.events.recv()).await;
    let event = event.expect("in time").expect("an event");
    assert!(is_up(&event, 1), "{event:?}");
    assert!(counters.crowded_out.get() > 0);
    assert!(counters.accepted.get() as usize > 3 * STRANGERS_MAX);
}

#[tokio::test]
async fn a_change_on_the_way_ends_the_link_is_counted_and_the_link_is_made_again() {
    let (mut listeners, mut addresses) = ports(2).await;
    let zero = settings(0, &addresses);
    let counters = zero.counters.clone();
    let real = addresses[0].clone();
    // Somebody between both, who changes a bit of the first connection after the handshake.
    let way = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    addresses[0] = Address::from(way.local_addr().expect("an address"));
    let one = settings(1, &addresses);
    let other_counters = one.counters.clone();
    let mut links = start(zero, listeners.remove(0));
    let _other = start(one, listeners.remove(0));
    tokio::spawn(async move {
        let (mut near, _) = way.accept().await.expect("a dialler");
        let mut far = connect(&real).await;
        {
            let ((mut from_near, mut to_near), (mut from_far, mut to_far)) =
                (near.split(), far.split());
            let outward = async {
                // Hello, proof, and the first sealed frame.
                for count in [82, 32, 29] {
                    let mut bytes = vec![0; count];
                    from_near.read_exact(&mut bytes).await?;
                    to_far.write_all(&bytes).await?;
                }
                to_far.write_all(&[0, 0, 0, 25, 0]).await?;
                to_far.write_all(&[7; 24]).await
            };
            let homeward = tokio::io::copy(&mut from_far, &mut to_near);
            let _ = tokio::join!(outward, homeward);
        }
        drop((near, far));
        loop {
            let (mut near, _) = way.accept().await.expect("a dialler");
            let mut far = connect(&real).await;
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
    });
    let mut ups = 0;
    while ups < 2 {
        let event = tokio::time::timeout(super::LONG, links.events.recv()).await;
        ups += usize::from(is_up(&event.expect("in time").expect("an event"), 1));
    }
    assert_eq!(counters.servers[&ServerId(1)].bad_frames.get(), 1);
    assert_eq!(other_counters.servers[&ServerId(0)].bad_frames.get(), 0);
    until(|| other_counters.servers[&ServerId(0)].is_up()).await;
}
