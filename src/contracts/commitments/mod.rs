//! What the parties are committed to, and what they report on it.

mod api;
mod routes;
mod store;

pub use api::{Commitment, CommitmentReportInput};
pub use routes::routes;
pub use store::{report, reported};
