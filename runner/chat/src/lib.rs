//! The chat service as values: accounts, sessions and mailboxes, the frames that speak of them, and both ends of a connection.
//!
//! A [`Client`](client::Client) says frames to a [`Door`](door::Door), which puts commands into a log; an
//! [`Application`](application::Application) is a fold over that log. The holder of these values carries the bytes and
//! replicates the log.
//!
//! ```
//! use chat::answer::{Answer, Delivery};
//! use chat::application::Application;
//! use chat::application::command::{Command, Entry};
//! use chat::identity::{Nonce, Sequence, TimeMs, Token};
//! use chat::limits::Settings;
//! use chat::name::Name;
//!
//! let mut service = Application::new(Settings::default());
//! let mut log = |command| service.apply(&Entry { time: TimeMs(1000), command });
//! let (ada, bob) = (Name::new("Ada")?, Name::new("bob")?);
//! // Time and chance are arguments: all who apply the same log come to the same answers.
//! for (name, chance) in [(ada.clone(), 1), (bob.clone(), 2)] {
//!     let (nonce, chance) = (Nonce([chance; 16]), Nonce([chance; 16]));
//!     log(Command::Create { name, password: None, nonce, chance })?;
//! }
//! let token = Token([7; 32]).digest();
//! let (nonce, chance) = (Nonce([3; 16]), Nonce([3; 16]));
//! let login = Command::LogIn { name: ada, proof: None, nonce, token, chance };
//! let Answer::LoggedIn { opened, .. } = log(login)? else { panic!("a log-in opens a session") };
//!
//! let send = |sequence| Command::Send {
//!     session: opened.session,
//!     sequence: Sequence(sequence),
//!     confirmed: Sequence(0),
//!     to: bob.clone(),
//!     text: "good day".to_owned(),
//! };
//! // Bob is not logged in, and the answer says so. A repeated send gets the same answer, and sends nothing.
//! for is_again in [false, true] {
//!     let Answer::Sent { is_repeated, placement: Some(placement), .. } = log(send(1))? else {
//!         panic!("a send is placed in a mailbox")
//!     };
//!     assert_eq!((is_repeated, placement.delivery), (is_again, Delivery::Queued));
//!     assert_eq!(placement.offset.0, 1);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! [`application`] entries in, answers out · [`door`] between connections and the log · [`client`] the other end of a
//! connection · [`wire`] frames and what they say · [`answer`], [`refusal`] what the service says to a request · [`name`],
//! [`identity`] what things are called · [`limits`] every bound · [`rule`] what tests can switch off · `field`, `record`
//! how values become bytes
//!
//! **Invariant.** Nothing here reads a clock, opens a socket or file, is `async`, or draws chance that was not handed in;
//! `clippy.toml` beside this crate bans the means. Nothing here knows how the log is replicated.

pub mod answer;
pub mod application;
pub mod client;
pub mod door;
pub mod field;
pub mod identity;
pub mod limits;
pub mod name;
mod record;
pub mod refusal;
pub mod rule;
pub mod wire;

pub use field::Malformed;

#[cfg(test)]
mod tests;
