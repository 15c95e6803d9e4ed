//! Contrats de ville and their amendments: what was signed, and what it says at any date.

mod amendment_routes;
mod amendments;
mod api;
mod consolidation;
mod routes;
mod signatures;
mod store;

pub use amendments::draft;
pub use api::{AmendmentInput, ContractInput, SignatureInput};
pub use signatures::{sign_amendment, sign_contract};
pub use store::{create, hold, terms_as_of};

/// `/v1/contracts` and `/v1/amendments`.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(amendment_routes::routes);
}
