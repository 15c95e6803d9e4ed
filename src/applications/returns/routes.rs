//! `/v1/applications/{applicationId}/returns`

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::{store as applications, view, workflow};
use super::api::{Return, ReturnInput};
use super::store;
use crate::db::{Db, DbConnection};
use crate::error::{Error, Result};
use crate::http::{Command, Page, Path, Reader, Reply, Valid};
use crate::types::{ApplicationId, ApplicationReturnId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_returns).service(return_application).service(get_return);
}

/// Returns are between an instructor and the applicant: to the others there are none.
fn check_reader(connection: &mut DbConnection, reader: &Reader, id: ApplicationId) -> Result<()> {
    let row = applications::find(connection, &reader.principal, id)?;
    if view::sees_corrections(&reader.principal, &row) { Ok(()) } else { Err(Error::not_found()) }
}

/// List the returns of an application
///
/// Each with its reasons, field by field; the first one first. For its applicant and the staff.
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The returns.", body = Page<Return>)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/returns")]
async fn list_returns(path: Path<(ApplicationId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((application,)) = path;
    db.read(move |connection| {
        check_reader(connection, &reader, application)?;
        Reply::ok(&Page::whole(store::list(connection, application)?))
    })
    .await
}

/// Return an application for correction
///
/// By an instructor: its applicant can edit it and submit it again until `correctBy`. Once more, to say more or to give
/// more time. Co-funders and the council go on seeing what was received.
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    request_body = ReturnInput,
    responses((status = 201, description = "The return.", body = Return)),
    security(("oauth2" = ["applications:write"])))]
#[post("/v1/applications/{applicationId}/returns")]
async fn return_application(
    path: Path<(ApplicationId,)>,
    command: Command,
    body: Valid<ReturnInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application,)) = path;
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let made = workflow::send_back(tx, actor, application, &input)?;
            Reply::created(format!("/v1/applications/{application}/returns/{}", made.id), &made)
        })
        .await
}

/// Get a return of an application
#[utoipa::path(tag = "applications",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("returnId" = ApplicationReturnId, Path, description = "The return."),
    ),
    responses((status = 200, description = "The return.", body = Return)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/returns/{returnId}")]
async fn get_return(
    path: Path<(ApplicationId, ApplicationReturnId)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, id)) = path;
    db.read(move |connection| {
        check_reader(connection, &reader, application)?;
        let found = store::list(connection, application)?.into_iter().find(|one| one.id == id);
        Reply::ok(&found.ok_or_else(Error::not_found)?)
    })
    .await
}
