//! Publishing a call: every reason against it is told at once (rule K1).

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::api::CallStatus;
use super::rules::publication_faults;
use super::store::{self, Row};
use crate::contracts;
use crate::db::DbConnection;
use crate::db::schema::envelopes::dsl;
use crate::error::{Error, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, IfMatch};
use crate::types::{CallId, CoFunderId};

/// Publishes a draft; a call that is published already is answered as it is.
pub fn publish(tx: &mut DbConnection, actor: &Actor, id: CallId, if_match: &IfMatch) -> Result<Row> {
    let row = store::find(tx, Some(&actor.principal), id)?;
    if row.status != CallStatus::Draft {
        return Ok(row);
    }
    if_match.check_if_sent(&row.etag(actor.now))?;
    contracts::hold(tx, row.terms.contract_id)?;
    let contract = contracts::terms_as_of(tx, row.terms.contract_id, row.terms.opens_at.date())?;
    let contract = contract.ok_or_else(|| Error::internal("a call without a signed contract"))?;
    let funded: Vec<CoFunderId> =
        dsl::envelopes.filter(dsl::call_id.eq(id)).select(dsl::co_funder_id).load(tx)?;
    let funded: BTreeSet<CoFunderId> = funded.into_iter().collect();
    all_right(publication_faults(&row.terms, &contract, &funded))?;
    store::mark_published(tx, actor, &row, contract)?;
    let published = store::find(tx, Some(&actor.principal), id)?;
    events::record(tx, actor, Event::CallPublished, id, &published.view(actor.now))?;
    Ok(published)
}
