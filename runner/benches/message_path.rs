//! What a message costs on its way from one machine to another by a socket, beside what its framing alone costs.
//!
//! - `links`: as in a trial. A machine's thread hands frames to its links, the network's thread of its process writes them,
//!   that of another process reads them and hands each to the listener. Two processes are two event loops here. Each
//!   frame is sealed by a keyed hash at each end, which bare frames do without.
//! - `bare_frames`: the peer. The same payloads through tokio-util's length-delimited framing, one task at each end, with
//!   as many frames in a write.
//! - `plain_bytes`: the limit. As many bytes as the frames take, in pieces of the same size, and nobody looks at them.
//!
//! Each `one_way`, from one end to the other, and the first two also as an `echo`, where each message is answered and all
//! answers are awaited. In `ping_pong` one message goes there and back at a time, through `links` and, as the limit, through
//! a `raw_stream` between two threads that wait for nothing else. Loopback, so a message crosses the kernel twice on one host. Run with
//! `cargo bench -p runner --bench message_path`; what is compared is from one run on one host.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use event_log::{LamportTime, MachineId, Party, Tick};
use futures_util::{SinkExt, StreamExt};
use machine::Payload;
use machine::scale_model::Message;
use runner::drive::sockets::handshake::{Identity, Secret};
use runner::drive::sockets::links::listener::bind;
use runner::drive::sockets::links::pulse::{BEAT, Pulse};
use runner::drive::sockets::links::{LinkEvent, Links};
use runner::drive::sockets::topology::{Form, Topology};
use runner::drive::sockets::wire::Frame;
use seal::SEAL_BYTES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

/// Messages of one measured flow.
const MESSAGES: u64 = 100_000;
/// Round trips of one measured ping-pong.
const TRIPS: u64 = 1000;
/// Bytes of a message on the wire, with its length, version, kind and seal.
const WIRE_BYTES: u64 = 4 + 2 + 16 + SEAL_BYTES as u64;
/// Frames in one write of the peer.
const BATCH: usize = 256;

fn main() {
    divan::main();
}

fn payload(number: u64) -> Bytes {
    let mut bytes = Vec::with_capacity(16);
    Message {
        sent_tick: Tick(number),
        sent_clock: LamportTime(number),
    }
    .encode(&mut bytes);
    bytes.into()
}

fn event_loop() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("an event loop")
}

fn party(id: u32) -> Party {
    Party::Machine(MachineId(id))
}

/// One party's links, on an event loop of their own as in its process.
struct End {
    links: Links,
    address: SocketAddr,
    dial: tokio::sync::mpsc::UnboundedSender<(Party, SocketAddr)>,
}

/// Starts a party; `hear` is called on its event loop.
fn start(
    secret: &Secret,
    id: u32,
    hear: impl Fn(&Links, LinkEvent) + Send + Sync + 'static,
) -> End {
    let topology = Topology {
        form: Form::Mesh,
        machines: 2,
        per_process: 1,
    };
    let me = Identity {
        secret: secret.clone(),
        trial: 0,
        party: party(id),
        peers: topology.peers(party(id)),
    };
    let links = Links::new(me, false, Pulse { beat: BEAT }, Arc::new(hear));
    let (dial, mut addresses) = tokio::sync::mpsc::unbounded_channel();
    let (ready, address) = sync_channel(1);
    let shared = links.clone();
    thread::spawn(move || {
        event_loop().block_on(async move {
            let listener = bind("127.0.0.1", 0).await.expect("a free port");
            let _ = ready.send(listener.local_addr().expect("bound"));
            tokio::spawn(shared.clone().accept(listener));
            while let Some(address) = addresses.recv().await {
                shared.dial_all(&[address]);
            }
        });
    });
    End {
        links,
        address: address.recv().expect("it listens"),
        dial,
    }
}

