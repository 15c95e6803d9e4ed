//! The organisations that carry projects (porteurs de projet).

mod api;
mod routes;
mod store;

pub use api::{Address, AddressKind, LegalForm, Organisation, OrganisationInput};
pub use routes::routes;
pub use store::{create, has_word, load, names, with_word};
