//! Amendments in the database: drafted, checked against the contract they change, frozen once signed.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::super::consolidation::{Dated, fold, in_order};
use super::super::documents;
use super::super::store::{self, amendment_signatures as signatures, named, signed_amendments, status};
use super::api::{Amendment, AmendmentInput, Change};
use crate::auth::Principal;
use crate::cofunders;
use crate::db::schema::{amendments, amendments::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Code, Error, Fault, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch, Walk};
use crate::types::{AmendmentId, CoFunderId, ContractId, Instant};
use crate::walked;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = amendments)]
pub struct Row {
    pub id: AmendmentId,
    pub version: i64,
    pub contract_id: ContractId,
    pub terms: Json<AmendmentInput>,
    pub signed: bool,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// The amendment, if this reader may see it.
pub fn find(connection: &mut DbConnection, principal: Option<&Principal>, id: AmendmentId) -> Result<Row> {
    let found: Option<Row> =
        dsl::amendments.find(id).select(Row::as_select()).first(connection).optional()?;
    let row = found.ok_or_else(Error::not_found)?;
    let visible = row.signed
        || joins(principal, &row.terms)
        || store::sees_drafts_of(connection, principal, row.contract_id)?;
    if visible { Ok(row) } else { Err(Error::not_found()) }
}

/// Whether this reader becomes a signatory by the amendment: it reads what it is asked to sign.
fn joins(principal: Option<&Principal>, terms: &AmendmentInput) -> bool {
    let own = principal.and_then(Principal::co_funder);
    own.is_some_and(|co_funder_id| terms.changes.contains(&Change::AddSignatory { co_funder_id }))
}

/// The amendments not signed yet by which this reader becomes a signatory of the contract.
fn drafts_joined(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    contract: ContractId,
) -> Result<Vec<AmendmentId>> {
    let drafts: Vec<(AmendmentId, Json<AmendmentInput>)> = dsl::amendments
        .filter(dsl::contract_id.eq(contract).and(dsl::signed.eq(false)))
        .select((dsl::id, dsl::terms))
        .load(connection)?;
    Ok(drafts.into_iter().filter(|(_, terms)| joins(principal, terms)).map(|(id, _)| id).collect())
}

pub fn list(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    contract: ContractId,
    walk: &Walk,
    today: NaiveDate,
) -> Result<Vec<Amendment>> {
    store::find(connection, principal, contract)?;
    let mut query =
        dsl::amendments.filter(dsl::contract_id.eq(contract)).select(Row::as_select()).into_boxed();
    if !store::sees_drafts_of(connection, principal, contract)? {
        let joined = drafts_joined(connection, principal, contract)?;
        query = query.filter(dsl::signed.eq(true).or(dsl::id.eq_any(joined)));
    }
    let rows: Vec<Row> = walked!(query, dsl::id, walk).load(connection)?;
    rows.into_iter().map(|row| view(connection, row, today)).collect()
}

pub fn view(connection: &mut DbConnection, row: Row, today: NaiveDate) -> Result<Amendment> {
    let required = required_signatories(connection, &row, today)?;
    let signed = signatures(connection, row.id)?;
    let signatories = named(connection, &required, &signed)?;
    let last_signed = signed.iter().map(|(_, day)| *day).max();
    let terms = row.terms.into_inner();
    Ok(Amendment {
        id: row.id,
        contract_id: row.contract_id,
        status: status(row.signed, &signatories),
        kind: terms.kind,
        title: terms.title,
        effective_on: terms.effective_on,
        in_force_from: last_signed.filter(|_| row.signed).map(|day| day.max(terms.effective_on)),
        changes: terms.changes,
        documents: terms.documents,
        signatories,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Those who must sign: the signatories of the contract on the day the amendment can come into force at the soonest
/// (today, or `effectiveOn` if that is later), those
/// it adds included. Once it is signed they are those who signed, whoever joins later.
pub fn required_signatories(
    connection: &mut DbConnection,
    row: &Row,
    today: NaiveDate,
) -> Result<Vec<CoFunderId>> {
    if row.signed {
        return Ok(signatures(connection, row.id)?.into_iter().map(|(who, _)| who).collect());
    }
    let contract = store::find_any(connection, row.contract_id)?;
    let mut folded = signed_amendments(connection, row.contract_id)?;
    folded.retain(|one| one.id != row.id && one.in_force_from <= today.max(row.terms.effective_on));
    folded.push(Dated::new(row.id, &row.terms, Some(today)));
    Ok(fold(&contract.terms, &in_order(folded)).0.contract.signatories)
}

/// Refuses changes that cannot apply to the contract as it will be, and those after which a later, already signed
/// amendment could not (rule A3).
pub fn check_applicable(
    connection: &mut DbConnection,
    contract: ContractId,
    id: AmendmentId,
    input: &AmendmentInput,
    today: NaiveDate,
) -> Result<()> {
    let original = store::find_any(connection, contract)?;
    let mut all = signed_amendments(connection, contract)?;
    all.retain(|one| one.id != id);
    let last_signed = signatures(connection, id)?.into_iter().map(|(_, day)| day).max();
    all.push(Dated::new(id, input, Some(last_signed.unwrap_or(today))));
    let (_, faults) = fold(&original.terms, &in_order(all));
    let own = faults.iter().filter(|(of, _)| *of == id).map(|(_, fault)| fault.clone()).collect();
    all_right(own)?;
    match faults.first() {
        Some((later, _)) => Err(Error::new(Code::Conflict).detail(
            format!("the signed amendment {later}, which takes effect later, could no longer apply"),
            format!("l’avenant signé {later}, qui prend effet plus tard, ne pourrait plus s’appliquer"),
        )),
        None => Ok(()),
    }
}

fn check(
    tx: &mut DbConnection,
    contract: ContractId,
    id: AmendmentId,
    input: &AmendmentInput,
    today: NaiveDate,
) -> Result<()> {
    let mut faults = Vec::new();
    for (place, change) in input.changes.iter().enumerate() {
        if let Change::AddSignatory { co_funder_id } = change
            && !cofunders::names(tx, &[*co_funder_id])?.contains_key(co_funder_id)
        {
            faults.push(Fault::unknown(
                format!("/changes/{place}/coFunderId"),
                ("co-funder", "cofinanceur"),
                co_funder_id,
            ));
        }
    }
    match check_applicable(tx, contract, id, input, today) {
        Err(error) if error.code() == Code::ValidationFailed => faults.extend_from_slice(error.fault_list()),
        other if faults.is_empty() => return other,
        _ => {}
    }
    all_right(faults)
}

/// Drafts an amendment of a signed contract.
pub fn draft(
    tx: &mut DbConnection,
    actor: &Actor,
    contract: ContractId,
    input: &AmendmentInput,
) -> Result<Row> {
    if !store::find(tx, Some(&actor.principal), contract)?.signed {
        let (en, fr) =
            ("the contract is not signed yet: edit it", "le contrat n’est pas encore signé : modifiez-le");
        return Err(Error::new(Code::InvalidTransition).detail(en, fr));
    }
    let id = AmendmentId::generate();
    check(tx, contract, id, input, actor.now.date())?;
    diesel::insert_into(dsl::amendments)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::contract_id.eq(contract),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::effective_on.eq(input.effective_on),
            dsl::signed.eq(false),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    events::record(tx, actor, Event::AmendmentDrafted, id, input)?;
    find(tx, Some(&actor.principal), id)
}

/// Changes a draft; a signed amendment never changes (rule A1), it only gains documents.
pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: AmendmentId,
    if_match: &IfMatch,
    patch: &Patch<AmendmentInput>,
) -> Result<Row> {
    let current = find(tx, Some(&actor.principal), id)?;
    if_match.check(&ETag::of(&view(tx, current.clone(), actor.now.date())?)?)?;
    let input = patch.apply(&current.terms)?;
    if input == *current.terms {
        return Ok(current);
    }
    if current.signed || !signatures(tx, id)?.is_empty() {
        if !gains_documents(&current.terms, &input) {
            return Err(Error::new(Code::AmendmentSigned));
        }
    } else {
        check(tx, current.contract_id, id, &input, actor.now.date())?;
    }
    let row = dsl::amendments.find(id).filter(dsl::version.eq(current.version));
    changed_once(
        diesel::update(row)
            .set((
                dsl::version.eq(current.version + 1),
                dsl::terms.eq(Json::new(input.clone())?),
                dsl::effective_on.eq(input.effective_on),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    events::record(tx, actor, Event::AmendmentUpdated, id, &input)?;
    find(tx, Some(&actor.principal), id)
}

fn gains_documents(before: &AmendmentInput, after: &AmendmentInput) -> bool {
    let gained = AmendmentInput { documents: after.documents.clone(), ..before.clone() };
    gained == *after && documents::are_kept(&before.documents, &after.documents)
}
