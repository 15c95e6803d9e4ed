//! Committee sessions in the database. The programmes frozen in them are large, and read only when they are asked for.

use diesel::prelude::*;

use super::api::{CommitteeSession, Minutes, SessionInput, SessionStatus};
use crate::auth::Principal;
use crate::calls::{self, CallRow};
use crate::db::schema::{committee_agenda, committee_sessions, committee_sessions::dsl};
use crate::db::{DbConnection, Json, changed_once, fields, insert_all};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, Walk};
use crate::types::{CallId, CommitteeSessionId, Instant};
use crate::walked;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = committee_sessions)]
pub struct Row {
    pub id: CommitteeSessionId,
    pub version: i64,
    pub call_id: CallId,
    pub status: SessionStatus,
    pub terms: Json<SessionInput>,
    pub minutes: Option<Json<Minutes>>,
    pub opened_at: Option<Instant>,
    pub closed_at: Option<Instant>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl Row {
    pub fn view(&self) -> CommitteeSession {
        let terms = &self.terms;
        CommitteeSession {
            id: self.id,
            call_id: self.call_id,
            status: self.status,
            title: terms.title.clone(),
            held_at: terms.held_at,
            place: terms.place.clone(),
            agenda: terms.agenda.clone(),
            minutes: self.minutes.clone().map(Json::into_inner),
            opened_at: self.opened_at,
            closed_at: self.closed_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    pub fn etag(&self) -> ETag {
        ETag::version(self.version)
    }
}

/// The session and its call, if this client is a partner of it.
pub fn find(
    connection: &mut DbConnection,
    principal: &Principal,
    id: CommitteeSessionId,
) -> Result<(Row, CallRow)> {
    let found: Option<Row> =
        dsl::committee_sessions.find(id).select(Row::as_select()).first(connection).optional()?;
    let row = found.ok_or_else(Error::not_found)?;
    let call = calls::find(connection, Some(principal), row.call_id)?;
    call.check_partner(principal)?;
    Ok((row, call))
}

pub fn list(connection: &mut DbConnection, call: CallId, walk: &Walk) -> Result<Vec<CommitteeSession>> {
    let query = dsl::committee_sessions.filter(dsl::call_id.eq(call)).select(Row::as_select()).into_boxed();
    let rows: Vec<Row> = walked!(query, dsl::id, walk).load(connection)?;
    Ok(rows.iter().map(Row::view).collect())
}

/// The session that met before another one of the same call, if it was opened.
pub fn before(connection: &mut DbConnection, row: &Row) -> Result<Option<CommitteeSessionId>> {
    let held_at = row.terms.held_at;
    let earlier = dsl::committee_sessions
        .filter(dsl::call_id.eq(row.call_id).and(dsl::id.ne(row.id)).and(dsl::opened_at.is_not_null()))
        .filter(dsl::held_at.lt(held_at).or(dsl::held_at.eq(held_at).and(dsl::id.lt(row.id))))
        .order((dsl::held_at.desc(), dsl::id.desc()));
    Ok(earlier.select(dsl::id).first(connection).optional()?)
}

pub fn insert(tx: &mut DbConnection, actor: &Actor, call: CallId, input: &SessionInput) -> Result<Row> {
    let id = CommitteeSessionId::generate();
    diesel::insert_into(dsl::committee_sessions)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::call_id.eq(call),
            dsl::status.eq(SessionStatus::Planned),
            dsl::held_at.eq(input.held_at),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    keep_agenda(tx, id, input)?;
    recorded(tx, actor, id, Event::SessionPlanned)
}

/// Replaces the date and the agenda of that version of a session.
pub fn replace(tx: &mut DbConnection, actor: &Actor, row: &Row, input: &SessionInput) -> Result<Row> {
    let same = dsl::committee_sessions.find(row.id).filter(dsl::version.eq(row.version));
    changed_once(
        diesel::update(same)
            .set((
                dsl::version.eq(row.version + 1),
                dsl::held_at.eq(input.held_at),
                dsl::terms.eq(Json::new(input.clone())?),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    keep_agenda(tx, row.id, input)?;
    recorded(tx, actor, row.id, Event::SessionUpdated)
}

/// Opens that version of a session, with the programme it examines.
pub fn open(tx: &mut DbConnection, actor: &Actor, row: &Row, examined: &str) -> Result<Row> {
    let same = dsl::committee_sessions.find(row.id).filter(dsl::version.eq(row.version));
    changed_once(
        diesel::update(same)
            .set((
                dsl::version.eq(row.version + 1),
                dsl::status.eq(SessionStatus::Open),
                dsl::examined.eq(examined),
                dsl::opened_at.eq(actor.now),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    recorded(tx, actor, row.id, Event::SessionOpened)
}

/// Closes that version of a session, with its minutes and the programme it leaves.
pub fn close(
    tx: &mut DbConnection,
    actor: &Actor,
    row: &Row,
    minutes: &Minutes,
    concluded: &str,
) -> Result<Row> {
    let same = dsl::committee_sessions.find(row.id).filter(dsl::version.eq(row.version));
    changed_once(
        diesel::update(same)
            .set((
                dsl::version.eq(row.version + 1),
                dsl::status.eq(SessionStatus::Closed),
                dsl::minutes.eq(Json::new(minutes)?),
                dsl::concluded.eq(concluded),
                dsl::closed_at.eq(actor.now),
                dsl::updated_at.eq(actor.now),
            ))
            .execute(tx)?,
    )?;
    recorded(tx, actor, row.id, Event::SessionClosed)
}

/// Holds a session until the transaction ends: it is not closed under the hand that records positions in it.
pub fn hold(tx: &mut DbConnection, row: &Row) -> Result<()> {
    let same = dsl::committee_sessions.find(row.id).filter(dsl::version.eq(row.version));
    changed_once(diesel::update(same).set(dsl::updated_at.eq(dsl::updated_at)).execute(tx)?)
}

/// The programme as it was when a session was opened, and when it was closed.
pub fn frozen(
    connection: &mut DbConnection,
    id: CommitteeSessionId,
) -> Result<(Option<String>, Option<String>)> {
    let row = dsl::committee_sessions.find(id).select((dsl::examined, dsl::concluded));
    Ok(row.first(connection)?)
}

fn keep_agenda(tx: &mut DbConnection, id: CommitteeSessionId, input: &SessionInput) -> Result<()> {
    use committee_agenda::dsl as agenda;
    diesel::delete(agenda::committee_agenda.filter(agenda::session_id.eq(id))).execute(tx)?;
    // In the order in which applications are always held: each row of the agenda refers to one.
    let mut listed = input.agenda.clone();
    listed.sort();
    let row = |application| {
        fields(agenda::committee_agenda).set(agenda::application_id, application).set(agenda::session_id, id)
    };
    Ok(insert_all(tx, listed.into_iter().map(row).collect())?)
}

fn recorded(tx: &mut DbConnection, actor: &Actor, id: CommitteeSessionId, event: Event) -> Result<Row> {
    let row: Row = dsl::committee_sessions.find(id).select(Row::as_select()).first(tx)?;
    events::record(tx, actor, event, id, &row.view())?;
    Ok(row)
}
