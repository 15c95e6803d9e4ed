//! Reports on commitments in the database.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::super::amendments::CommitmentTerms;
use super::super::consolidation::{Terms, fold};
use super::super::store::{Row as ContractRow, find, hold, in_force, signed_amendments};
use super::api::{Commitment, CommitmentReport, CommitmentReportInput, CommitmentState};
use crate::auth::Principal;
use crate::db::DbConnection;
use crate::db::schema::{commitment_reports, commitment_reports::dsl};
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, Walk};
use crate::types::{CoFunderId, CommitmentReportId, ContractId, Instant};
use crate::walked;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = commitment_reports)]
struct Row {
    id: CommitmentReportId,
    code: String,
    state: CommitmentState,
    note: String,
    reported_on: NaiveDate,
    recorded_at: Instant,
}

impl From<Row> for CommitmentReport {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            commitment: row.code,
            state: row.state,
            note: row.note,
            reported_on: row.reported_on,
            recorded_at: row.recorded_at,
        }
    }
}

/// Commitments with what was last reported on each by that day.
pub fn reported(
    connection: &mut DbConnection,
    contract: ContractId,
    commitments: Vec<CommitmentTerms>,
    as_of: NaiveDate,
) -> Result<Vec<Commitment>> {
    let mut last = HashMap::new();
    for terms in &commitments {
        let row: Option<Row> = dsl::commitment_reports
            .filter(dsl::contract_id.eq(contract).and(dsl::code.eq(&terms.code)))
            .filter(dsl::reported_on.le(as_of))
            .order((dsl::reported_on.desc(), dsl::id.desc()))
            .select(Row::as_select())
            .first(connection)
            .optional()?;
        last.extend(row.map(|row| (terms.code.clone(), row)));
    }
    let commitment = |terms: CommitmentTerms| Commitment {
        last_report: last.remove(&terms.code).map(CommitmentReport::from),
        code: terms.code,
        co_funder_id: terms.co_funder_id,
        challenge: terms.challenge,
        text: terms.text,
    };
    Ok(commitments.into_iter().map(commitment).collect())
}

/// The commitments in force on a day.
pub fn list(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    contract: ContractId,
    as_of: NaiveDate,
) -> Result<Vec<Commitment>> {
    let row = find(connection, principal, contract)?;
    let terms = terms(connection, &row, as_of)?;
    reported(connection, contract, terms.commitments, as_of)
}

fn terms(connection: &mut DbConnection, contract: &ContractRow, as_of: NaiveDate) -> Result<Terms> {
    Ok(fold(&contract.terms, &in_force(connection, contract.id, as_of)?).0)
}

/// Who took the commitment of that code, in force or retired; 404 when the contract never had one.
fn party(connection: &mut DbConnection, contract: &ContractRow, code: &str) -> Result<CoFunderId> {
    let ever = fold(&contract.terms, &signed_amendments(connection, contract.id)?).0;
    ever.parties.get(code).copied().ok_or_else(Error::not_found)
}

/// What was reported on a commitment, the retired ones included.
pub fn reports(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    (contract, code): (ContractId, &str),
    walk: &Walk,
) -> Result<Vec<CommitmentReport>> {
    let row = find(connection, principal, contract)?;
    party(connection, &row, code)?;
    let query = dsl::commitment_reports
        .filter(dsl::contract_id.eq(contract).and(dsl::code.eq(code)))
        .select(Row::as_select())
        .into_boxed();
    let rows: Vec<Row> = walked!(query, dsl::id, walk).load(connection)?;
    Ok(rows.into_iter().map(CommitmentReport::from).collect())
}

pub fn find_report(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    (contract, code): (ContractId, &str),
    id: CommitmentReportId,
) -> Result<CommitmentReport> {
    let row = find(connection, principal, contract)?;
    party(connection, &row, code)?;
    let found: Option<Row> = dsl::commitment_reports
        .filter(dsl::id.eq(id).and(dsl::contract_id.eq(contract)).and(dsl::code.eq(code)))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    found.map(CommitmentReport::from).ok_or_else(Error::not_found)
}

/// A report is on a day that has come, on which the commitment was in force.
fn check_day(
    tx: &mut DbConnection,
    actor: &Actor,
    contract: &ContractRow,
    code: &str,
    day: NaiveDate,
) -> Result<()> {
    all_right(Fault::future_day("/reportedOn", day, actor.now).into_iter().collect())?;
    if terms(tx, contract, day)?.commitments.iter().any(|one| one.code == code) {
        return Ok(());
    }
    let (en, fr) =
        ("the commitment was not in force on that day", "l’engagement n’était pas en vigueur ce jour-là");
    Err(Error::invalid(vec![Fault::new("/reportedOn", FaultCode::OutsidePeriod, en, fr)]))
}

/// Records what the party of a commitment reports on it.
pub fn report(
    tx: &mut DbConnection,
    actor: &Actor,
    (contract, code): (ContractId, &str),
    input: &CommitmentReportInput,
) -> Result<CommitmentReport> {
    let row = find(tx, Some(&actor.principal), contract)?;
    if actor.principal.co_funder() != Some(party(tx, &row, code)?) {
        let (en, fr) = (
            "only its own party reports on a commitment",
            "seul celui qui a pris un engagement en rend compte",
        );
        return Err(Error::new(Code::NotYourInstitution).detail(en, fr));
    }
    // Nobody retires the commitment meanwhile.
    hold(tx, contract)?;
    check_day(tx, actor, &row, code, input.reported_on)?;
    let made = Row {
        id: CommitmentReportId::generate(),
        code: code.to_owned(),
        state: input.state,
        note: input.note.clone(),
        reported_on: input.reported_on,
        recorded_at: actor.now,
    };
    diesel::insert_into(dsl::commitment_reports)
        .values((
            dsl::id.eq(made.id),
            dsl::contract_id.eq(contract),
            dsl::code.eq(&made.code),
            dsl::state.eq(made.state),
            dsl::note.eq(&made.note),
            dsl::reported_on.eq(made.reported_on),
            dsl::recorded_at.eq(made.recorded_at),
        ))
        .execute(tx)?;
    let report = CommitmentReport::from(made);
    events::record(tx, actor, Event::CommitmentReported, contract, &report)?;
    Ok(report)
}
