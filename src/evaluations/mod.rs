//! What the citizens' council and the co-funders say of a funded action.

mod api;
mod routes;
mod store;

pub use routes::routes;
