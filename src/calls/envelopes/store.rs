//! Envelopes in the database. An envelope's row is the lock of rule D3: whoever commits money holds it.

use diesel::prelude::*;

use super::super::store as calls;
use super::api::{Envelope, EnvelopeInput, EnvelopePart};
use super::purse::{Purses, hold, purses};
use super::rules::{self, Grants};
use crate::auth::{Binding, Role};
use crate::cofunders;
use crate::db::schema::{envelopes, envelopes::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, Conditions, ETag, Put};
use crate::types::{CallId, CoFunderId, EnvelopeId, Instant, Money};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = envelopes)]
pub struct Row {
    pub id: EnvelopeId,
    pub version: i64,
    pub call_id: CallId,
    pub co_funder_id: CoFunderId,
    pub amount: Money,
    pub parts: Json<Vec<EnvelopePart>>,
    pub updated_at: Instant,
}

pub fn find(connection: &mut DbConnection, call: CallId, co_funder: CoFunderId) -> Result<Option<Row>> {
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

/// What each co-funder puts in, part by part.
pub fn parts(connection: &mut DbConnection, call: CallId) -> Result<Vec<(CoFunderId, Vec<EnvelopePart>)>> {
    let rows: Vec<(CoFunderId, Json<Vec<EnvelopePart>>)> = dsl::envelopes
        .filter(dsl::call_id.eq(call))
        .select((dsl::co_funder_id, dsl::parts))
        .load(connection)?;
    Ok(rows.into_iter().map(|(co_funder, parts)| (co_funder, parts.into_inner())).collect())
}

/// What a co-funder has committed in a call, by credits and strand.
fn grants(connection: &mut DbConnection, call: CallId, co_funder: CoFunderId) -> Result<Vec<Grants>> {
    let mut purses = purses(connection, &[call], &[co_funder])?;
    Ok(purses.remove(&(call, co_funder)).map(|purse| purse.grants).unwrap_or_default())
}

/// The envelope with what is committed of it.
fn show(row: &Row, name: Option<&String>, grants: &[Grants]) -> Envelope {
    let committed: Money = grants.iter().map(|one| one.amount).sum();
    Envelope {
        call_id: row.call_id,
        co_funder_id: row.co_funder_id,
        name: name.cloned().unwrap_or_default(),
        amount: row.amount,
        committed,
        remaining: row.amount.minus(committed),
        parts: rules::usage(&row.parts, grants),
        updated_at: row.updated_at,
    }
}

pub fn view(connection: &mut DbConnection, row: &Row) -> Result<Envelope> {
    let grants = grants(connection, row.call_id, row.co_funder_id)?;
    let names = cofunders::names(connection, &[row.co_funder_id])?;
    Ok(show(row, names.get(&row.co_funder_id), &grants))
}

/// The envelopes of a call; what is committed of them is what these purses say, else what is recorded.
pub fn list(connection: &mut DbConnection, call: CallId, told: Option<&Purses>) -> Result<Vec<Envelope>> {
    let rows: Vec<Row> = dsl::envelopes
        .filter(dsl::call_id.eq(call))
        .order(dsl::id)
        .select(Row::as_select())
        .load(connection)?;
    let co_funders: Vec<CoFunderId> = rows.iter().map(|row| row.co_funder_id).collect();
    let names = cofunders::names(connection, &co_funders)?;
    let recorded = purses(connection, &[call], &co_funders)?;
    let purses = told.unwrap_or(&recorded);
    let envelope = |row: &Row| {
        let purse = purses.get(&(call, row.co_funder_id)).or_else(|| recorded.get(&(call, row.co_funder_id)));
        let grants = purse.map(|purse| purse.grants.as_slice()).unwrap_or_default();
        show(row, names.get(&row.co_funder_id), grants)
    };
    Ok(rows.iter().map(envelope).collect())
}

/// The co-funder itself, or the administrator.
fn may_set(actor: &Actor, co_funder: CoFunderId) -> Result<()> {
    if actor.principal.role == Role::Administrator || actor.principal.binding == Binding::CoFunder(co_funder)
    {
        Ok(())
    } else {
        Err(Error::new(Code::NotYourLine))
    }
}

/// Sets an envelope. The same parts again change nothing. `true` when it was not there before.
pub fn set(
    tx: &mut DbConnection,
    actor: &Actor,
    (call, co_funder): (CallId, CoFunderId),
    conditions: &Conditions,
    input: &EnvelopeInput,
) -> Result<(Row, bool)> {
    let known = calls::find(tx, Some(&actor.principal), call)?;
    may_set(actor, co_funder)?;
    if !known.terms.launched_by.contains(&co_funder) {
        return Err(Error::not_found());
    }
    // Nobody takes the co-funder out of the call meanwhile.
    calls::hold(tx, &known)?;
    known.check_not_archived()?;
    all_right(rules::unknown_strands(&input.parts, &known.terms.strands))?;
    hold(tx, &[call], &[co_funder])?;
    let known = find(tx, call, co_funder)?;
    match conditions.judge(known, |row| *row.parts == input.parts, |row| ETag::of(&view(tx, row)?))? {
        Put::Make => insert(tx, actor, call, co_funder, input).map(|row| (row, true)),
        Put::Keep(row) => Ok((row, false)),
        Put::Replace(row) => change(tx, actor, &row, input).map(|row| (row, false)),
    }
}

fn total(input: &EnvelopeInput) -> Money {
    input.parts.iter().map(|part| part.amount).sum()
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
            dsl::amount.eq(total(input)),
            dsl::parts.eq(Json::new(input.parts.clone())?),
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
                dsl::amount.eq(total(input)),
                dsl::parts.eq(Json::new(input.parts.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    rules::check_covers(&input.parts, &grants(tx, row.call_id, row.co_funder_id)?)?;
    recorded(tx, actor, row.call_id, row.co_funder_id)
}

fn recorded(tx: &mut DbConnection, actor: &Actor, call: CallId, co_funder: CoFunderId) -> Result<Row> {
    let row = find(tx, call, co_funder)?.ok_or_else(|| Error::internal("the envelope is gone"))?;
    let envelope = view(tx, &row)?;
    events::record(tx, actor, Event::EnvelopeSet, row.id, &envelope)?;
    Ok(row)
}
