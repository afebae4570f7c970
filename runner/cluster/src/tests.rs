//! Servers and clients together: what users see, in the calm and when processes end.

mod device;
mod ledger;
mod network;
mod place;
mod server;
mod transcript;
mod trials;
