//! The main push.

use super::api::{Decision, DecisionInput};
use super::ledger::{Capacity, Ledger, Push, Step};
use crate::db::DbConnection;
use crate::error::{Error, Result};
use crate::http::{Actor, Conditions};
use crate::types::{ApplicationId, CoFunderId};

/// What a push made of a line.
pub struct Pushed {
    pub line: Decision,
    pub is_new: bool,
}

/// Records what a co-funder now says of an application (rules D1 to D7, O2).
pub fn push(
    tx: &mut DbConnection,
    actor: &Actor,
    (application, co_funder): (ApplicationId, CoFunderId),
    conditions: &Conditions,
    input: &DecisionInput,
) -> Result<Pushed> {
    let push = Push {
        application,
        co_funder,
        conditions: conditions.clone(),
        capacity: Capacity::Own,
        input: input.clone(),
    };
    let mut ledger = Ledger::hold(tx, &actor.principal, &[application], &[co_funder])?;
    let step = ledger.apply(actor, &push)?;
    ledger.save(tx, actor)?;
    let line = ledger.line(application, co_funder).cloned();
    let line = line.ok_or_else(|| Error::internal("the line is gone"))?;
    Ok(Pushed { line, is_new: step == Step::Recorded })
}
