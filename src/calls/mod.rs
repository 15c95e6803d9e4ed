//! Yearly calls for projects and the envelopes their co-funders put in.

mod api;
mod creation;
mod drafting;
mod envelopes;
mod lifecycle;
mod routes;
mod rules;
mod store;

pub use api::{Call, CallInput, CallStatus, Statement, Strand};
pub use creation::CallCreation;
pub use drafting::create;
pub use envelopes::{
    Envelope, EnvelopeInput, EnvelopePart, Purse, Purses, hold as hold_envelopes, list as envelopes, purses,
    set as set_envelope,
};
pub use lifecycle::publish;
pub use store::{Row as CallRow, find, hold, next_number, of_ids};

/// `/v1/calls`
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(envelopes::routes);
}
