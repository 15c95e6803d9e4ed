//! The life of a session: planned, opened on a frozen programme, closed with its minutes on another.

use std::collections::HashSet;

use super::super::assembly::{self, Supposed};
use super::api::{Minutes, SessionInput, SessionStatus};
use super::store::{self, Row};
use crate::applications;
use crate::calls::{self, CallRow};
use crate::db::DbConnection;
use crate::error::{Code, Error, Fault, Result, all_right};
use crate::http::{Actor, IfMatch, Patch};
use crate::types::{ApplicationId, CallId, CommitteeSessionId};

/// Plans a session of a call, by its staff.
pub fn plan(tx: &mut DbConnection, actor: &Actor, call: CallId, input: &SessionInput) -> Result<Row> {
    let call = calls::find(tx, Some(&actor.principal), call)?;
    actor.principal.check_staff_of(call.terms.contract_id)?;
    call.check_not_archived()?;
    all_right(unknown_items(tx, call.id, input)?)?;
    store::insert(tx, actor, call.id, input)
}

/// Changes the date or the agenda of a session that is not open yet.
pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: CommitteeSessionId,
    if_match: &IfMatch,
    patch: &Patch<SessionInput>,
) -> Result<Row> {
    let (row, _) = own(tx, actor, id)?;
    if_match.check(&row.etag())?;
    if row.status != SessionStatus::Planned {
        return Err(not_from(row.status, "changed", "modifiée"));
    }
    let input = patch.apply(&row.terms)?;
    if input == *row.terms {
        return Ok(row);
    }
    all_right(unknown_items(tx, row.call_id, &input)?)?;
    store::replace(tx, actor, &row, &input)
}

/// Opens a session on the programme as it is now; one that is open already, or closed, is answered as it is.
pub fn open(tx: &mut DbConnection, actor: &Actor, id: CommitteeSessionId, if_match: &IfMatch) -> Result<Row> {
    let (row, call) = own(tx, actor, id)?;
    if row.status != SessionStatus::Planned {
        return Ok(row);
    }
    if_match.check_if_sent(&row.etag())?;
    call.check_not_archived()?;
    store::hold(tx, &row)?;
    let examined = freeze(tx, actor, &call)?;
    store::open(tx, actor, &row, &examined)
}

/// Closes an open session with its minutes, on the programme as it is now; the same minutes again change nothing.
pub fn close(
    tx: &mut DbConnection,
    actor: &Actor,
    id: CommitteeSessionId,
    if_match: &IfMatch,
    minutes: &Minutes,
) -> Result<Row> {
    let (row, call) = own(tx, actor, id)?;
    if row.minutes.as_deref() == Some(minutes) {
        return Ok(row);
    }
    if_match.check_if_sent(&row.etag())?;
    if row.status != SessionStatus::Open {
        return Err(not_from(row.status, "closed", "close"));
    }
    all_right(misplaced(&row, &call, minutes))?;
    store::hold(tx, &row)?;
    let concluded = freeze(tx, actor, &call)?;
    store::close(tx, actor, &row, minutes, &concluded)
}

/// The session, for the staff of its contract.
pub fn own(tx: &mut DbConnection, actor: &Actor, id: CommitteeSessionId) -> Result<(Row, CallRow)> {
    let (row, call) = store::find(tx, &actor.principal, id)?;
    actor.principal.check_staff_of(call.terms.contract_id)?;
    Ok((row, call))
}

pub fn not_from(status: SessionStatus, en: &str, fr: &str) -> Error {
    Error::new(Code::InvalidTransition).detail(
        format!("a session that is {status} cannot be {en}"),
        format!("une séance {} ne peut être {fr}", status.french()),
    )
}

/// The programme of a call, while no money moves: whoever pushes or withdraws waits. Held in the order of every push: what
/// is recorded in a session holds the session, then applications, then envelopes.
fn freeze(tx: &mut DbConnection, actor: &Actor, call: &CallRow) -> Result<String> {
    applications::hold_all_of(tx, call.id)?;
    calls::hold_envelopes(tx, &[call.id], &call.terms.launched_by)?;
    let programme = assembly::whole(tx, &actor.principal, call, &Supposed::default())?;
    serde_json::to_string(&programme).map_err(Error::internal)
}

fn unknown_items(tx: &mut DbConnection, call: CallId, input: &SessionInput) -> Result<Vec<Fault>> {
    let known = applications::decided_on(tx, call)?;
    let known: HashSet<ApplicationId> = known.into_iter().map(|(id, _)| id).collect();
    let unknown = input.agenda.iter().enumerate().filter(|(_, id)| !known.contains(id));
    let what = ("admissible application of the call", "dossier recevable de l’appel");
    Ok(unknown.map(|(place, id)| Fault::unknown(format!("/agenda/{place}"), what, id)).collect())
}

/// Minutes are of co-funders of the call and of applications of the agenda.
fn misplaced(row: &Row, call: &CallRow, minutes: &Minutes) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, id) in minutes.present.iter().enumerate() {
        if !call.terms.launched_by.contains(id) {
            let what = ("co-funder of the call", "cofinanceur de l’appel");
            faults.push(Fault::unknown(format!("/present/{place}"), what, id));
        }
    }
    let agenda: HashSet<ApplicationId> = row.terms.agenda.iter().copied().collect();
    for (place, item) in minutes.items.iter().enumerate() {
        if !agenda.contains(&item.application_id) {
            let what = ("application of the agenda", "dossier de l’ordre du jour");
            faults.push(Fault::unknown(format!("/items/{place}/applicationId"), what, item.application_id));
        }
    }
    faults
}