/// Calls `done` at each message whose number completes a flow.
fn count(done: SyncSender<()>) -> impl Fn() {
    let heard = Mutex::new(0u64);
    move || {
        let mut heard = heard.lock().expect("nobody panics here");
        *heard += 1;
        if heard.is_multiple_of(MESSAGES) {
            let _ = done.send(());
        }
    }
}

/// Two linked parties, the first of which sends; hears when all of a flow have come to their end.
fn linked(echo: bool) -> (End, End, Receiver<()>) {
    let secret = Secret::fresh().expect("chance");
    let (connected, both) = sync_channel(2);
    let (done, finished) = sync_channel(1);
    let (count_here, count_there) = (count(done.clone()), count(done));
    let sender = connected.clone();
    let first = start(&secret, 0, move |_, event| match event {
        LinkEvent::Connected(_) => drop(sender.send(())),
        LinkEvent::Message(..) => count_here(),
        _ => {}
    });
    let second = start(&secret, 1, move |links, event| match event {
        LinkEvent::Connected(_) => drop(connected.send(())),
        LinkEvent::Message(from, frame) if echo => drop(links.send(from, frame)),
        LinkEvent::Message(..) => count_there(),
        _ => {}
    });
    let _ = second.dial.send((party(0), first.address));
    for _ in 0..2 {
        both.recv().expect("they connect");
    }
    (first, second, finished)
}

mod one_way {
    use super::*;

    #[divan::bench(sample_count = 20)]
    fn links(bencher: Bencher<'_, '_>) {
        run_links(bencher, false);
    }

    #[divan::bench(sample_count = 20)]
    fn bare_frames(bencher: Bencher<'_, '_>) {
        run_bare(bencher, false);
    }

    #[divan::bench(sample_count = 20)]
    fn plain_bytes(bencher: Bencher<'_, '_>) {
        let (mut streams, accepted) = connected_streams();
        let (done, finished) = sync_channel(1);
        thread::spawn(move || {
            event_loop().block_on(async move {
                let mut stream = accepted();
                let mut piece = vec![0; BATCH * WIRE_BYTES as usize];
                let mut left = MESSAGES * WIRE_BYTES;
                while let Ok(read @ 1..) = stream.read(&mut piece).await {
                    left -= read as u64;
                    if left == 0 {
                        let _ = done.send(());
                        left = MESSAGES * WIRE_BYTES;
                    }
                }
            });
        });
        let runtime = event_loop();
        let mut stream = runtime.block_on(async { streams() });
        let bytes = vec![7; (MESSAGES * WIRE_BYTES) as usize];
        bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
            runtime.block_on(async {
                for piece in bytes.chunks(BATCH * WIRE_BYTES as usize) {
                    stream.write_all(piece).await.expect("a stream");
                }
            });
            finished.recv().expect("all arrive");
        });
    }
}

mod echo {
    use super::*;

    #[divan::bench(sample_count = 20)]
    fn links(bencher: Bencher<'_, '_>) {
        run_links(bencher, true);
    }

    #[divan::bench(sample_count = 20)]
    fn bare_frames(bencher: Bencher<'_, '_>) {
        run_bare(bencher, true);
    }
}

mod ping_pong {
    use std::io::{Read, Write};

    use super::*;

    #[divan::bench(sample_count = 20)]
    fn links(bencher: Bencher<'_, '_>) {
        let secret = Secret::fresh().expect("chance");
        let (sender, events) = sync_channel(1);
        let connected = sender.clone();
        let first = start(&secret, 0, move |_, event| {
            if matches!(event, LinkEvent::Connected(_) | LinkEvent::Message(..)) {
                let _ = sender.send(());
            }
        });
        let second = start(&secret, 1, move |links, event| match event {
            LinkEvent::Connected(_) => drop(connected.send(())),
            LinkEvent::Message(from, frame) => drop(links.send(from, frame)),
            _ => {}
        });
        let _ = second.dial.send((party(0), first.address));
        for _ in 0..2 {
            events.recv().expect("they connect");
        }
        bencher.counter(ItemsCount::new(TRIPS)).bench_local(|| {
            for number in 0..TRIPS {
                first.links.send(party(1), Frame::Message(payload(number)));
                events.recv().expect("an answer");
            }
        });
    }

