//! What each co-funder puts in a call, split by credits and, where it says so, by strand.

mod api;
mod purse;
mod routes;
mod rules;
mod store;

pub use api::{Envelope, EnvelopeInput, EnvelopePart};
pub use purse::{Purse, Purses, hold, purses};
pub use routes::routes;
pub use store::{forget_others, list, parts, set};
