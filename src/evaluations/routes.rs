//! `/v1/applications/{applicationId}/evaluations`

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{Evaluation, EvaluationInput};
use super::store;
use crate::applications;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Page, Path, Reader, Reply, Valid};
use crate::types::{ApplicationId, EvaluationId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_evaluations).service(give_evaluation).service(get_evaluation);
}

/// List the evaluations of an action
///
/// For all who may see the application.
#[utoipa::path(tag = "evaluations", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The evaluations.", body = Page<Evaluation>)),
    security(("oauth2" = ["evaluations:read"])))]
#[get("/v1/applications/{applicationId}/evaluations")]
async fn list_evaluations(path: Path<(ApplicationId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((application,)) = path;
    db.read(move |connection| {
        applications::check_visible(connection, &reader.principal, application)?;
        Reply::ok(&Page::whole(store::list(connection, application)?))
    })
    .await
}

/// Give an evaluation of a funded action
///
/// By the council or a co-funder, once each.
#[utoipa::path(tag = "evaluations", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    request_body = EvaluationInput,
    responses((status = 201, description = "The evaluation.", body = Evaluation)),
    security(("oauth2" = ["evaluations:write"])))]
#[post("/v1/applications/{applicationId}/evaluations")]
async fn give_evaluation(
    path: Path<(ApplicationId,)>,
    command: Command,
    body: Valid<EvaluationInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application,)) = path;
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let given = store::give(tx, actor, application, &input)?;
            Reply::created(format!("/v1/applications/{application}/evaluations/{}", given.id), &given)
        })
        .await
}

/// Get an evaluation
#[utoipa::path(tag = "evaluations",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("evaluationId" = EvaluationId, Path, description = "The evaluation."),
    ),
    responses((status = 200, description = "The evaluation.", body = Evaluation)),
    security(("oauth2" = ["evaluations:read"])))]
#[get("/v1/applications/{applicationId}/evaluations/{evaluationId}")]
async fn get_evaluation(
    path: Path<(ApplicationId, EvaluationId)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, id)) = path;
    db.read(move |connection| {
        applications::check_visible(connection, &reader.principal, application)?;
        let given = store::list(connection, application)?.into_iter().find(|evaluation| evaluation.id == id);
        Reply::ok(&given.ok_or_else(Error::not_found)?)
    })
    .await
}
