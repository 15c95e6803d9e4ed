//! What was paid on a line: advances, balances, and what was given back.

mod api;
mod routes;
mod rules;
mod store;

pub use api::{PaymentInput, PaymentKind};
pub use routes::routes;
pub use store::record;
