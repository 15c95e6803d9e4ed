//! `/v1/applications/{applicationId}/opinions`

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{Opinion, OpinionInput};
use super::store;
use crate::applications;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Page, Path, Reader, Reply, Valid};
use crate::types::{ApplicationId, OpinionId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_opinions).service(give_opinion).service(get_opinion);
}

/// List the opinions on an application
///
/// The oldest first. The co-funders of its call and the staff read all of them, the council its own; they are not for the
/// applicant.
#[utoipa::path(tag = "opinions", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The opinions.", body = Page<Opinion>)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/opinions")]
async fn list_opinions(path: Path<(ApplicationId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((application,)) = path;
    db.read(move |connection| {
        applications::check_visible(connection, &reader.principal, application)?;
        Reply::ok(&Page::whole(store::list(connection, &reader.principal, application)?))
    })
    .await
}

/// Give an opinion on an application
///
/// By the citizens' council, or by a co-funder for one of its services. One that comes after a committee session has
/// examined the application is kept and marked late (rule O1). Opinions are not changed: another one is given, and the
/// last counts.
#[utoipa::path(tag = "opinions", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    request_body = OpinionInput,
    responses((status = 201, description = "The opinion.", body = Opinion)),
    security(("oauth2" = ["opinions:write"])))]
#[post("/v1/applications/{applicationId}/opinions")]
async fn give_opinion(
    path: Path<(ApplicationId,)>,
    command: Command,
    body: Valid<OpinionInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application,)) = path;
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let given = store::give(tx, actor, application, &input)?;
            Reply::created(format!("/v1/applications/{application}/opinions/{}", given.id), &given)
        })
        .await
}

/// Get an opinion
#[utoipa::path(tag = "opinions",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("opinionId" = OpinionId, Path, description = "The opinion."),
    ),
    responses((status = 200, description = "The opinion.", body = Opinion)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/opinions/{opinionId}")]
async fn get_opinion(path: Path<(ApplicationId, OpinionId)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((application, id)) = path;
    db.read(move |connection| {
        applications::check_visible(connection, &reader.principal, application)?;
        let given = store::list(connection, &reader.principal, application)?;
        let given = given.into_iter().find(|opinion| opinion.id == id);
        Reply::ok(&given.ok_or_else(Error::not_found)?)
    })
    .await
}
