//! Amendments (avenants) of a contract, the PERR among them.

mod api;
mod routes;
mod store;

pub use api::{AmendmentInput, AmendmentKind, Change, CommitmentTerms};
pub use routes::routes;
pub use store::{check_applicable, draft, find, required_signatories, view};
