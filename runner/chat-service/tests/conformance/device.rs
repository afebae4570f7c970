//! What a scenario has in its hand: a connection to the service, whatever it is made of.

use chat::answer::Message;
use chat::identity::Token;
use chat::refusal::Refusal;
use chat::wire::request::Request;
use chat::wire::response::Response;

use crate::world::World;

/// A device of a person.
pub(crate) trait Device: Sized {
    /// The word for its transport.
    const TRANSPORT: &'static str;

    /// A device on which nobody is logged in.
    async fn connect(world: &World) -> Self;

    /// The answer to a request.
    async fn ask(&mut self, request: Request) -> Response;

    /// The answer to the creation of an account whose name is no name.
    async fn create_wrong(&mut self, name: &str) -> Response;

    /// The next message that is pushed.
    async fn pushed(&mut self) -> Message;

    /// Whether nothing is pushed now, a while after everything that was asked before has its answer.
    async fn is_quiet(&mut self) -> bool;

    /// Why the service ended the session while messages were awaited.
    async fn dismissed(&mut self) -> Refusal;

    /// Breaks its connection. What it has been given it keeps.
    async fn lose_connection(&mut self, world: &World);

    /// Uses a token that is not its own.
    async fn ask_with(world: &World, token: Token, request: Request) -> Response;
}
