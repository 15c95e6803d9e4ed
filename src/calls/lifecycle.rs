//! The life of a call: published when nothing speaks against it (rule K1), decided, archived.

use super::api::{CallStatus, Phase};
use super::envelopes;
use super::rules::{phase, publication_faults};
use super::store::{self, Row};
use crate::contracts;
use crate::db::DbConnection;
use crate::error::{Code, Error, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, IfMatch};
use crate::types::CallId;

/// Publishes a draft; a call that is published already is answered as it is.
pub fn publish(tx: &mut DbConnection, actor: &Actor, id: CallId, if_match: &IfMatch) -> Result<Row> {
    let row = store::find(tx, Some(&actor.principal), id)?;
    actor.principal.check_staff_of(row.terms.contract_id)?;
    if row.status != CallStatus::Draft {
        return Ok(row);
    }
    if_match.check_if_sent(&row.etag(actor.now))?;
    contracts::hold(tx, row.terms.contract_id)?;
    let opens_on = row.terms.opens_at.unwrap_or(actor.now).date();
    let contract = contracts::terms_as_of(tx, row.terms.contract_id, opens_on)?;
    let contract = contract.ok_or_else(|| Error::internal("a call without a signed contract"))?;
    all_right(publication_faults(&row.terms, &contract, &envelopes::parts(tx, id)?))?;
    store::step(tx, &row, CallStatus::Published, actor.now)?;
    store::freeze_contract(tx, &row, contract)?;
    recorded(tx, actor, id, Event::CallPublished)
}

/// Marks a call as decided once it has closed; one that is decided already is answered as it is.
pub fn conclude(tx: &mut DbConnection, actor: &Actor, id: CallId, if_match: &IfMatch) -> Result<Row> {
    let row = store::find(tx, Some(&actor.principal), id)?;
    actor.principal.check_staff_of(row.terms.contract_id)?;
    if row.status >= CallStatus::Decided {
        return Ok(row);
    }
    if_match.check_if_sent(&row.etag(actor.now))?;
    let closed = phase(row.terms.opens_at, row.terms.closes_at, actor.now) == Phase::Closed;
    if row.status != CallStatus::Published || !closed {
        let (en, fr) =
            ("only a published call that has closed is decided", "seul un appel publié et clos est décidé");
        return Err(Error::new(Code::InvalidTransition).detail(en, fr));
    }
    store::step(tx, &row, CallStatus::Decided, actor.now)?;
    recorded(tx, actor, id, Event::CallDecided)
}

/// Archives a decided call; one that is archived already is answered as it is.
pub fn archive(tx: &mut DbConnection, actor: &Actor, id: CallId, if_match: &IfMatch) -> Result<Row> {
    let row = store::find(tx, Some(&actor.principal), id)?;
    actor.principal.check_staff_of(row.terms.contract_id)?;
    if row.status == CallStatus::Archived {
        return Ok(row);
    }
    if_match.check_if_sent(&row.etag(actor.now))?;
    if row.status != CallStatus::Decided {
        let (en, fr) = ("only a decided call is archived", "seul un appel décidé est archivé");
        return Err(Error::new(Code::InvalidTransition).detail(en, fr));
    }
    store::step(tx, &row, CallStatus::Archived, actor.now)?;
    // A push holds its envelope and then reads the call: those under way end first, those after find it archived.
    envelopes::hold(tx, &[id], &row.terms.launched_by)?;
    recorded(tx, actor, id, Event::CallArchived)
}

fn recorded(tx: &mut DbConnection, actor: &Actor, id: CallId, event: Event) -> Result<Row> {
    let row = store::find(tx, Some(&actor.principal), id)?;
    events::record(tx, actor, event, id, &row.view(actor.now))?;
    Ok(row)
}
