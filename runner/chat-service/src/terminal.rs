//! A person at a terminal, or a script in the place of one.
//!
//! ```text
//! keys ─→ editor ─┐                        ┌─→ screen: above the prompt, as plain lines, or as JSON
//! pipe ─→ input ──┴→ line → conversation ──┤
//!                              ↑ ↓         └─→ exit code
//!                        client: news, settlements
//! ```
//!
//! # Map
//!
//! [`place`] which cluster and which device · [`conversation`] what is typed, asked, answered and shown · [`script`] one message
//! sent, or the queued ones received · `line` what is typed · `outcome` what became of a
//! message · `said` what is shown, in words and in JSON · `escape` what must not
//! reach a terminal · `clock` times of day · `screen` where it goes · `editor` a line with completion and history, `input` lines of
//! a pipe
//!
//! **Invariant.** No control character and no override of direction that somebody else has written reaches the terminal.
//! What could not be confirmed is never called failed.

mod clock;
pub mod conversation;
mod editor;
mod escape;
mod input;
mod line;
mod outcome;
pub mod place;
mod said;
mod screen;
pub mod script;

pub use chat::identity::Password;
pub use chat::name::Name;
pub use conversation::{Deliver, converse};
pub use place::Place;
pub use screen::Form;
