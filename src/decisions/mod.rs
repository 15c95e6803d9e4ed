//! The ledger itself: one line per co-funder and application, pushed by the co-funder's own system.

mod api;
mod push;
mod routes;
mod rules;
mod store;

pub use api::DecisionInput;
pub use push::push;
pub use routes::routes;
