//! The programme of a call (programmation): applications by co-funders, as a committee reads it; what it would become;
//! what a committee made of it.

mod api;
mod assembly;
mod routes;
mod rows;
mod sessions;
mod simulations;
mod sums;
mod table;

pub use sessions::{close, open, plan};

/// `/v1/calls/{callId}/programme` and what is made of it.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(simulations::routes).configure(sessions::routes);
}
