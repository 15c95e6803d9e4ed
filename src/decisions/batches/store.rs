//! Batches in the database: what was answered, word for word.

use diesel::prelude::*;

use crate::auth::Principal;
use crate::db::DbConnection;
use crate::db::schema::decision_batches::dsl;
use crate::error::{Error, Result};
use crate::http::Actor;
use crate::types::{CoFunderId, DecisionBatchId};

pub fn insert(
    tx: &mut DbConnection,
    actor: &Actor,
    id: DecisionBatchId,
    co_funder: CoFunderId,
    answer: &str,
) -> Result<()> {
    diesel::insert_into(dsl::decision_batches)
        .values((
            dsl::id.eq(id),
            dsl::co_funder_id.eq(co_funder),
            dsl::recorded_by.eq(actor.principal.client),
            dsl::results.eq(answer),
            dsl::created_at.eq(actor.now),
        ))
        .execute(tx)?;
    Ok(())
}

/// What was answered to a batch of the client's own co-funder.
pub fn find(connection: &mut DbConnection, principal: &Principal, id: DecisionBatchId) -> Result<String> {
    let own = principal.co_funder().ok_or_else(Error::not_found)?;
    let batch = dsl::decision_batches.filter(dsl::id.eq(id).and(dsl::co_funder_id.eq(own)));
    let text: Option<String> = batch.select(dsl::results).first(connection).optional()?;
    text.ok_or_else(Error::not_found)
}
