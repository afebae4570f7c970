//! A device on the wire: frames on a socket.

use std::collections::VecDeque;
use std::time::Duration;

use chat::answer::Message;
use chat::identity::{RequestId, Token, View};
use chat::limits::FRAME_BYTES_MAX;
use chat::name::Name;
use chat::refusal::Refusal;
use chat::wire::frame::FrameReader;
use chat::wire::request::{Login, Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::device::Device;
use crate::person::nonce;
use crate::world::{PATIENCE, World};

pub(crate) struct WireDevice {
    stream: TcpStream,
    frames: FrameReader,
    last_id: u32,
    pushed: VecDeque<Message>,
    dismissed: Option<Refusal>,
}

impl WireDevice {
    async fn send(&mut self, frame: &[u8]) {
        self.stream
            .write_all(frame)
            .await
            .expect("the server reads");
    }

    /// What comes next.
    async fn hear(&mut self) -> ToClient {
        let heard = async {
            loop {
                if let Some(frame) = self.frames.take().expect("frames of a client's length") {
                    return ToClient::decode(&frame).expect("the server speaks the protocol");
                }
                let mut bytes = [0; 4096];
                let count = self.stream.read(&mut bytes).await.expect("the connection");
                assert!(count > 0, "the server has hung up");
                self.frames.feed(&bytes[..count]);
            }
        };
        timeout(PATIENCE, heard).await.expect("the server answers")
    }

    async fn answer(&mut self, id: RequestId) -> Response {
        loop {
            let heard = self.hear().await;
            if heard.id == id {
                return heard.response;
            }
            self.keep(heard);
        }
    }

    fn keep(&mut self, heard: ToClient) {
        assert_eq!(
            heard.id,
            RequestId(0),
            "an answer to no question of ours: {heard:?}"
        );
        match heard.response {
            Response::Noticed(Notice::Message { message }) => self.pushed.push_back(message),
            Response::Refused(refusal) => self.dismissed = Some(refusal),
            other => panic!("the server says of its own: {other:?}"),
        }
    }

    fn next_id(&mut self) -> RequestId {
        self.last_id += 1;
        RequestId(self.last_id)
    }
}

impl Device for WireDevice {
    const TRANSPORT: &'static str = "wire";

    async fn connect(world: &World) -> WireDevice {
        let address = world.wire.to_string();
        WireDevice {
            stream: TcpStream::connect(address)
                .await
                .expect("the server listens"),
            frames: FrameReader::new(FRAME_BYTES_MAX),
            last_id: 0,
            pushed: VecDeque::new(),
            dismissed: None,
        }
    }

    async fn ask(&mut self, request: Request) -> Response {
        let (id, view) = (self.next_id(), View(0));
        let mut frame = Vec::new();
        ToServer { id, view, request }.encode(&mut frame);
        self.send(&frame).await;
        self.answer(id).await
    }

    async fn create_wrong(&mut self, name: &str) -> Response {
        let (id, view) = (self.next_id(), View(0));
        // A name of the same length, and then what was meant.
        let right = "x".repeat(name.len());
        let request = Request::Create {
            name: Name::new(&right).expect("a name"),
            password: None,
            nonce: nonce(),
        };
        let mut frame = Vec::new();
        ToServer { id, view, request }.encode(&mut frame);
        let windows = frame.windows(right.len());
        let places: Vec<usize> = (0..)
            .zip(windows)
            .filter(|(_, part)| *part == right.as_bytes())
            .map(|(place, _)| place)
            .collect();
        let place = *places.first().expect("the name is in its frame");
        frame[place..place + name.len()].copy_from_slice(name.as_bytes());
        self.send(&frame).await;
        self.answer(id).await
    }

    async fn pushed(&mut self) -> Message {
        while self.pushed.is_empty() {
            let heard = self.hear().await;
            self.keep(heard);
        }
        self.pushed.pop_front().expect("it is there")
    }

    async fn is_quiet(&mut self) -> bool {
        // Frames come in order: what was pushed before is here with the answer.
        self.ask(Request::Ping).await;
        let more = timeout(Duration::from_millis(50), self.hear()).await;
        self.pushed.is_empty() && more.is_err()
    }

    async fn dismissed(&mut self) -> Refusal {
        loop {
            if let Some(refusal) = self.dismissed.take() {
                return refusal;
            }
            let heard = self.hear().await;
            self.keep(heard);
        }
    }

    async fn lose_connection(&mut self, world: &World) {
        *self = WireDevice::connect(world).await;
    }

    async fn ask_with(world: &World, token: Token, request: Request) -> Response {
        let mut device = WireDevice::connect(world).await;
        let login = Login::Again { token };
        match device.ask(Request::LogIn { login }).await {
            Response::Answered(_) => device.ask(request).await,
            refused => refused,
        }
    }
}
