//! `/v1/co-funders`

use actix_web::web::Data;
use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{CoFunder, CoFunderInput, store};
use crate::db::Db;
use crate::error::Result;
use crate::http::{Command, ETag, Page, PageQuery, Patch, Path, Reply, Valid, Walk};
use crate::types::CoFunderId;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_co_funders)
        .service(create_co_funder)
        .service(get_co_funder)
        .service(update_co_funder);
}

fn address(id: CoFunderId) -> String {
    format!("/v1/co-funders/{id}")
}

/// List co-funders
#[utoipa::path(tag = "co-funders", params(PageQuery),
    responses((status = 200, description = "A page of co-funders.", body = Page<CoFunder>)))]
#[get("/v1/co-funders")]
async fn list_co_funders(walk: Walk, db: Data<Db>) -> Result<Reply> {
    let rows = walk.clone();
    let rows = db.read(move |connection| store::list(connection, &rows)).await?;
    walk.reply(rows, |co_funder| co_funder.id)
}

/// Create a co-funder
#[utoipa::path(tag = "co-funders", request_body = CoFunderInput,
    responses((status = 201, description = "The new co-funder.", body = CoFunder)),
    security(("oauth2" = ["contracts:write"])))]
#[post("/v1/co-funders")]
async fn create_co_funder(command: Command, body: Valid<CoFunderInput>, db: Data<Db>) -> Result<Reply> {
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let made = store::create(tx, actor, &input)?;
            Ok(Reply::created(address(made.id), &made)?.etag(&ETag::version(made.version)))
        })
        .await
}

/// Get a co-funder
#[utoipa::path(tag = "co-funders", params(("coFunderId" = CoFunderId, Path, description = "The co-funder.")),
    responses((status = 200, description = "The co-funder.", body = CoFunder)))]
#[get("/v1/co-funders/{coFunderId}")]
async fn get_co_funder(path: Path<(CoFunderId,)>, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    let found = db.read(move |connection| store::load(connection, id)).await?;
    Ok(Reply::ok(&found)?.etag(&ETag::version(found.version)))
}

/// Change a co-funder
#[utoipa::path(tag = "co-funders", params(("coFunderId" = CoFunderId, Path, description = "The co-funder.")),
    request_body(content = CoFunderInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed co-funder.", body = CoFunder)),
    security(("oauth2" = ["contracts:write"])))]
#[patch("/v1/co-funders/{coFunderId}")]
async fn update_co_funder(
    path: Path<(CoFunderId,)>,
    command: Command,
    patch: Patch<CoFunderInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let changed = store::change(tx, actor, id, &if_match, &patch)?;
            Ok(Reply::ok(&changed)?.etag(&ETag::version(changed.version)))
        })
        .await
}
