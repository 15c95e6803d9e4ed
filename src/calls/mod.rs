//! Yearly calls for projects and the envelopes their co-funders put in.

mod api;
mod envelopes;
mod publication;
mod routes;
mod rules;
mod store;

pub use api::{Call, CallInput, CallStatus, Envelope, EnvelopeInput, Statement, Strand};
pub use envelopes::{committed, envelope_of, lock as lock_envelope, set as set_envelope};
pub use publication::publish;
pub use routes::routes;
pub use store::{Row as CallRow, create, find, next_number};
