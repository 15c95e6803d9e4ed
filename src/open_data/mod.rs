//! The funded projects, for everyone: names of organisations and public money, never a person.

mod api;
mod routes;
mod store;
mod summary;
mod table;

pub use routes::routes;
