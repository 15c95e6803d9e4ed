//! The ledger itself: one line per co-funder and application, pushed by the co-funder's own system.

mod api;
mod batches;
mod ledger;
mod payments;
mod push;
mod routes;
mod rules;
mod store;

pub use api::{Decision, DecisionInput};
pub use batches::{LineResult, Named, Refusal, all_or_none, judge, refused, results};
pub use ledger::{Capacity, Ledger, Push, Step};
pub use payments::{PaymentInput, PaymentKind, record as pay};
pub use push::push;

/// `/v1/applications/{applicationId}/decisions`
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(payments::routes).configure(batches::routes);
}
