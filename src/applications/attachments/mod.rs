//! The pieces of an application: sent and read as streams, recorded in the ledger, kept in the object store.

mod api;
mod reception;
mod routes;
mod rules;
mod store;
mod sweeping;
mod workflow;

pub use api::ReceivedAttachment;
pub use routes::routes;
pub use rules::{Sight, missing};
pub use store::{kinds, kinds_of_each, receive};
pub use sweeping::{Unrecorded, list_unrecorded, remove_unrecorded, sweep, sweep_hourly};
