//! Contracts and their signed amendments in the database: signed ones are for everyone, drafts for the staff of the contract
//! and the co-funders that are party to it.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::amendments::{AmendmentInput, Change};
use super::api::{ContractInput, Signatory, SigningStatus};
use super::consolidation::{Dated, fold, in_order};
use crate::auth::{Drafts, Principal};
use crate::cofunders;
use crate::db::schema::{contract_signatures, contracts, contracts::dsl};
use crate::db::{DbConnection, Json};
use crate::error::{Error, Result};
use crate::http::Walk;
use crate::types::{AmendmentId, CoFunderId, ContractId, Instant};
use crate::walked;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = contracts)]
pub struct Row {
    pub id: ContractId,
    pub version: i64,
    pub terms: Json<ContractInput>,
    pub signed: bool,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// The contract, if this reader may see it.
pub fn find(connection: &mut DbConnection, principal: Option<&Principal>, id: ContractId) -> Result<Row> {
    let found: Option<Row> = dsl::contracts.find(id).select(Row::as_select()).first(connection).optional()?;
    let row = found.ok_or_else(Error::not_found)?;
    if row.signed || sees_drafts_of(connection, principal, id)? { Ok(row) } else { Err(Error::not_found()) }
}

/// Whether this reader is shown the drafts of a contract: the contract itself, its amendments, its calls. They
/// are for its staff and for the co-funders that are party to it, not for the partners of other contracts.
pub fn sees_drafts_of(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    contract: ContractId,
) -> Result<bool> {
    match Drafts::shown_to(principal) {
        Drafts::All => Ok(true),
        Drafts::Of(own) => Ok(own == contract),
        Drafts::OfParty(co_funder) => is_party(connection, contract, co_funder),
        Drafts::None => Ok(false),
    }
}

/// Whether a co-funder is a signatory of this contract, or joins it by a signed amendment.
pub fn is_party(connection: &mut DbConnection, contract: ContractId, co_funder: CoFunderId) -> Result<bool> {
    let terms: Option<Json<ContractInput>> =
        dsl::contracts.find(contract).select(dsl::terms).first(connection).optional()?;
    let Some(terms) = terms else { return Ok(false) };
    let joins = Change::AddSignatory { co_funder_id: co_funder };
    Ok(terms.signatories.contains(&co_funder)
        || signed_amendments(connection, contract)?.iter().any(|one| one.changes.contains(&joins)))
}

/// The contracts not signed yet that a co-funder is to sign. They are few: their terms are read.
fn drafts_of_party(connection: &mut DbConnection, co_funder: CoFunderId) -> Result<Vec<ContractId>> {
    let drafts: Vec<(ContractId, Json<ContractInput>)> =
        dsl::contracts.filter(dsl::signed.eq(false)).select((dsl::id, dsl::terms)).load(connection)?;
    let own = drafts.into_iter().filter(|(_, terms)| terms.signatories.contains(&co_funder));
    Ok(own.map(|(id, _)| id).collect())
}

/// The contract, whoever asks: for rules.
pub fn find_any(connection: &mut DbConnection, id: ContractId) -> Result<Row> {
    Ok(dsl::contracts.find(id).select(Row::as_select()).first(connection)?)
}

pub fn list(connection: &mut DbConnection, principal: Option<&Principal>, walk: &Walk) -> Result<Vec<Row>> {
    let mut query = dsl::contracts.select(Row::as_select()).into_boxed();
    query = match Drafts::shown_to(principal) {
        Drafts::All => query,
        Drafts::Of(own) => query.filter(dsl::signed.eq(true).or(dsl::id.eq(own))),
        Drafts::OfParty(co_funder) => {
            let own = drafts_of_party(connection, co_funder)?;
            query.filter(dsl::signed.eq(true).or(dsl::id.eq_any(own)))
        }
        Drafts::None => query.filter(dsl::signed.eq(true)),
    };
    Ok(walked!(query, dsl::id, walk).load(connection)?)
}

/// The signed amendments of a contract, in the order in which they apply.
pub fn signed_amendments(connection: &mut DbConnection, contract: ContractId) -> Result<Vec<Dated>> {
    use crate::db::schema::{amendment_signatures as signature, amendments as amendment};
    type Terms = Json<AmendmentInput>;
    let rows: Vec<(AmendmentId, Terms)> = amendment::table
        .filter(amendment::contract_id.eq(contract).and(amendment::signed.eq(true)))
        .select((amendment::id, amendment::terms))
        .load(connection)?;
    let ids: Vec<AmendmentId> = rows.iter().map(|(id, _)| *id).collect();
    let days: Vec<(AmendmentId, NaiveDate)> = signature::table
        .filter(signature::amendment_id.eq_any(ids))
        .select((signature::amendment_id, signature::signed_on))
        .load(connection)?;
    let mut last_signed: HashMap<AmendmentId, NaiveDate> = HashMap::new();
    for (id, day) in days {
        let last = last_signed.entry(id).or_insert(day);
        *last = day.max(*last);
    }
    let dated = rows.iter().map(|(id, terms)| Dated::new(*id, terms, last_signed.get(id).copied()));
    Ok(in_order(dated.collect()))
}

/// The amendments in force on a day, in the order in which they apply.
pub fn in_force(connection: &mut DbConnection, id: ContractId, as_of: NaiveDate) -> Result<Vec<Dated>> {
    let mut amendments = signed_amendments(connection, id)?;
    amendments.retain(|amendment| amendment.in_force_from <= as_of);
    Ok(amendments)
}

/// Who signed an amendment, and when.
pub fn amendment_signatures(
    connection: &mut DbConnection,
    id: AmendmentId,
) -> Result<Vec<(CoFunderId, NaiveDate)>> {
    use crate::db::schema::amendment_signatures::dsl as signature;
    Ok(signature::amendment_signatures
        .filter(signature::amendment_id.eq(id))
        .order((signature::recorded_at, signature::co_funder_id))
        .select((signature::co_funder_id, signature::signed_on))
        .load(connection)?)
}

/// Holds a contract until the transaction ends: nobody signs meanwhile.
pub fn hold(tx: &mut DbConnection, id: ContractId) -> Result<()> {
    diesel::update(dsl::contracts.find(id)).set(dsl::version.eq(dsl::version + 1)).execute(tx)?;
    Ok(())
}

/// The terms in force on a day, for other slices: what a call may refer to.
pub fn terms_as_of(
    connection: &mut DbConnection,
    id: ContractId,
    as_of: NaiveDate,
) -> Result<Option<ContractInput>> {
    let row: Option<Row> = dsl::contracts.find(id).select(Row::as_select()).first(connection).optional()?;
    match row.filter(|row| row.signed) {
        Some(row) => Ok(Some(fold(&row.terms, &in_force(connection, id, as_of)?).0.contract)),
        None => Ok(None),
    }
}

/// Whether there is such a contract, and all have signed it.
pub fn is_signed(connection: &mut DbConnection, id: ContractId) -> Result<bool> {
    let signed: Option<bool> = dsl::contracts.find(id).select(dsl::signed).first(connection).optional()?;
    Ok(signed == Some(true))
}

pub fn status(signed: bool, signatories: &[Signatory]) -> SigningStatus {
    match signatories.iter().any(|one| one.signed_on.is_some()) {
        _ if signed => SigningStatus::Signed,
        true => SigningStatus::Signing,
        false => SigningStatus::Draft,
    }
}

/// Those who sign the contract, with the days they did.
pub fn signatories(
    connection: &mut DbConnection,
    id: ContractId,
    ids: &[CoFunderId],
) -> Result<Vec<Signatory>> {
    use contract_signatures::dsl as signature;
    let signed: Vec<(CoFunderId, NaiveDate)> = signature::contract_signatures
        .filter(signature::contract_id.eq(id))
        .select((signature::co_funder_id, signature::signed_on))
        .load(connection)?;
    named(connection, ids, &signed)
}

/// Signatories by id, with names and signature dates.
pub fn named(
    connection: &mut DbConnection,
    ids: &[CoFunderId],
    signed: &[(CoFunderId, NaiveDate)],
) -> Result<Vec<Signatory>> {
    let names = cofunders::names(connection, ids)?;
    let signatory = |id: &CoFunderId| Signatory {
        co_funder_id: *id,
        name: names.get(id).cloned().unwrap_or_default(),
        signed_on: signed.iter().find(|(who, _)| who == id).map(|(_, day)| *day),
    };
    Ok(ids.iter().map(signatory).collect())
}
