//! `/v1/calls`

use actix_web::web::Data;
use actix_web::{get, patch, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{Call, CallInput, Envelope, EnvelopeInput};
use super::{envelopes, publication, store};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Page, PageQuery, Patch, Path, Reader, Reply, Valid, Viewer, Walk};
use crate::types::{CallId, CoFunderId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_calls)
        .service(create_call)
        .service(get_call)
        .service(update_call)
        .service(publish_call);
    config.service(list_envelopes).service(get_envelope).service(set_envelope);
}

/// List calls
///
/// Published calls are public; drafts are shown to the partners.
#[utoipa::path(tag = "calls", params(PageQuery),
    responses((status = 200, description = "A page of calls.", body = Page<Call>)),
    security((), ("oauth2" = [])))]
#[get("/v1/calls")]
async fn list_calls(viewer: Viewer, walk: Walk, db: Data<Db>) -> Result<Reply> {
    let (rows, now) = (walk.clone(), viewer.now);
    let rows = db.read(move |connection| store::list(connection, viewer.principal.as_ref(), &rows)).await?;
    walk.reply(rows.iter().map(|row| row.view(now)).collect(), |call: &Call| call.id)
}

/// Create a call
///
/// A draft, until it is published.
#[utoipa::path(tag = "calls", request_body = CallInput,
    responses((status = 201, description = "The new call.", body = Call)),
    security(("oauth2" = ["calls:write"])))]
#[post("/v1/calls")]
async fn create_call(command: Command, body: Valid<CallInput>, db: Data<Db>) -> Result<Reply> {
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let row = store::create(tx, actor, &input)?;
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
/// Of a published call only the deadline can change, and only to a later one (rule K2).
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
            let row = store::change(tx, actor, id, &if_match, &patch)?;
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
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = publication::publish(tx, actor, id, &if_match)?;
            Ok(Reply::ok(&row.view(actor.now))?.etag(&row.etag(actor.now)))
        })
        .await
}

/// List the envelopes of a call
///
/// What each co-funder puts in, what it has committed, what is left.
#[utoipa::path(tag = "calls", params(("callId" = CallId, Path, description = "The call.")),
    responses((status = 200, description = "The envelopes.", body = Page<Envelope>)),
    security(("oauth2" = ["calls:write"]), ("oauth2" = ["decisions:write"])))]
#[get("/v1/calls/{callId}/envelopes")]
async fn list_envelopes(path: Path<(CallId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        envelopes::check_reader(&reader.principal, &store::find(connection, Some(&reader.principal), id)?)?;
        Reply::ok(&Page::whole(envelopes::list(connection, id)?))
    })
    .await
}

/// Get the envelope of a co-funder in a call
#[utoipa::path(tag = "calls",
    params(
        ("callId" = CallId, Path, description = "The call."),
        ("coFunderId" = CoFunderId, Path, description = "The co-funder."),
    ),
    responses((status = 200, description = "The envelope.", body = Envelope)),
    security(("oauth2" = ["calls:write"]), ("oauth2" = ["decisions:write"])))]
#[get("/v1/calls/{callId}/envelopes/{coFunderId}")]
async fn get_envelope(path: Path<(CallId, CoFunderId)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((call, co_funder)) = path;
    db.read(move |connection| {
        envelopes::check_reader(&reader.principal, &store::find(connection, Some(&reader.principal), call)?)?;
        let row = envelopes::envelope_of(connection, call, co_funder)?.ok_or_else(Error::not_found)?;
        Reply::ok(&envelopes::view(connection, &row)?)
    })
    .await
}

/// Set the envelope of a co-funder in a call
///
/// By the co-funder itself, an administrator or an instructor. The same amount again changes nothing; less than what
/// is committed is refused.
#[utoipa::path(tag = "calls",
    params(
        ("callId" = CallId, Path, description = "The call."),
        ("coFunderId" = CoFunderId, Path, description = "The co-funder."),
    ),
    request_body = EnvelopeInput,
    responses(
        (status = 200, description = "The envelope.", body = Envelope),
        (status = 201, description = "The new envelope.", body = Envelope),
    ),
    security(("oauth2" = ["calls:write"]), ("oauth2" = ["decisions:write"])))]
#[put("/v1/calls/{callId}/envelopes/{coFunderId}")]
async fn set_envelope(
    path: Path<(CallId, CoFunderId)>,
    command: Command,
    body: Valid<EnvelopeInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((call, co_funder)) = path;
    let conditions = command.conditions();
    command
        .put(&db, move |tx, actor| {
            let (row, is_new) = envelopes::set(tx, actor, (call, co_funder), &conditions, &body.value)?;
            let view = envelopes::view(tx, &row)?;
            let address = format!("/v1/calls/{call}/envelopes/{co_funder}");
            if is_new { Reply::created(address, &view) } else { Reply::ok(&view) }
        })
        .await
}
