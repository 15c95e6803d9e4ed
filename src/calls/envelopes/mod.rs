//! What each co-funder puts in a call, split by credits and, where it says so, by strand.

mod api;
mod routes;
mod rules;
mod store;

pub use api::{EnvelopeInput, EnvelopePart};
pub use routes::routes;
pub use store::{Purpose, forget_others, hold_all, parts, room, set};
