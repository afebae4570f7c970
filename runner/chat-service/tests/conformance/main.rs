//! The service is the same on both transports: every scenario runs over the wire and over gRPC, with the same expectations.
//!
//! `world` a server in this process · `device` what a scenario has in its hand, `wire` and `grpc` what it is · `person` somebody
//! with an account · `table` which scenario runs where, and the run · `own` what gRPC has of its own · the others hold scenarios

mod accounts;
mod bounds;
mod device;
mod grpc;
mod mailboxes;
mod own;
mod person;
mod sends;
mod sessions;
mod table;
mod wire;
mod world;
