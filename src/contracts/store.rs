//! Contracts in the database: signed ones are for everyone, drafts for those who prepare and sign them.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::amendments::{signatures, signed_amendments};
use super::api::{Change, Contract, ContractInput, IncludedAmendment, Signatory, SigningStatus};
use super::consolidation::{Dated, Terms, fold, in_order};
use crate::auth::{Binding, Principal};
use crate::cofunders;
use crate::db::schema::{contract_signatures, contracts, contracts::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch, Walk};
use crate::types::{CoFunderId, ContractId, Instant};
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

/// Drafts are shown to the partners: the staff and the institutions.
pub fn sees_drafts(principal: Option<&Principal>) -> bool {
    principal.is_some_and(|one| matches!(one.binding, Binding::Staff | Binding::CoFunder(_)))
}

/// The contract, if this reader may see it.
pub fn find(connection: &mut DbConnection, principal: Option<&Principal>, id: ContractId) -> Result<Row> {
    let found: Option<Row> = dsl::contracts.find(id).select(Row::as_select()).first(connection).optional()?;
    found.filter(|row| row.signed || sees_drafts(principal)).ok_or_else(Error::not_found)
}

/// The contract, whoever asks: for rules.
pub fn find_any(connection: &mut DbConnection, id: ContractId) -> Result<Row> {
    Ok(dsl::contracts.find(id).select(Row::as_select()).first(connection)?)
}

pub fn list(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    walk: &Walk,
    today: NaiveDate,
) -> Result<Vec<Contract>> {
    let mut query = dsl::contracts.select(Row::as_select()).into_boxed();
    if !sees_drafts(principal) {
        query = query.filter(dsl::signed.eq(true));
    }
    let rows: Vec<Row> = walked!(query, dsl::id, walk).load(connection)?;
    rows.into_iter().map(|row| view(connection, row, today)).collect()
}

/// The contract as it is in force on that day (rule A2).
pub fn view(connection: &mut DbConnection, row: Row, as_of: NaiveDate) -> Result<Contract> {
    let amendments = in_force(connection, row.id, as_of)?;
    let (Terms { contract, commitments }, _) = fold(&row.terms, &amendments);
    let signatories = with_those_who_joined(connection, row.id, &contract.signatories, &amendments)?;
    Ok(Contract {
        id: row.id,
        status: status(row.signed, &signatories),
        as_of,
        reference: contract.reference,
        title: contract.title,
        territory: contract.territory,
        starts_on: contract.starts_on,
        ends_on: contract.ends_on,
        challenges: contract.challenges,
        cross_cutting_challenges: contract.cross_cutting_challenges,
        neighbourhoods: contract.neighbourhoods,
        commitments,
        signatories,
        included_amendments: amendments.into_iter().map(included).collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn included(amendment: Dated) -> IncludedAmendment {
    IncludedAmendment {
        id: amendment.id,
        kind: amendment.kind,
        title: amendment.title,
        effective_on: amendment.effective_on,
        in_force_from: amendment.in_force_from,
    }
}

fn in_force(connection: &mut DbConnection, id: ContractId, as_of: NaiveDate) -> Result<Vec<Dated>> {
    let mut amendments = in_order(signed_amendments(connection, id)?);
    amendments.retain(|amendment| amendment.in_force_from <= as_of);
    Ok(amendments)
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

/// The signatories of a consolidated contract: one that joined by amendment signed that amendment.
fn with_those_who_joined(
    connection: &mut DbConnection,
    id: ContractId,
    ids: &[CoFunderId],
    amendments: &[Dated],
) -> Result<Vec<Signatory>> {
    let mut all = signatories(connection, id, ids)?;
    for amendment in amendments {
        let joining = |one: &Signatory| {
            let adds = Change::AddSignatory { co_funder_id: one.co_funder_id };
            one.signed_on.is_none() && amendment.changes.contains(&adds)
        };
        if all.iter().any(joining) {
            let signed = signatures(connection, amendment.id)?;
            for one in all.iter_mut().filter(|one| joining(one)) {
                one.signed_on = signed.iter().find(|(who, _)| *who == one.co_funder_id).map(|(_, day)| *day);
            }
        }
    }
    Ok(all)
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

pub fn create(tx: &mut DbConnection, actor: &Actor, input: &ContractInput) -> Result<Row> {
    all_right(cofunders::check_known(tx, &input.signatories, "/signatories")?)?;
    let id = ContractId::generate();
    diesel::insert_into(dsl::contracts)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::reference.eq(&input.reference),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::signed.eq(false),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    events::record(tx, actor, Event::ContractCreated, id, input)?;
    find(tx, Some(&actor.principal), id)
}

/// Changes a draft. From the first signature on, a contract changes only by amendment (rule C2).
pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: ContractId,
    if_match: &IfMatch,
    patch: &Patch<ContractInput>,
) -> Result<Row> {
    let current = find(tx, Some(&actor.principal), id)?;
    if_match.check(&ETag::of(&view(tx, current.clone(), actor.now.date())?)?)?;
    let signatories = signatories(tx, id, &current.terms.signatories)?;
    if status(current.signed, &signatories) != SigningStatus::Draft {
        return Err(Error::new(Code::ContractInForce));
    }
    let input = patch.apply(&current.terms)?;
    if input == *current.terms {
        return Ok(current);
    }
    all_right(cofunders::check_known(tx, &input.signatories, "/signatories")?)?;
    let row = dsl::contracts.find(id).filter(dsl::version.eq(current.version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(current.version + 1),
                dsl::reference.eq(&input.reference),
                dsl::terms.eq(Json::new(input.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    events::record(tx, actor, Event::ContractUpdated, id, &input)?;
    find(tx, Some(&actor.principal), id)
}
