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

use crate::calls::CallRow;
use crate::error::{Fault, Result, all_right};
use crate::types::CoFunderId;

pub use sessions::{close, open, plan};

/// `/v1/calls/{callId}/programme` and what is made of it.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(routes::routes).configure(simulations::routes).configure(sessions::routes);
}

/// Refuses a line of a co-funder that the call does not have.
fn check_of_call(call: &CallRow, co_funder: CoFunderId) -> Result<()> {
    let what = ("co-funder of the call", "cofinanceur de l’appel");
    let known = call.terms.launched_by.contains(&co_funder);
    let fault = (!known).then(|| Fault::unknown("/coFunderId", what, co_funder));
    all_right(fault.into_iter().collect())
}
