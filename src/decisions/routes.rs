//! `/v1/applications/{applicationId}/decisions`

use actix_web::web::Data;
use actix_web::{get, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{Decision, DecisionInput, Revision};
use super::{push, store};
use crate::applications;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Page, Path, Reader, Reply, Valid};
use crate::types::{ApplicationId, CoFunderId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_decisions)
        .service(get_decision)
        .service(push_decision)
        .service(list_decision_history);
}

/// List the decisions on an application
///
/// One line per co-funder. The partners see every line; the applicant and the council from `voted` on (rule D9).
#[utoipa::path(tag = "decisions", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The lines.", body = Page<Decision>)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/applications/{applicationId}/decisions")]
async fn list_decisions(path: Path<(ApplicationId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((application,)) = path;
    db.read(move |connection| {
        applications::check_visible(connection, &reader.principal, application)?;
        Reply::ok(&Page::whole(store::list(connection, &reader.principal, application)?))
    })
    .await
}

/// Get the decision of a co-funder on an application
#[utoipa::path(tag = "decisions",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("coFunderId" = CoFunderId, Path, description = "The co-funder."),
    ),
    responses((status = 200, description = "The line.", body = Decision)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/applications/{applicationId}/decisions/{coFunderId}")]
async fn get_decision(
    path: Path<(ApplicationId, CoFunderId)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, co_funder)) = path;
    db.read(move |connection| {
        applications::check_visible(connection, &reader.principal, application)?;
        let line = store::find(connection, &reader.principal, application, co_funder)?;
        let reply = Reply::ok(&line)?;
        // A version would count the pushes one does not see.
        Ok(if line.revision.is_some() { reply.etag(&line.etag()?) } else { reply })
    })
    .await
}

/// Push a decision
///
/// The co-funder's own line, whole, as it now is (rules D1 to D7). The same body again is 200 and leaves no trace, so
/// a push can be repeated until it is answered. Another body needs `If-Match`.
#[utoipa::path(tag = "decisions",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("coFunderId" = CoFunderId, Path, description = "The client's own co-funder."),
    ),
    request_body = DecisionInput,
    responses(
        (status = 200, description = "The line, superseded or as it was.", body = Decision),
        (status = 201, description = "The new line.", body = Decision),
    ),
    security(("oauth2" = ["decisions:write"])))]
#[put("/v1/applications/{applicationId}/decisions/{coFunderId}")]
async fn push_decision(
    path: Path<(ApplicationId, CoFunderId)>,
    command: Command,
    body: Valid<DecisionInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, co_funder)) = path;
    let conditions = command.conditions();
    command
        .put(&db, move |tx, actor| {
            let pushed = push::push(tx, actor, (application, co_funder), &conditions, &body.value)?;
            let address = format!("/v1/applications/{application}/decisions/{co_funder}");
            let line = &pushed.line;
            let reply = if pushed.is_new { Reply::created(address, line) } else { Reply::ok(line) }?;
            Ok(reply.etag(&line.etag()?))
        })
        .await
}

/// List the pushes of a line
///
/// The oldest first. Nothing is overwritten (rule D6). For the co-funders of the call, and for the staff with the audit scope;
/// others see neither the past of a line nor who pushed it (rule D9).
#[utoipa::path(tag = "decisions",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("coFunderId" = CoFunderId, Path, description = "The co-funder."),
    ),
    responses((status = 200, description = "The pushes.", body = Page<Revision>)),
    security(("oauth2" = ["audit:read"]), ("oauth2" = ["decisions:write"])))]
#[get("/v1/applications/{applicationId}/decisions/{coFunderId}/history")]
async fn list_decision_history(
    path: Path<(ApplicationId, CoFunderId)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, co_funder)) = path;
    db.read(move |connection| {
        applications::check_visible(connection, &reader.principal, application)?;
        store::find(connection, &reader.principal, application, co_funder)?;
        if !applications::sees_all_lines(&reader.principal) {
            return Err(Error::not_found());
        }
        Reply::ok(&Page::whole(store::history(connection, application, co_funder)?))
    })
    .await
}
