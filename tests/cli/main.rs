//! The program as an operator runs it: starting, refusing to start, being killed, running out of disk.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[expect(dead_code, reason = "shared with the tests through HTTP, which use all of it")]
#[path = "../api/support/client.rs"]
mod client;
mod program;

mod attachments;
mod clients;
mod crash;
mod demo;
mod limits;
mod refusals;
mod restoring;
mod seed;
