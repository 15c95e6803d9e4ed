//! The machine clients of the partner institutions, and the OAuth 2.0 endpoints that give them tokens.

mod api;
mod routes;
mod secret;
mod store;

pub use api::{Client, NewClient};
pub use routes::routes;
pub use store::{check_binding, create, list, names, of_organisation, revoke};
