//! `/v1/calls`

use actix_web::web::{Data, Query};
use actix_web::{get, patch, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{Call, CallInput, CallStatus};
use super::creation::CallCreation;
use super::store::{self, Filter, Row};
use super::{drafting, lifecycle};
use crate::db::{Db, DbConnection};
use crate::error::Result;
use crate::http::{Actor, Command, IfMatch, Page, PageQuery, Patch, Path, Reply, Valid, Viewer, Walk};
use crate::types::{CallId, ContractId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_calls)
        .service(create_call)
        .service(get_call)
        .service(update_call)
        .service(publish_call)
        .service(conclude_call)
        .service(archive_call);
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FilterQuery {
    /// Only those of this contract.
    contract: Option<ContractId>,
    /// Only those whose actions are in this year.
    #[param(minimum = 2000, maximum = 2100)]
    year: Option<i32>,
    /// Only those in this status.
    #[param(inline)]
    status: Option<CallStatus>,
}

/// List calls
///
/// Published calls are public, and stay so when they are archived. A draft is shown to the staff of its contract, to the
/// co-funders that launch it, and to those that are party to its contract.
#[utoipa::path(tag = "calls", params(FilterQuery, PageQuery),
    responses((status = 200, description = "A page of calls.", body = Page<Call>)),
    security((), ("oauth2" = [])))]
#[get("/v1/calls")]
async fn list_calls(viewer: Viewer, query: Query<FilterQuery>, walk: Walk, db: Data<Db>) -> Result<Reply> {
    let (rows, now) = (walk.clone(), viewer.now);
    let FilterQuery { contract, year, status } = query.into_inner();
    let filter = Filter { contract, year, status };
    let rows =
        db.read(move |connection| store::list(connection, viewer.principal.as_ref(), &filter, &rows)).await?;
    walk.reply(rows.iter().map(|row| row.view(now)).collect(), |call: &Call| call.id)
}

/// Create a call
///
/// A draft, until it is published. With `copiedFrom` it is last year's again: all of it but its dates, its envelopes and
/// its year.
#[utoipa::path(tag = "calls", request_body = CallCreation,
    responses((status = 201, description = "The new call.", body = Call)),
    security(("oauth2" = ["calls:write"])))]
#[post("/v1/calls")]
async fn create_call(command: Command, body: Valid<CallCreation>, db: Data<Db>) -> Result<Reply> {
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let row = drafting::create(tx, actor, &input)?;
            let reply = Reply::created(format!("/v1/calls/{}", row.id), &row.view(actor.now))?;
            Ok(reply.etag(&row.etag(actor.now)))
        })
        .await
}

/// Get a call
#[utoipa::path(tag = "calls", params(("callId" = CallId, Path, description = "The call.")),
    responses((status = 200, description = "The call.", body = Call)),
    security((), ("oauth2" = [])))]
#[get("/v1/calls/{callId}")]
async fn get_call(path: Path<(CallId,)>, viewer: Viewer, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    let now = viewer.now;
    let row = db.read(move |connection| store::find(connection, viewer.principal.as_ref(), id)).await?;
    Ok(Reply::ok(&row.view(now))?.etag(&row.etag(now)))
}

/// Change a call
///
/// Of a published call only the deadline can change, and only to a later one; documents can be added (rule K2).
#[utoipa::path(tag = "calls", params(("callId" = CallId, Path, description = "The call.")),
    request_body(content = CallInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed call.", body = Call)),
    security(("oauth2" = ["calls:write"])))]
#[patch("/v1/calls/{callId}")]
async fn update_call(
    path: Path<(CallId,)>,
    command: Command,
    patch: Patch<CallInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = drafting::change(tx, actor, id, &if_match, &patch)?;
            Ok(Reply::ok(&row.view(actor.now))?.etag(&row.etag(actor.now)))
        })
        .await
}

/// Publish a call
///
/// Every reason against it is told at once (rule K1). Publishing again answers the call as it is.
#[utoipa::path(tag = "calls", params(("callId" = CallId, Path, description = "The call.")),
    responses((status = 200, description = "The published call.", body = Call)),
    security(("oauth2" = ["calls:write"])))]
#[put("/v1/calls/{callId}/publication")]
async fn publish_call(path: Path<(CallId,)>, command: Command, db: Data<Db>) -> Result<Reply> {
    step(path, command, db, lifecycle::publish).await
}

/// Conclude a call
///
/// Marks a call that has closed as decided: its deadline moves no more, and what was granted goes on being voted,
/// notified and paid. Concluding again answers the call as it is.
#[utoipa::path(tag = "calls", params(("callId" = CallId, Path, description = "The call.")),
    responses((status = 200, description = "The decided call.", body = Call)),
    security(("oauth2" = ["calls:write"])))]
#[put("/v1/calls/{callId}/conclusion")]
async fn conclude_call(path: Path<(CallId,)>, command: Command, db: Data<Db>) -> Result<Reply> {
    step(path, command, db, lifecycle::conclude).await
}

/// Archive a call
///
/// Of a decided call: its text, its envelopes, the admissibility of its applications and what is granted to them stay as
/// they are, and readable; evaluations can still be given. Archiving again answers the call as it is.
#[utoipa::path(tag = "calls", params(("callId" = CallId, Path, description = "The call.")),
    responses((status = 200, description = "The archived call.", body = Call)),
    security(("oauth2" = ["calls:write"])))]
#[put("/v1/calls/{callId}/archival")]
async fn archive_call(path: Path<(CallId,)>, command: Command, db: Data<Db>) -> Result<Reply> {
    step(path, command, db, lifecycle::archive).await
}

/// Moves a call on in its life.
async fn step(
    path: Path<(CallId,)>,
    command: Command,
    db: Data<Db>,
    act: fn(&mut DbConnection, &Actor, CallId, &IfMatch) -> Result<Row>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = act(tx, actor, id, &if_match)?;
            Ok(Reply::ok(&row.view(actor.now))?.etag(&row.etag(actor.now)))
        })
        .await
}
