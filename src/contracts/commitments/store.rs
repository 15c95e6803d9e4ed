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
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::events::{self, Event};
use crate::http::{Actor, Walk};
use crate::types::{CommitmentReportId, ContractId, Instant};
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
    if commitments.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = dsl::commitment_reports
        .filter(dsl::contract_id.eq(contract).and(dsl::reported_on.le(as_of)))
        .order((dsl::reported_on, dsl::id))
        .select(Row::as_select())
        .load(connection)?;
    let mut last: HashMap<String, Row> = rows.into_iter().map(|row| (row.code.clone(), row)).collect();
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

/// Refuses with 404 a code that no commitment of the contract has or ever had.
fn check_known(connection: &mut DbConnection, contract: &ContractRow, code: &str) -> Result<()> {
    let ever = fold(&contract.terms, &signed_amendments(connection, contract.id)?).0;
    if ever.commitment_codes.contains(code) { Ok(()) } else { Err(Error::not_found()) }
}

/// What was reported on a commitment, the retired ones included.
pub fn reports(
    connection: &mut DbConnection,
    principal: Option<&Principal>,
    (contract, code): (ContractId, &str),
    walk: &Walk,
) -> Result<Vec<CommitmentReport>> {
    let row = find(connection, principal, contract)?;
    check_known(connection, &row, code)?;
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
    check_known(connection, &row, code)?;
    let found: Option<Row> = dsl::commitment_reports
        .filter(dsl::id.eq(id).and(dsl::contract_id.eq(contract)).and(dsl::code.eq(code)))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    found.map(CommitmentReport::from).ok_or_else(Error::not_found)
}

/// Records what the party of a commitment reports on it.
pub fn report(
    tx: &mut DbConnection,
    actor: &Actor,
    (contract, code): (ContractId, &str),
    input: &CommitmentReportInput,
) -> Result<CommitmentReport> {
    let row = find(tx, Some(&actor.principal), contract)?;
    check_known(tx, &row, code)?;
    // Nobody retires the commitment meanwhile.
    hold(tx, contract)?;
    if input.reported_on > actor.now.latest_date() {
        let fault =
            Fault::new("/reportedOn", FaultCode::InTheFuture, "is in the future", "est dans le futur");
        return Err(Error::invalid(vec![fault]));
    }
    let commitments = terms(tx, &row, input.reported_on)?.commitments;
    let Some(commitment) = commitments.iter().find(|one| one.code == code) else {
        let (en, fr) =
            ("the commitment was not in force on that day", "l’engagement n’était pas en vigueur ce jour-là");
        return Err(Error::invalid(vec![Fault::new("/reportedOn", FaultCode::OutsidePeriod, en, fr)]));
    };
    if actor.principal.co_funder() != Some(commitment.co_funder_id) {
        let (en, fr) =
            ("its party reports on a commitment", "un engagement est suivi par celui qui l’a pris");
        return Err(Error::new(Code::NotYourInstitution).detail(en, fr));
    }
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
