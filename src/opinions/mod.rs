//! What the citizens' council, or a service of a co-funder, thinks of an application before it is decided on.

mod api;
mod routes;
mod store;

pub use api::{OpinionInput, View};
pub use routes::routes;
pub use store::{council_views, give};
