//! Envelopes in the database. An envelope's row is the lock of rule D3: whoever commits money bumps it first.

use diesel::prelude::*;

use super::api::{Envelope, EnvelopeInput};
use super::store;
use crate::auth::{Binding, Principal, Role};
use crate::cofunders;
use crate::db::schema::{decisions, envelopes, envelopes::dsl};
use crate::db::{DbConnection, changed_once};
use crate::error::{Code, Error, Result};
use crate::events::{self, Event};
use crate::http::{Actor, Conditions, ETag};
use crate::types::{CallId, CoFunderId, EnvelopeId, Firmness, Instant, Money};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = envelopes)]
pub struct Row {
    pub id: EnvelopeId,
    pub version: i64,
    pub call_id: CallId,
    pub co_funder_id: CoFunderId,
    pub amount: Money,
    pub updated_at: Instant,
}

pub fn envelope_of(
    connection: &mut DbConnection,
    call: CallId,
    co_funder: CoFunderId,
) -> Result<Option<Row>> {
    let row = dsl::envelopes.filter(dsl::call_id.eq(call).and(dsl::co_funder_id.eq(co_funder)));
    Ok(row.select(Row::as_select()).first(connection).optional()?)
}

/// Drops the envelopes of those who no longer launch the call. Only a draft loses co-funders, and nothing hangs on
/// its envelopes yet: from publication on, to have an envelope is to take part.
pub fn forget_others(tx: &mut DbConnection, call: CallId, launched_by: &[CoFunderId]) -> Result<()> {
    let others = dsl::envelopes.filter(dsl::call_id.eq(call).and(dsl::co_funder_id.ne_all(launched_by)));
    diesel::delete(others).execute(tx)?;
    Ok(())
}

/// The envelopes of a call are for its staff and for those who launch it: they tell what is agreed (rule D9).
pub fn check_reader(principal: &Principal, call: &store::Row) -> Result<()> {
    match principal.binding {
        Binding::Staff => Ok(()),
        Binding::CoFunder(own) if call.terms.launched_by.contains(&own) => Ok(()),
        _ => Err(Error::not_found()),
    }
}

/// Bumps the envelope's version, which holds its row until the transaction ends; then reads it.
pub fn lock(tx: &mut DbConnection, call: CallId, co_funder: CoFunderId) -> Result<Option<Row>> {
    let row = dsl::envelopes.filter(dsl::call_id.eq(call).and(dsl::co_funder_id.eq(co_funder)));
    let bumped = diesel::update(row).set(dsl::version.eq(dsl::version + 1)).execute(tx)?;
    if bumped == 0 { Ok(None) } else { envelope_of(tx, call, co_funder) }
}

/// The sum of what a co-funder has committed in a call.
pub fn committed(connection: &mut DbConnection, call: CallId, co_funder: CoFunderId) -> Result<Money> {
    use decisions::dsl as decision;
    let amounts: Vec<Option<Money>> = decision::decisions
        .filter(decision::call_id.eq(call).and(decision::co_funder_id.eq(co_funder)))
        .filter(decision::firmness.eq_any(Firmness::COMMITTING))
        .select(decision::granted)
        .load(connection)?;
    Ok(amounts.into_iter().flatten().sum())
}

pub fn view(connection: &mut DbConnection, row: &Row) -> Result<Envelope> {
    let committed = committed(connection, row.call_id, row.co_funder_id)?;
    let names = cofunders::names(connection, &[row.co_funder_id])?;
    Ok(Envelope {
        call_id: row.call_id,
        co_funder_id: row.co_funder_id,
        name: names.get(&row.co_funder_id).cloned().unwrap_or_default(),
        amount: row.amount,
        committed,
        remaining: row.amount.minus(committed),
        updated_at: row.updated_at,
    })
}

pub fn list(connection: &mut DbConnection, call: CallId) -> Result<Vec<Envelope>> {
    let rows: Vec<Row> = dsl::envelopes
        .filter(dsl::call_id.eq(call))
        .order(dsl::id)
        .select(Row::as_select())
        .load(connection)?;
    rows.iter().map(|row| view(connection, row)).collect()
}

/// The co-funder itself, or an administrator or instructor of the call.
fn may_set(actor: &Actor, co_funder: CoFunderId) -> Result<()> {
    let staff = matches!(actor.principal.role, Role::Administrator | Role::Instructor);
    if staff || actor.principal.binding == Binding::CoFunder(co_funder) {
        Ok(())
    } else {
        Err(Error::new(Code::NotYourLine))
    }
}

/// Sets an envelope. The same amount again changes nothing. `true` when it was not there before.
pub fn set(
    tx: &mut DbConnection,
    actor: &Actor,
    (call, co_funder): (CallId, CoFunderId),
    conditions: &Conditions,
    input: &EnvelopeInput,
) -> Result<(Row, bool)> {
    let known = store::find(tx, Some(&actor.principal), call)?;
    may_set(actor, co_funder)?;
    if !known.terms.launched_by.contains(&co_funder) {
        return Err(Error::not_found());
    }
    // Nobody takes the co-funder out of the call meanwhile.
    store::hold(tx, &known)?;
    match envelope_of(tx, call, co_funder)? {
        None => {
            conditions.if_match.check_nothing()?;
            insert(tx, actor, call, co_funder, input).map(|row| (row, true))
        }
        Some(_) if conditions.must_be_new => Err(Error::new(Code::PreconditionFailed)),
        Some(row) if row.amount == input.amount => Ok((row, false)),
        Some(row) => {
            conditions.if_match.check(&ETag::of(&view(tx, &row)?)?)?;
            change(tx, actor, &row, input).map(|row| (row, false))
        }
    }
}

fn insert(
    tx: &mut DbConnection,
    actor: &Actor,
    call: CallId,
    co_funder: CoFunderId,
    input: &EnvelopeInput,
) -> Result<Row> {
    diesel::insert_into(dsl::envelopes)
        .values((
            dsl::id.eq(EnvelopeId::generate()),
            dsl::version.eq(1_i64),
            dsl::call_id.eq(call),
            dsl::co_funder_id.eq(co_funder),
            dsl::amount.eq(input.amount),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)
        // Somebody set it meanwhile: run again, the transaction finds it there.
        .map_err(|cause| Error::from(cause).retryable())?;
    recorded(tx, actor, call, co_funder)
}

fn change(tx: &mut DbConnection, actor: &Actor, row: &Row, input: &EnvelopeInput) -> Result<Row> {
    let same = dsl::envelopes.find(row.id).filter(dsl::version.eq(row.version));
    changed_once(
        diesel::update(same)
            .set((
                dsl::version.eq(row.version + 1),
                dsl::amount.eq(input.amount),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    let committed = committed(tx, row.call_id, row.co_funder_id)?;
    if input.amount < committed {
        return Err(Error::new(Code::EnvelopeExceeded)
            .detail(
                format!("{committed} EUR are already committed"),
                format!("{committed} EUR sont déjà engagés"),
            )
            .with("committed", serde_json::to_value(committed).map_err(Error::internal)?));
    }
    recorded(tx, actor, row.call_id, row.co_funder_id)
}

fn recorded(tx: &mut DbConnection, actor: &Actor, call: CallId, co_funder: CoFunderId) -> Result<Row> {
    let row = envelope_of(tx, call, co_funder)?.ok_or_else(|| Error::internal("the envelope is gone"))?;
    let envelope = view(tx, &row)?;
    events::record(tx, actor, Event::EnvelopeSet, row.id, &envelope)?;
    Ok(row)
}