    #[divan::bench(sample_count = 20)]
    fn raw_stream(bencher: Bencher<'_, '_>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("it dialled");
            stream.set_nodelay(true).expect("a stream");
            let mut message = [0; WIRE_BYTES as usize];
            while stream.read_exact(&mut message).is_ok() && stream.write_all(&message).is_ok() {}
        });
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("a stream");
        let mut message = [7; WIRE_BYTES as usize];
        bencher.counter(ItemsCount::new(TRIPS)).bench_local(|| {
            for _ in 0..TRIPS {
                stream.write_all(&message).expect("a stream");
                stream.read_exact(&mut message).expect("an answer");
            }
        });
    }
}

fn run_links(bencher: Bencher<'_, '_>, echo: bool) {
    let (first, _second, finished) = linked(echo);
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        for number in 0..MESSAGES {
            first.links.send(party(1), Frame::Message(payload(number)));
        }
        finished.recv().expect("all arrive");
    });
}

/// Two ends of a connection, to be taken over by the event loops that use them.
fn connected_streams() -> (
    impl FnMut() -> TcpStream,
    impl FnOnce() -> TcpStream + Send + 'static,
) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let first = std::net::TcpStream::connect(address).expect("it listens");
    let (second, _) = listener.accept().expect("it dialled");
    let adopt = |stream: std::net::TcpStream| {
        stream.set_nodelay(true).expect("a stream");
        stream.set_nonblocking(true).expect("a stream");
        TcpStream::from_std(stream).expect("an event loop")
    };
    let mut first = Some(first);
    (
        move || adopt(first.take().expect("taken once")),
        move || adopt(second),
    )
}

fn run_bare(bencher: Bencher<'_, '_>, echo: bool) {
    let (mut first, second) = connected_streams();
    let (done, finished) = sync_channel(1);
    let peer_done = done.clone();
    thread::spawn(move || {
        event_loop().block_on(async move {
            let (mut sink, stream) = Framed::new(second(), LengthDelimitedCodec::new()).split();
            let mut batches = stream.ready_chunks(BATCH);
            let mut heard = 0u64;
            while let Some(batch) = batches.next().await {
                for frame in batch {
                    let frame = frame.expect("a frame");
                    heard += 1;
                    if echo {
                        sink.feed(frame.freeze()).await.expect("a stream");
                    }
                }
                if echo {
                    sink.flush().await.expect("a stream");
                } else if heard.is_multiple_of(MESSAGES) {
                    let _ = peer_done.send(());
                }
            }
        });
    });
    let runtime = event_loop();
    let connection = runtime.block_on(async { Framed::new(first(), LengthDelimitedCodec::new()) });
    let (mut sink, mut stream) = connection.split();
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        runtime.block_on(async {
            let sending = async {
                for number in 0..MESSAGES {
                    let mut body = bytes::BytesMut::with_capacity(18);
                    body.extend_from_slice(&[1, 5]);
                    body.extend_from_slice(&payload(number));
                    sink.feed(body.freeze()).await.expect("a stream");
                    if (number + 1).is_multiple_of(BATCH as u64) {
                        sink.flush().await.expect("a stream");
                    }
                }
                sink.flush().await.expect("a stream");
            };
            if echo {
                let answers = async {
                    for _ in 0..MESSAGES {
                        stream.next().await.expect("an answer").expect("a frame");
                    }
                };
                tokio::join!(sending, answers);
            } else {
                sending.await;
            }
        });
        if !echo {
            finished.recv().expect("all arrive");
        }
    });
    drop(done);
}
