//! Servers and clients together: what users see, in the calm and when processes end.

mod ledger;
mod network;
mod place;
mod transcript;
mod trials;
