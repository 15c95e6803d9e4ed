//! Sessions of the funders' committee: what they examine, what was said in them, and what they left.

mod api;
mod comparison;
mod lifecycle;
mod positions;
mod reading;
mod routes;
mod store;

pub use lifecycle::{close, open, plan};

/// `/v1/committee-sessions`
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(reading::routes).configure(positions::routes);
}
