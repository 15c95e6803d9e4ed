//! Councils in the database: one a contract, replaced whole.

use diesel::prelude::*;

use super::super::store as contracts;
use super::api::{Council, CouncilInput};
use crate::db::schema::{councils, councils::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Result};
use crate::events::{self, Event};
use crate::http::{Actor, Conditions, ETag};
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
    let known = row(tx, contract)?;
    match &known {
        None => {
            conditions.if_match.check_nothing()?;
            diesel::insert_into(dsl::councils)
                .values((
                    dsl::contract_id.eq(contract),
                    dsl::version.eq(1_i64),
                    dsl::terms.eq(Json::new(input.clone())?),
                    dsl::created_at.eq(actor.now),
                    dsl::updated_at.eq(actor.now),
                ))
                .execute(tx)
                // Somebody set it meanwhile: run again, the transaction finds it there.
                .map_err(|cause| Error::from(cause).retryable())?;
        }
        Some(_) if conditions.must_be_new => return Err(Error::new(Code::PreconditionFailed)),
        Some(row) if *row.terms == *input => return Ok((row.clone(), false)),
        Some(row) => {
            conditions.if_match.check(&row.etag())?;
            let same = dsl::councils.find(contract).filter(dsl::version.eq(row.version));
            changed_once(
                diesel::update(same)
                    .set((
                        dsl::version.eq(row.version + 1),
                        dsl::terms.eq(Json::new(input.clone())?),
                        dsl::updated_at.eq(actor.now),
                    ))
                    .execute(tx)?,
            )?;
        }
    }
    let set = row(tx, contract)?.ok_or_else(|| Error::internal("the council is gone"))?;
    events::record(tx, actor, Event::CouncilSet, contract, &set.clone().view())?;
    Ok((set, known.is_none()))
}
