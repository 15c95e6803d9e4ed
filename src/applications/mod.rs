//! Applications of organisations to a call: drafted, submitted, judged admissible; their funding derives from the
//! co-funders' decisions.

mod api;
mod attachments;
mod checks;
mod content;
mod entries;
mod finding;
mod funding;
mod history;
mod order;
mod receipt;
mod renewal;
mod returns;
mod routes;
mod rules;
mod stake;
mod status;
mod store;
mod transitions;
mod view;
mod workflow;

pub use api::{AdmissibilityInput, Application};
pub use attachments::{
    Unrecorded as UnrecordedFiles, list_unrecorded as list_unrecorded_files,
    remove_unrecorded as remove_unrecorded_files, sweep as sweep_attachments,
    sweep_hourly as sweep_attachments_hourly,
};
pub use content::{
    ApplicationInput, Budget, Charge, ExternalReference, FundingRequest, PriorityStatement, Product,
    YearBudget,
};
pub use entries::{note_evaluation, note_opinion};
pub use funding::{
    Amounts, CoFunderFunding, Condition, ConditionState, CreditsFunding, Funding, FundingStatus, Line,
    Resolution, Viability, funding, resolve, resolved_funding,
};
pub use stake::{Referred, Stake, by_number, by_reference, decided_on, hold, hold_all_of, stakes};
pub use status::ApplicationStatus;
pub use store::{
    Head as ApplicationHead, Row as ApplicationRow, Settled, Sight as LineSight, check_visible, complete,
    find, is_funded, keep_funding, lines,
};
pub use view::sees_all_lines;
pub use workflow::{create, judge, submit};

/// `/v1/applications`
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(returns::routes).configure(history::routes);
    config.configure(attachments::routes);
}
