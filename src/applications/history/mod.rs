//! Who changed what of an application, when, field by field.

mod api;
mod differences;
mod routes;
mod store;

pub use routes::routes;
