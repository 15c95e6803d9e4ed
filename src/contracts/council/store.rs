//! Councils in the database: one a contract, replaced whole.

use diesel::prelude::*;

use super::super::store as contracts;
use super::api::{Council, CouncilInput};
use crate::db::schema::{councils, councils::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Error, Fault, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, Conditions, ETag, Put};
use crate::types::{ContractId, Instant};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = councils)]
pub struct Row {
    pub contract_id: ContractId,
    pub version: i64,
    pub terms: Json<CouncilInput>,
    pub updated_at: Instant,
}

impl Row {
    pub fn view(self) -> Council {
        let terms = self.terms.into_inner();
        Council {
            contract_id: self.contract_id,
            created_on: terms.created_on,
            parity: terms.parity,
            seats: terms.colleges.iter().map(|one| one.seats).sum(),
            colleges: terms.colleges,
            updated_at: self.updated_at,
        }
    }

    pub fn etag(&self) -> ETag {
        ETag::version(self.version)
    }
}

pub fn row(connection: &mut DbConnection, contract: ContractId) -> Result<Option<Row>> {
    Ok(dsl::councils.find(contract).select(Row::as_select()).first(connection).optional()?)
}

/// The council of a contract that the reader may see.
pub fn find(connection: &mut DbConnection, contract: ContractId) -> Result<Option<Council>> {
    Ok(row(connection, contract)?.map(Row::view))
}

/// Sets the council. The same again changes nothing. `true` when there was none before.
pub fn set(
    tx: &mut DbConnection,
    actor: &Actor,
    contract: ContractId,
    conditions: &Conditions,
    input: &CouncilInput,
) -> Result<(Row, bool)> {
    contracts::find(tx, Some(&actor.principal), contract)?;
    // It is part of what a signatory reads: nobody signs meanwhile.
    contracts::hold(tx, contract)?;
    all_right(Fault::future_day("/createdOn", input.created_on, actor.now).into_iter().collect())?;
    let known = row(tx, contract)?;
    let is_new = match conditions.judge(known, |row| *row.terms == *input, |row| Ok(row.etag()))? {
        Put::Keep(row) => return Ok((row, false)),
        Put::Make => {
            insert(tx, actor, contract, input)?;
            true
        }
        Put::Replace(row) => {
            replace(tx, actor, &row, input)?;
            false
        }
    };
    let set = row(tx, contract)?.ok_or_else(|| Error::internal("the council is gone"))?;
    events::record(tx, actor, Event::CouncilSet, contract, &set.clone().view())?;
    Ok((set, is_new))
}

fn insert(tx: &mut DbConnection, actor: &Actor, contract: ContractId, input: &CouncilInput) -> Result<()> {
    diesel::insert_into(dsl::councils)
        .values((
            dsl::contract_id.eq(contract),
            dsl::version.eq(1_i64),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    Ok(())
}

fn replace(tx: &mut DbConnection, actor: &Actor, row: &Row, input: &CouncilInput) -> Result<()> {
    let same = dsl::councils.find(row.contract_id).filter(dsl::version.eq(row.version));
    changed_once(
        diesel::update(same)
            .set((
                dsl::version.eq(row.version + 1),
                dsl::terms.eq(Json::new(input.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )
}
