//! A device of gRPC.

use std::time::Duration;

use chat::answer::{Answer, Message};
use chat::identity::Token;
use chat::refusal::Refusal;
use chat::wire::request::Request;
use chat::wire::response::Response;
use chat_service::grpc::client::{Delivered, Deliveries, GrpcClient};
use chat_service::grpc::generated as proto;
use chat_service::grpc::refusals::refusal;
use chat_service::transport::{Purpose, Security};
use tokio::time::timeout;

use crate::device::Device;
use crate::world::{PATIENCE, World};

pub(crate) struct GrpcDevice {
    pub(crate) client: GrpcClient,
    deliveries: Option<Deliveries>,
}

/// A client of these worlds' servers.
pub(crate) fn client(worlds: &[&World]) -> GrpcClient {
    let security = Security::bare(false);
    let connector = security.connector(Purpose::Grpc).expect("no keys");
    let addresses: Vec<_> = worlds.iter().map(|world| world.grpc.clone()).collect();
    GrpcClient::new(&addresses, &connector, PATIENCE).expect("addresses")
}

impl GrpcDevice {
    async fn next(&mut self) -> Result<Option<Delivered>, tonic::Status> {
        let deliveries = self.deliveries.as_mut().expect("Deliver was asked for");
        let next = timeout(PATIENCE, deliveries.next()).await;
        next.expect("the stream goes on")
    }
}

impl Device for GrpcDevice {
    const TRANSPORT: &'static str = "gRPC";

    async fn connect(world: &World) -> GrpcDevice {
        GrpcDevice {
            client: client(&[world]),
            deliveries: None,
        }
    }

    async fn ask(&mut self, request: Request) -> Response {
        if let Request::Deliver { after } = request {
            let refused = |status: &tonic::Status| {
                let refusal = refusal(status);
                Response::Refused(refusal.unwrap_or_else(|| panic!("no refusal: {status}")))
            };
            self.deliveries = match self.client.deliver(after).await {
                Ok(deliveries) => Some(deliveries),
                Err(status) => return refused(&status),
            };
            return match self.next().await {
                Ok(Some(Delivered::Began { end, first })) => {
                    Response::Answered(Answer::Delivering { end, first })
                }
                Err(status) => refused(&status),
                other => panic!("the stream begins with {other:?}"),
            };
        }
        let answer = timeout(PATIENCE, self.client.ask_once(&request)).await;
        let answer = answer.expect("the server answers");
        answer.unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }

    async fn create_wrong(&mut self, name: &str) -> Response {
        // Ours knows names alone.
        let request = proto::CreateAccountRequest {
            name: name.to_owned(),
            ..proto::CreateAccountRequest::default()
        };
        let refused = self.client.raw().create_account(request).await;
        let status = refused.expect_err("it is no name");
        Response::Refused(refusal(&status).expect("a refusal"))
    }

    async fn pushed(&mut self) -> Message {
        match self.next().await {
            Ok(Some(Delivered::Message(message))) => message,
            other => panic!("a message is due: {other:?}"),
        }
    }

    async fn is_quiet(&mut self) -> bool {
        let Some(deliveries) = &mut self.deliveries else {
            return true;
        };
        timeout(Duration::from_millis(50), deliveries.next())
            .await
            .is_err()
    }

    async fn dismissed(&mut self) -> Refusal {
        let ended = self.next().await;
        let status = ended.expect_err("the stream ends");
        refusal(&status).unwrap_or_else(|| panic!("no refusal: {status}"))
    }

    async fn lose_connection(&mut self, world: &World) {
        let token = self.client.token();
        *self = GrpcDevice::connect(world).await;
        self.client.set_token(token);
    }

    async fn ask_with(world: &World, token: Token, request: Request) -> Response {
        let mut device = GrpcDevice::connect(world).await;
        device.client.set_token(Some(token));
        device.ask(request).await
    }
}
