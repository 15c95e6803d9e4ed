//! Calls in the database: published ones are for everyone, drafts for the staff of their contract, the co-funders that launch
//! them and those that are party to their contract.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use diesel::prelude::*;

use super::api::{Call, CallInput, CallStatus, Phase};
use super::rules;
use crate::auth::{Binding, Drafts, Principal};
use crate::contracts::{self, ContractInput};
use crate::db::schema::{calls, calls::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Result};
use crate::http::{ETag, Walk};
use crate::types::{CallId, CoFunderId, ContractId, Instant};
use crate::walked;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = calls)]
pub struct Row {
    pub id: CallId,
    pub version: i64,
    pub status: CallStatus,
    pub copied_from: Option<CallId>,
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
            copied_from: self.copied_from,
            status: self.status,
            phase: rules::phase(terms.opens_at, terms.closes_at, now),
            contract_id: terms.contract_id,
            year: terms.year,
            title: terms.title.clone(),
            introduction: terms.introduction.clone(),
            opens_at: terms.opens_at,
            closes_at: terms.closes_at,
            launched_by: terms.launched_by.clone(),
            neighbourhoods: terms.neighbourhoods.clone(),
            strands: terms.strands.clone(),
            cross_cutting_priorities: terms.cross_cutting_priorities.clone(),
            points_of_attention: terms.points_of_attention.clone(),
            challenges: self
                .contract_terms
                .as_ref()
                .map(|terms| terms.challenges.clone())
                .unwrap_or_default(),
            rules: terms.rules.clone(),
            documents: terms.documents.clone(),
            required_attachments: terms.required_attachments.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// Whether applications are received (rule S4): published, and inside its period.
    pub fn is_open(&self, now: Instant) -> bool {
        let phase = rules::phase(self.terms.opens_at, self.terms.closes_at, now);
        self.status == CallStatus::Published && phase == Phase::Open
    }

    pub fn is_archived(&self) -> bool {
        self.status == CallStatus::Archived
    }

    /// Refuses what an archived call does not take any more.
    pub fn check_not_archived(&self) -> Result<()> {
        if !self.is_archived() {
            return Ok(());
        }
        let (en, fr) = ("the call is archived", "l’appel est archivé");
        Err(Error::new(Code::InvalidTransition).detail(en, fr))
    }

    /// What is agreed out of which envelope is for its staff and for those who launch it (rule D9): others find nothing.
    pub fn check_partner(&self, principal: &Principal) -> Result<()> {
        match principal.binding {
            Binding::Staff => Ok(()),
            Binding::Instruction(own) if own == self.terms.contract_id => Ok(()),
            Binding::CoFunder(own) if self.terms.launched_by.contains(&own) => Ok(()),
            _ => Err(Error::not_found()),
        }
    }

    /// The phase moves with the clock, not with the version: it is part of the tag.
    pub fn etag(&self, now: Instant) -> ETag {
        ETag::version_and(self.version, rules::phase(self.terms.opens_at, self.terms.closes_at, now))
    }
}

/// The call, if this reader may see it.
pub fn find(connection: &mut DbConnection, principal: Option<&Principal>, id: CallId) -> Result<Row> {
    let found: Option<Row> = dsl::calls.find(id).select(Row::as_select()).first(connection).optional()?;
    let row = found.ok_or_else(Error::not_found)?;
    let visible = row.status != CallStatus::Draft
        || launches(principal, &row.terms)
        || contracts::sees_drafts_of(connection, principal, row.terms.contract_id)?;
    if visible { Ok(row) } else { Err(Error::not_found()) }
}

/// Whether this reader is a co-funder that launches the call. It may have an envelope in it, and no other has.
fn launches(principal: Option<&Principal>, terms: &CallInput) -> bool {
    principal.and_then(Principal::co_funder).is_some_and(|own| terms.launched_by.contains(&own))
}

/// The drafts that a co-funder launches, or of contracts it is party to. They are few: their texts are read.
fn drafts_of_party(connection: &mut DbConnection, co_funder: CoFunderId) -> Result<Vec<CallId>> {
    let drafts: Vec<(CallId, Json<CallInput>)> = dsl::calls
        .filter(dsl::status.eq(CallStatus::Draft))
        .select((dsl::id, dsl::terms))
        .load(connection)?;
    let mut parties: HashMap<ContractId, bool> = HashMap::new();
    let mut own = Vec::new();
    for (id, terms) in drafts {
        let is_party = match parties.entry(terms.contract_id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                *unknown.insert(contracts::is_party(connection, terms.contract_id, co_funder)?)
            }
        };
        if is_party || terms.launched_by.contains(&co_funder) {
            own.push(id);
        }
    }
    Ok(own)
}

/// These calls, whoever asks: for what is published of them.
pub fn of_ids(connection: &mut DbConnection, ids: &[CallId]) -> Result<Vec<Row>> {
    Ok(dsl::calls.filter(dsl::id.eq_any(ids)).select(Row::as_select()).load(connection)?)
}

/// What a list can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub contract: Option<ContractId>,
    pub year: Option<i32>,
    pub status: Option<CallStatus>,
}

pub fn list(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    filter: &Filter,
    walk: &Walk,
) -> Result<Vec<Row>> {
    let mut query = dsl::calls.select(Row::as_select()).into_boxed();
    if let Some(contract) = filter.contract {
        query = query.filter(dsl::contract_id.eq(contract));
    }
    if let Some(year) = filter.year {
        query = query.filter(dsl::year.eq(year));
    }
    if let Some(status) = filter.status {
        query = query.filter(dsl::status.eq(status));
    }
    query = match Drafts::shown_to(principal) {
        Drafts::All => query,
        Drafts::Of(own) => query.filter(dsl::status.ne(CallStatus::Draft).or(dsl::contract_id.eq(own))),
        Drafts::OfParty(co_funder) => {
            let own = drafts_of_party(connection, co_funder)?;
            query.filter(dsl::status.ne(CallStatus::Draft).or(dsl::id.eq_any(own)))
        }
        Drafts::None => query.filter(dsl::status.ne(CallStatus::Draft)),
    };
    Ok(walked!(query, dsl::id, walk).load(connection)?)
}

/// Moves that version of a call on in its life.
pub fn step(tx: &mut DbConnection, row: &Row, status: CallStatus, now: Instant) -> Result<()> {
    let same = dsl::calls.find(row.id).filter(dsl::version.eq(row.version));
    let moved = (dsl::version.eq(row.version + 1), dsl::status.eq(status), dsl::updated_at.eq(now));
    changed_once(diesel::update(same).set(moved).execute(tx)?)
}

/// Keeps the contract a call refers to from now on.
pub fn freeze_contract(tx: &mut DbConnection, row: &Row, contract: ContractInput) -> Result<()> {
    let terms = dsl::contract_terms.eq(Json::new(contract)?);
    changed_once(diesel::update(dsl::calls.find(row.id)).set(terms).execute(tx)?)
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
