//! Contrats de ville and what belongs to them: amendments, commitments, the citizens' council; what was signed, and
//! what it says at any date.

mod amendments;
mod api;
mod commitments;
mod consolidation;
mod council;
mod differences;
mod documents;
mod drafting;
mod routes;
mod signatures;
mod store;
mod view;

pub use amendments::{AmendmentInput, draft};
pub use api::{Challenge, ContractInput, SignatureInput};
pub use commitments::{CommitmentReportInput, report as report_on_commitment};
pub use council::{CouncilInput, find as find_council, set as set_council};
pub use documents::{Document, are_kept as documents_are_kept, are_unique as documents_are_unique};
pub use drafting::create;
pub use signatures::{sign_amendment, sign_contract};
pub use store::{hold, is_party, is_signed, sees_drafts_of, terms_as_of};

/// `/v1/contracts` and `/v1/amendments`.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(amendments::routes);
    config.configure(commitments::routes).configure(council::routes);
}
