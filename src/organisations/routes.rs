//! `/v1/organisations`

use actix_web::web::Data;
use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Organisation, OrganisationInput, store};
use crate::db::Db;
use crate::error::Result;
use crate::http::{Command, ETag, Page, PageQuery, Patch, Path, Reader, Reply, Valid, Walk};
use crate::types::OrganisationId;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_organisations)
        .service(create_organisation)
        .service(get_organisation)
        .service(update_organisation);
}

fn address(id: OrganisationId) -> String {
    format!("/v1/organisations/{id}")
}

/// List organisations
///
/// An applicant sees its own; the partners see all.
#[utoipa::path(tag = "organisations", params(PageQuery),
    responses((status = 200, description = "A page of organisations.", body = Page<Organisation>)),
    security(("oauth2" = ["organisations:read"])))]
#[get("/v1/organisations")]
async fn list_organisations(reader: Reader, walk: Walk, db: Data<Db>) -> Result<Reply> {
    let rows = walk.clone();
    let rows = db.read(move |connection| store::list(connection, &reader.principal, &rows)).await?;
    walk.reply(rows, |organisation| organisation.id)
}

/// Create an organisation
#[utoipa::path(tag = "organisations", request_body = OrganisationInput,
    responses((status = 201, description = "The new organisation.", body = Organisation)),
    security(("oauth2" = ["organisations:write"])))]
#[post("/v1/organisations")]
async fn create_organisation(
    command: Command,
    body: Valid<OrganisationInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let made = store::create(tx, actor, &input)?;
            Ok(Reply::created(address(made.id), &made)?.etag(&ETag::version(made.version)))
        })
        .await
}

/// Get an organisation
#[utoipa::path(tag = "organisations", params(("organisationId" = OrganisationId, Path, description = "The organisation.")),
    responses((status = 200, description = "The organisation.", body = Organisation)),
    security(("oauth2" = ["organisations:read"])))]
#[get("/v1/organisations/{organisationId}")]
async fn get_organisation(reader: Reader, path: Path<(OrganisationId,)>, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    let found = db.read(move |connection| store::load(connection, &reader.principal, id)).await?;
    Ok(Reply::ok(&found)?.etag(&ETag::version(found.version)))
}

/// Change an organisation
#[utoipa::path(tag = "organisations", params(("organisationId" = OrganisationId, Path, description = "The organisation.")),
    request_body(content = OrganisationInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed organisation.", body = Organisation)),
    security(("oauth2" = ["organisations:write"])))]
#[patch("/v1/organisations/{organisationId}")]
async fn update_organisation(
    path: Path<(OrganisationId,)>,
    command: Command,
    patch: Patch<OrganisationInput>,
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
