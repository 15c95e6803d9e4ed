//! The citizens' council (conseil citoyen) of a contract.

mod api;
mod routes;
mod store;

pub use api::{Council, CouncilInput};
pub use routes::routes;
pub use store::{find, set};
