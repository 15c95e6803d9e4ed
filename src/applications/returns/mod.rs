//! Returns for correction: why an application goes back to its applicant, field by field, and until when.

mod api;
mod routes;
mod store;

pub use api::{Return, ReturnInput};
pub use routes::routes;
pub use store::{latest, record};
