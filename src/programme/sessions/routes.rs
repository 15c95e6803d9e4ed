//! `/v1/calls/{callId}/committee-sessions`, `/v1/committee-sessions/{sessionId}`

use actix_web::web::Data;
use actix_web::{get, patch, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{CommitteeSession, Minutes, SessionInput};
use super::{lifecycle, store};
use crate::calls;
use crate::db::Db;
use crate::error::Result;
use crate::http::{Command, Page, PageQuery, Patch, Path, Reader, Reply, Valid, Walk};
use crate::types::{CallId, CommitteeSessionId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_committee_sessions).service(plan_committee_session).service(get_committee_session);
    config.service(update_committee_session).service(open_committee_session).service(close_committee_session);
}

fn answer(row: &store::Row) -> Result<Reply> {
    Ok(Reply::ok(&row.view())?.etag(&row.etag()))
}

/// List the committee sessions of a call
///
/// For the co-funders of the call and its staff; at most 20 a page.
#[utoipa::path(tag = "programme",
    params(("callId" = CallId, Path, description = "The call."), PageQuery),
    responses((status = 200, description = "A page of sessions.", body = Page<CommitteeSession>)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/calls/{callId}/committee-sessions")]
async fn list_committee_sessions(
    path: Path<(CallId,)>,
    walk: Walk,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    // An agenda may be long.
    let walk = walk.at_most(20);
    let rows = walk.clone();
    let sessions = db
        .read(move |connection| {
            let call = calls::find(connection, Some(&reader.principal), id)?;
            call.check_partner(&reader.principal)?;
            store::list(connection, id, &rows)
        })
        .await?;
    walk.reply(sessions, |session| session.id)
}

/// Plan a committee session
///
/// By the staff, with its date and the applications it examines.
#[utoipa::path(tag = "programme", params(("callId" = CallId, Path, description = "The call.")),
    request_body = SessionInput,
    responses((status = 201, description = "The planned session.", body = CommitteeSession)),
    security(("oauth2" = ["programme:write"])))]
#[post("/v1/calls/{callId}/committee-sessions")]
async fn plan_committee_session(
    path: Path<(CallId,)>,
    command: Command,
    body: Valid<SessionInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((call,)) = path;
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let row = lifecycle::plan(tx, actor, call, &input)?;
            let address = format!("/v1/committee-sessions/{}", row.id);
            Ok(Reply::created(address, &row.view())?.etag(&row.etag()))
        })
        .await
}

/// Get a committee session
#[utoipa::path(tag = "programme", params(("sessionId" = CommitteeSessionId, Path, description = "The session.")),
    responses((status = 200, description = "The session.", body = CommitteeSession)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/committee-sessions/{sessionId}")]
async fn get_committee_session(
    path: Path<(CommitteeSessionId,)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| answer(&store::find(connection, &reader.principal, id)?.0)).await
}

/// Change a planned committee session
///
/// Its date, its place, its agenda, until it is opened.
#[utoipa::path(tag = "programme", params(("sessionId" = CommitteeSessionId, Path, description = "The session.")),
    request_body(content = SessionInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The session.", body = CommitteeSession)),
    security(("oauth2" = ["programme:write"])))]
#[patch("/v1/committee-sessions/{sessionId}")]
async fn update_committee_session(
    path: Path<(CommitteeSessionId,)>,
    command: Command,
    patch: Patch<SessionInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command.put(&db, move |tx, actor| answer(&lifecycle::change(tx, actor, id, &if_match, &patch)?)).await
}

/// Open a committee session
///
/// The programme it examines is frozen as it is now. Opening it again changes nothing.
#[utoipa::path(tag = "programme", params(("sessionId" = CommitteeSessionId, Path, description = "The session.")),
    responses((status = 200, description = "The session.", body = CommitteeSession)),
    security(("oauth2" = ["programme:write"])))]
#[put("/v1/committee-sessions/{sessionId}/opening")]
async fn open_committee_session(
    path: Path<(CommitteeSessionId,)>,
    command: Command,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command.put(&db, move |tx, actor| answer(&lifecycle::open(tx, actor, id, &if_match)?)).await
}

/// Close a committee session
///
/// With its minutes; the programme it leaves is frozen as it is now. The same minutes again change nothing, others are
/// refused.
#[utoipa::path(tag = "programme", params(("sessionId" = CommitteeSessionId, Path, description = "The session.")),
    request_body = Minutes,
    responses((status = 200, description = "The session.", body = CommitteeSession)),
    security(("oauth2" = ["programme:write"])))]
#[put("/v1/committee-sessions/{sessionId}/closure")]
async fn close_committee_session(
    path: Path<(CommitteeSessionId,)>,
    command: Command,
    body: Valid<Minutes>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command.put(&db, move |tx, actor| answer(&lifecycle::close(tx, actor, id, &if_match, &body.value)?)).await
}
