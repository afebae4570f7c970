//! Servers and clients together: what users see, in the calm and when processes end.

mod alone;
mod device;
mod leaving;
mod ledger;
mod network;
mod place;
mod server;
mod transcript;
mod trials;
