//! Drafting a call, and what can still change once it is published (rule K2).

use diesel::prelude::*;
use serde_json::json;

use super::api::{CallInput, CallStatus};
use super::creation::CallCreation;
use super::store::{Row, find};
use super::{envelopes, rules};
use crate::cofunders;
use crate::contracts;
use crate::db::schema::calls::dsl;
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Fault, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, IfMatch, Patch};
use crate::types::CallId;

/// The faults of what a draft refers to.
fn check_references(tx: &mut DbConnection, input: &CallInput) -> Result<()> {
    let mut faults = cofunders::check_known(tx, &input.launched_by, "/launchedBy")?;
    if !contracts::is_signed(tx, input.contract_id)? {
        faults.push(Fault::unknown("/contractId", ("signed contract", "contrat signé"), input.contract_id));
    }
    all_right(faults)
}

pub fn create(tx: &mut DbConnection, actor: &Actor, creation: &CallCreation) -> Result<Row> {
    let source = creation.copied_from.map(|id| find(tx, Some(&actor.principal), id)).transpose();
    let source = source.map_err(|error| match creation.copied_from {
        Some(id) if error.code() == Code::NotFound => {
            Error::invalid(vec![Fault::unknown("/copiedFrom", ("call", "appel"), id)])
        }
        _ => error,
    })?;
    let input = creation.clone().into_input(source.as_ref().map(|row| &*row.terms))?;
    actor.principal.check_staff_of(input.contract_id)?;
    check_references(tx, &input)?;
    let id = CallId::generate();
    diesel::insert_into(dsl::calls)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::contract_id.eq(input.contract_id),
            dsl::year.eq(input.year),
            dsl::status.eq(CallStatus::Draft),
            dsl::copied_from.eq(creation.copied_from),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::applications_numbered.eq(0_i64),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    events::record(tx, actor, Event::CallCreated, id, &input)?;
    find(tx, Some(&actor.principal), id)
}

/// Changes a draft; of a published call the deadline moves, and only later, and documents are added (rule K2).
pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: CallId,
    if_match: &IfMatch,
    patch: &Patch<CallInput>,
) -> Result<Row> {
    let current = find(tx, Some(&actor.principal), id)?;
    actor.principal.check_staff_of(current.terms.contract_id)?;
    if_match.check(&current.etag(actor.now))?;
    let input = patch.apply(&current.terms)?;
    if input == *current.terms {
        return Ok(current);
    }
    actor.principal.check_staff_of(input.contract_id)?;
    if current.status != CallStatus::Draft && !rules::may_still_become(current.status, &current.terms, &input)
    {
        let status = current.status;
        return Err(Error::new(Code::InvalidTransition).detail(
            format!(
                "the call is {status}: its deadline can be extended until it is decided, and documents can be added until \
                 it is archived"
            ),
            format!(
                "l’appel est {} : sa date limite peut être repoussée tant qu’il n’est pas décidé, et des documents ajoutés \
                 tant qu’il n’est pas archivé",
                status.french()
            ),
        ));
    }
    check_references(tx, &input)?;
    let row = dsl::calls.find(id).filter(dsl::version.eq(current.version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(current.version + 1),
                dsl::contract_id.eq(input.contract_id),
                dsl::year.eq(input.year),
                dsl::terms.eq(Json::new(input.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    // Whoever was setting an envelope held the call: it is seen here, and one who comes later sees that it is out.
    envelopes::forget_others(tx, id, &input.launched_by)?;
    record_change(tx, actor, &current, &input)?;
    find(tx, Some(&actor.principal), id)
}

/// A later deadline of a published call is news of its own: it says from when to when.
fn record_change(tx: &mut DbConnection, actor: &Actor, before: &Row, after: &CallInput) -> Result<()> {
    let published = before.status != CallStatus::Draft;
    if published && after.closes_at != before.terms.closes_at {
        let told = json!({"from": before.terms.closes_at, "to": after.closes_at});
        events::record(tx, actor, Event::CallDeadlineExtended, before.id, &told)?;
    }
    if !published || after.documents != before.terms.documents {
        events::record(tx, actor, Event::CallUpdated, before.id, after)?;
    }
    Ok(())
}
