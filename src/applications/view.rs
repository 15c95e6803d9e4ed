//! Applications as their readers see them: the same document, with the funding each may know.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::api::{Application, Warning};
use super::attachments::{self, Sight};
use super::content::ApplicationInput;
use super::entries;
use super::funding::{Asked, Funding, funding};
use super::returns::{self, Return};
use super::rules::violations;
use super::status::ApplicationStatus;
use super::store::{self, Row};
use super::transitions::{Facts, is_receivable, transitions};
use crate::auth::{Binding, Principal};
use crate::calls::{self, CallRow};
use crate::db::{DbConnection, Json};
use crate::error::{Error, Result};
use crate::http::Reader;
use crate::organisations;
use crate::types::{ApplicationId, AttachmentKind, CallId, OrganisationId};

/// Partners see every line at any firmness; the applicant and the council from `voted` on (rule D9).
pub fn sees_all_lines(principal: &Principal) -> bool {
    principal.is_staff() || principal.co_funder().is_some()
}

fn lines_seen(principal: &Principal) -> store::Sight {
    if sees_all_lines(principal) { store::Sight::All } else { store::Sight::Public }
}

pub fn one(connection: &mut DbConnection, reader: &Reader, row: Row) -> Result<Application> {
    let mut views = many(connection, reader, vec![row])?;
    views.pop().ok_or_else(Error::not_found)
}

pub fn many(connection: &mut DbConnection, reader: &Reader, rows: Vec<Row>) -> Result<Vec<Application>> {
    let principal = &reader.principal;
    let organisations: Vec<OrganisationId> = rows.iter().map(|row| row.organisation_id).collect();
    let names = organisations::names(connection, &organisations)?;
    let calls = calls_of(connection, principal, &rows)?;
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
    let attached = attachments::kinds_of_each(connection, &ids)?;
    let mut lines = store::lines(connection, &ids, lines_seen(principal))?;
    let dates = entries::dates(connection, principal, &ids)?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let inside = sees_corrections(principal, &row);
        let sight = Sight::of(principal, &row);
        let row = if inside { row } else { as_received(row) };
        let row = Row { updated_at: dates.get(&row.id).copied().unwrap_or(row.updated_at), ..row };
        let own = attached.iter().filter(|(id, _, received)| *id == row.id && (inside || *received));
        let own: Vec<AttachmentKind> = own.map(|(_, kind, _)| *kind).collect();
        let call = calls.get(&row.call_id).ok_or_else(|| Error::internal("an application without a call"))?;
        let lines = lines.remove(&row.id).unwrap_or_default();
        let known = funding(asked_as_seen(principal, &row.content), &lines);
        let returned = match row.status {
            ApplicationStatus::Returned if inside => returns::latest(connection, row.id)?,
            _ => None,
        };
        let name = names.get(&row.organisation_id).cloned().unwrap_or_default();
        let mut view = view(reader, row, call, name, known, returned, &own);
        if let Some(receipt) = &mut view.receipt {
            receipt.attachments.retain(|one| sight.shows_kind(one.kind));
        }
        views.push(view);
    }
    Ok(views)
}

/// Its applicant and the staff see an application while it is corrected; the others what was received.
pub fn sees_corrections(principal: &Principal, row: &Row) -> bool {
    principal.is_staff() || principal.binding == Binding::Organisation(row.organisation_id)
}

/// The people are known to its organisation, the staff and the co-funders asked.
pub fn sees_people(principal: &Principal, organisation: OrganisationId, content: &ApplicationInput) -> bool {
    match principal.binding {
        Binding::Staff | Binding::Instruction(_) => true,
        Binding::Organisation(own) => own == organisation,
        Binding::CoFunder(own) => content.requests.iter().any(|request| request.co_funder_id == own),
        Binding::Council(_) => false,
    }
}

/// Who reads `viabilityFloor`: its organisation, the staff, and the co-funders of the call, who need it to decide together. The
/// council does not: it says what it thinks of the action, and not under which amount it is given up.
pub fn sees_viability_floor(principal: &Principal) -> bool {
    match principal.binding {
        Binding::Staff | Binding::Instruction(_) | Binding::CoFunder(_) | Binding::Organisation(_) => true,
        Binding::Council(_) => false,
    }
}

/// What funding is measured by, as far as this reader knows it: its viability does not tell a floor that is hidden.
fn asked_as_seen<'a>(principal: &Principal, content: &'a ApplicationInput) -> Asked<'a> {
    let asked = content.asked();
    Asked { floor: asked.floor.filter(|_| sees_viability_floor(principal)), ..asked }
}

/// The application as it was received last.
pub fn as_received(mut row: Row) -> Row {
    if let Some(received) = row.received.take() {
        row.content = received;
    }
    row
}

fn calls_of(
    connection: &mut DbConnection,
    principal: &Principal,
    rows: &[Row],
) -> Result<HashMap<CallId, CallRow>> {
    let mut calls = HashMap::new();
    for row in rows {
        if let Entry::Vacant(unknown) = calls.entry(row.call_id) {
            unknown.insert(calls::find(connection, Some(principal), row.call_id)?);
        }
    }
    Ok(calls)
}

fn warnings(reader: &Reader, row: &Row, call: &CallRow, attached: &[AttachmentKind]) -> Vec<Warning> {
    let editable = row.status.is_editable() && sees_corrections(&reader.principal, row);
    let faults = if editable { violations(&row.content, &call.terms, attached) } else { Vec::new() };
    faults.into_iter().map(Warning::from).collect()
}

fn view(
    reader: &Reader,
    row: Row,
    call: &CallRow,
    organisation_name: String,
    funding: Funding,
    returned: Option<Return>,
    attached: &[AttachmentKind],
) -> Application {
    let correctable_until = returned.as_ref().map(|one| one.correct_by);
    let facts = Facts {
        status: row.status,
        organisation: row.organisation_id,
        receivable: is_receivable(call, row.status, correctable_until, reader.now),
        call_archived: call.is_archived(),
    };
    let warnings = warnings(reader, &row, call, attached);
    let content: ApplicationInput = row.content.into_inner();
    let contacts = sees_people(&reader.principal, row.organisation_id, &content).then_some(content.contacts);
    Application {
        id: row.id,
        number: row.number,
        status: row.status,
        status_reason: row.status_reason,
        call_id: row.call_id,
        organisation_id: row.organisation_id,
        organisation_name,
        renewal_of: content.renewal_of,
        title: content.title,
        objectives: content.objectives,
        needs: content.needs,
        description: content.description,
        strand: content.strand,
        challenges: content.challenges,
        operational_priorities: content.operational_priorities,
        statements: content.statements,
        neighbourhoods: content.neighbourhoods,
        audiences: content.audiences,
        partners: content.partners,
        indicators: content.indicators,
        starts_on: content.starts_on,
        ends_on: content.ends_on,
        multi_year: content.multi_year,
        budget: content.budget,
        further_years: content.further_years,
        requests: content.requests,
        viability_floor: content.viability_floor.filter(|_| sees_viability_floor(&reader.principal)),
        contacts,
        external_references: content.external_references,
        funding,
        warnings,
        transitions: transitions(&reader.principal, facts),
        returned,
        receipt: row.receipt.map(Json::into_inner),
        submitted_at: row.submitted_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
