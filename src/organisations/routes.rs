//! `/v1/organisations`

use actix_web::web::{Data, Query};
use actix_web::{get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Organisation, OrganisationInput, store};
use crate::db::Db;
use crate::error::Result;
use crate::http::{Command, ETag, Page, PageQuery, Patch, Path, Reader, Reply, Valid, Walk};
use crate::search;
use crate::types::OrganisationId;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_organisations)
        .service(create_organisation)
        .service(get_organisation)
        .service(update_organisation);
}

/// The people are there or not, by who reads.
fn etag(organisation: &Organisation) -> ETag {
    match organisation.contacts {
        Some(_) => ETag::version(organisation.version),
        None => ETag::version_and(organisation.version, "public"),
    }
}

fn address(id: OrganisationId) -> String {
    format!("/v1/organisations/{id}")
}

/// What the list is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FilterQuery {
    /// Only those whose name or acronym has all these words, or words that begin like them: accents, case, plurals and small
    /// words (`de`, `la`) are ignored. Of more than eight words the longest count. What has no letter and no digit finds nothing.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
}

/// List organisations
///
/// An applicant sees its own, the staff all; a co-funder sees those whose application was received in a call it takes part in,
/// the council those of its contract. What is private (`addresses`, `legalRepresentative`, `contacts`) is for the organisation
/// itself, the staff, and the co-funders it asks. Organisations of funded projects are named in the open data for everyone.
#[utoipa::path(tag = "organisations", params(FilterQuery, PageQuery),
    responses((status = 200, description = "A page of organisations.", body = Page<Organisation>)),
    security(("oauth2" = ["organisations:read"])))]
#[get("/v1/organisations")]
async fn list_organisations(
    reader: Reader,
    query: Query<FilterQuery>,
    walk: Walk,
    db: Data<Db>,
) -> Result<Reply> {
    let q = query.into_inner().q.map(|text| search::Query::parse(&text));
    let rows = walk.clone();
    let rows =
        db.read(move |connection| store::list(connection, &reader.principal, q.as_ref(), &rows)).await?;
    walk.reply(rows, |organisation| organisation.id)
}

/// Create an organisation
///
/// There is one for each SIRET: creating it again answers the one there is, unchanged, to those who may see it. An RNA number
/// that is not the one on record is refused, never dropped.
#[utoipa::path(tag = "organisations", request_body = OrganisationInput,
    responses((status = 201, description = "The new organisation.", body = Organisation),
        (status = 200, description = "The organisation that has these identifiers already.", body = Organisation)),
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
            let (organisation, made) = store::create(tx, actor, &input)?;
            let reply = match made {
                true => Reply::created(address(organisation.id), &organisation),
                false => Reply::ok(&organisation).map(|reply| reply.location(address(organisation.id))),
            };
            Ok(reply?.etag(&etag(&organisation)))
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
    Ok(Reply::ok(&found)?.etag(&etag(&found)))
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
            Ok(Reply::ok(&changed)?.etag(&etag(&changed)))
        })
        .await
}
