//! Calls in the database: published ones are for everyone, drafts for the partners.

use diesel::prelude::*;

use super::api::{Call, CallInput, CallStatus, Phase};
use super::{envelopes, rules};
use crate::auth::{Binding, Principal};
use crate::cofunders;
use crate::contracts::{self, ContractInput};
use crate::db::schema::{calls, calls::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Fault, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch, Walk};
use crate::types::{CallId, Instant};
use crate::walked;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = calls)]
pub struct Row {
    pub id: CallId,
    pub version: i64,
    pub status: CallStatus,
    pub terms: Json<CallInput>,
    /// The contract it refers to, frozen when it was published (rule A4).
    pub contract_terms: Option<Json<ContractInput>>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl Row {
    pub fn view(&self, now: Instant) -> Call {
        let terms = &self.terms;
        Call {
            id: self.id,
            status: self.status,
            phase: rules::phase(terms.opens_at, terms.closes_at, now),
            contract_id: terms.contract_id,
            year: terms.year,
            title: terms.title.clone(),
            opens_at: terms.opens_at,
            closes_at: terms.closes_at,
            launched_by: terms.launched_by.clone(),
            neighbourhoods: terms.neighbourhoods.clone(),
            strands: terms.strands.clone(),
            cross_cutting_priorities: terms.cross_cutting_priorities.clone(),
            rules: terms.rules.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// Whether applications are received (rule S4): published, and inside its period.
    pub fn is_open(&self, now: Instant) -> bool {
        let phase = rules::phase(self.terms.opens_at, self.terms.closes_at, now);
        self.status == CallStatus::Published && phase == Phase::Open
    }

    /// The phase moves with the clock, not with the version: it is part of the tag.
    pub fn etag(&self, now: Instant) -> ETag {
        ETag::version_and(self.version, rules::phase(self.terms.opens_at, self.terms.closes_at, now))
    }
}

fn sees_drafts(principal: Option<&Principal>) -> bool {
    principal.is_some_and(|one| matches!(one.binding, Binding::Staff | Binding::CoFunder(_)))
}

/// The call, if this reader may see it.
pub fn find(connection: &mut DbConnection, principal: Option<&Principal>, id: CallId) -> Result<Row> {
    let found: Option<Row> = dsl::calls.find(id).select(Row::as_select()).first(connection).optional()?;
    let visible = found.filter(|row| row.status != CallStatus::Draft || sees_drafts(principal));
    visible.ok_or_else(Error::not_found)
}

pub fn list(connection: &mut DbConnection, principal: Option<&Principal>, walk: &Walk) -> Result<Vec<Row>> {
    let mut query = dsl::calls.select(Row::as_select()).into_boxed();
    if !sees_drafts(principal) {
        query = query.filter(dsl::status.ne(CallStatus::Draft));
    }
    Ok(walked!(query, dsl::id, walk).load(connection)?)
}

/// The faults of what a draft refers to.
fn check_references(tx: &mut DbConnection, input: &CallInput) -> Result<()> {
    let mut faults = cofunders::check_known(tx, &input.launched_by, "/launchedBy")?;
    if contracts::terms_as_of(tx, input.contract_id, input.opens_at.date())?.is_none() {
        faults.push(Fault::unknown("/contractId", "signed contract", input.contract_id));
    }
    all_right(faults)
}

pub fn create(tx: &mut DbConnection, actor: &Actor, input: &CallInput) -> Result<Row> {
    check_references(tx, input)?;
    let id = CallId::generate();
    diesel::insert_into(dsl::calls)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::contract_id.eq(input.contract_id),
            dsl::year.eq(input.year),
            dsl::title.eq(&input.title),
            dsl::status.eq(CallStatus::Draft),
            dsl::opens_at.eq(input.opens_at),
            dsl::closes_at.eq(input.closes_at),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::applications_numbered.eq(0_i64),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    events::record(tx, actor, Event::CallCreated, id, input)?;
    find(tx, Some(&actor.principal), id)
}

/// Changes a draft; of a published call only the deadline moves, and only later (rule K2).
pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: CallId,
    if_match: &IfMatch,
    patch: &Patch<CallInput>,
) -> Result<Row> {
    let current = find(tx, Some(&actor.principal), id)?;
    if_match.check(&current.etag(actor.now))?;
    let input = patch.apply(&current.terms)?;
    if input == *current.terms {
        return Ok(current);
    }
    if current.status != CallStatus::Draft && !rules::may_still_become(&current.terms, &input) {
        return Err(Error::new(Code::InvalidTransition).detail(
            "the call is published: only its deadline can be extended",
            "l’appel est publié : seule sa date limite peut être repoussée",
        ));
    }
    check_references(tx, &input)?;
    envelopes::forget_others(tx, id, &input.launched_by)?;
    let row = dsl::calls.find(id).filter(dsl::version.eq(current.version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(current.version + 1),
                dsl::contract_id.eq(input.contract_id),
                dsl::year.eq(input.year),
                dsl::title.eq(&input.title),
                dsl::opens_at.eq(input.opens_at),
                dsl::closes_at.eq(input.closes_at),
                dsl::terms.eq(Json::new(input.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    events::record(tx, actor, Event::CallUpdated, id, &input)?;
    find(tx, Some(&actor.principal), id)
}

/// Marks a draft as published, with the contract it refers to from now on.
pub fn mark_published(
    tx: &mut DbConnection,
    actor: &Actor,
    row: &Row,
    contract: ContractInput,
) -> Result<()> {
    let draft = dsl::calls.find(row.id).filter(dsl::version.eq(row.version));
    changed_once(
        diesel::update(draft)
            .set((
                dsl::version.eq(row.version + 1),
                dsl::status.eq(CallStatus::Published),
                dsl::contract_terms.eq(Json::new(contract)?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )
}

/// Holds that version of a call until the transaction ends.
pub fn hold(tx: &mut DbConnection, row: &Row) -> Result<()> {
    let same = dsl::calls.find(row.id).filter(dsl::version.eq(row.version));
    changed_once(diesel::update(same).set(dsl::updated_at.eq(dsl::updated_at)).execute(tx)?)
}

/// The next application number of a call: `2023-0042`.
pub fn next_number(tx: &mut DbConnection, id: CallId) -> Result<String> {
    let (year, numbered): (i32, i64) = diesel::update(dsl::calls.find(id))
        .set(dsl::applications_numbered.eq(dsl::applications_numbered + 1))
        .returning((dsl::year, dsl::applications_numbered))
        .get_result(tx)?;
    Ok(format!("{year}-{numbered:04}"))
}
