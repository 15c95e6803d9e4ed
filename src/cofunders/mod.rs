//! The institutions that put money in: State, city, social landlords, Caf, département…

mod api;
mod routes;
mod store;

pub use api::{CoFunder, CoFunderInput, CoFunderKind};
pub use routes::routes;
pub use store::{check_known, create, names};
