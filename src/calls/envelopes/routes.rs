//! `/v1/calls/{callId}/envelopes`

use actix_web::web::Data;
use actix_web::{get, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::store as calls;
use super::api::{Envelope, EnvelopeInput};
use super::store;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Page, Path, Reader, Reply, Valid};
use crate::types::{CallId, CoFunderId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_envelopes).service(get_envelope).service(set_envelope);
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
        calls::find(connection, Some(&reader.principal), id)?.check_partner(&reader.principal)?;
        Reply::ok(&Page::whole(store::list(connection, id, None)?))
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
        calls::find(connection, Some(&reader.principal), call)?.check_partner(&reader.principal)?;
        let row = store::find(connection, call, co_funder)?.ok_or_else(Error::not_found)?;
        Reply::ok(&store::view(connection, &row)?)
    })
    .await
}

/// Set the envelope of a co-funder in a call
///
/// By the co-funder itself or the administrator, split by credits and, if one likes, by strand: a grant comes out of the
/// part of its credits and its application's strand. The same parts again change nothing; a part below what is committed
/// out of it is refused, with the figure.
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
            let (row, is_new) = store::set(tx, actor, (call, co_funder), &conditions, &body.value)?;
            let view = store::view(tx, &row)?;
            let address = format!("/v1/calls/{call}/envelopes/{co_funder}");
            if is_new { Reply::created(address, &view) } else { Reply::ok(&view) }
        })
        .await
}
