//! `/v1/applications`

use actix_web::web::{Data, Query};
use actix_web::{get, patch, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{AdmissibilityInput, Application, WithdrawalInput};
use super::checks::{Checks, checks};
use super::content::ApplicationInput;
use super::finding::{Filter, find_all};
use super::funding::FundingStatus;
use super::order::ApplicationOrder;
use super::status::ApplicationStatus;
use super::store::{self, Row};
use super::{attachments, view, workflow};
use crate::calls;
use crate::db::{Db, DbConnection};
use crate::error::Result;
use crate::http::{Actor, Command, Page, PageQuery, Patch, Path, Reader, Reply, Valid, Walk};
use crate::search;
use crate::types::{ApplicationId, CallId, CoFunderId, OrganisationId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_applications).service(create_application).service(get_application);
    config.service(update_application).service(check_application).service(submit_application);
    config.service(judge_application).service(withdraw_application);
}

/// What the list is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct FilterQuery {
    /// Only those of this call.
    call: Option<CallId>,
    /// Only those in this status.
    #[param(inline)]
    status: Option<ApplicationStatus>,
    /// Only those of this strand, by its code.
    #[param(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    strand: Option<String>,
    /// Only those that serve this challenge, by its number.
    #[param(minimum = 1, maximum = 99)]
    challenge: Option<i32>,
    /// Only those in this neighbourhood, by its code.
    #[param(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    neighbourhood: Option<String>,
    /// Only those that ask this co-funder.
    co_funder: Option<CoFunderId>,
    /// Only those of this organisation.
    organisation: Option<OrganisationId>,
    /// Only those funded so far, by the lines this reader may see: as `funding.status` says.
    #[param(inline)]
    funding_status: Option<FundingStatus>,
    /// Only those that have all these words, or words that begin like them, in their title, their objectives or the name
    /// or acronym of their organisation: accents, case, plurals and small words (`de`, `la`) are ignored. Of more than eight words the
    /// longest count. What has no letter and no digit finds nothing.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
}

impl FilterQuery {
    fn filter(self) -> Filter {
        Filter {
            call: self.call,
            status: self.status,
            funding_status: self.funding_status,
            strand: self.strand,
            challenge: self.challenge,
            neighbourhood: self.neighbourhood,
            co_funder: self.co_funder,
            organisation: self.organisation,
            q: self.q.map(|text| search::Query::parse(&text)),
        }
    }
}

fn answer(tx: &mut DbConnection, actor: &Actor, row: Row) -> Result<Reply> {
    Reply::ok(&view::one(tx, actor, row)?)
}

/// List applications
///
/// The applicant sees its own; a co-funder and the council those submitted to their calls; the staff all. Each finds and orders
/// them by what it may read: `sort=-updatedAt` gives a co-funder first what another one intends since.
#[utoipa::path(tag = "applications", params(FilterQuery, PageQuery<ApplicationOrder>),
    responses((status = 200, description = "A page of applications.", body = Page<Application>)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications")]
async fn list_applications(
    reader: Reader,
    query: Query<FilterQuery>,
    walk: Walk<ApplicationOrder>,
    db: Data<Db>,
) -> Result<Reply> {
    let filter = query.into_inner().filter();
    let order = walk.clone();
    let (views, last) = db
        .read(move |connection| {
            let found = find_all(connection, &reader.principal, &filter, &order)?;
            Ok((view::many(connection, &reader, found.rows)?, found.last))
        })
        .await?;
    walk.page(views, last.as_ref())
}

/// Draft an application
///
/// For the client's own organisation, in a published call. A draft always saves; `warnings` lists what submission
/// would refuse (rule S1).
#[utoipa::path(tag = "applications", request_body = ApplicationInput,
    responses((status = 201, description = "The new draft.", body = Application)),
    security(("oauth2" = ["applications:write"])))]
#[post("/v1/applications")]
async fn create_application(command: Command, body: Valid<ApplicationInput>, db: Data<Db>) -> Result<Reply> {
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let row = workflow::create(tx, actor, &input)?;
            let address = format!("/v1/applications/{}", row.id);
            Reply::created(address, &view::one(tx, actor, row)?)
        })
        .await
}

/// Get an application
///
/// Its funding derives from the decisions the reader may see (rules D7, D9).
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The application.", body = Application)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}")]
async fn get_application(path: Path<(ApplicationId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        let row = store::find(connection, &reader.principal, id)?;
        answer(connection, &reader, row)
    })
    .await
}

/// Change an application
///
/// While it is a draft, or returned for correction. What is incomplete is saved too (rule S1).
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    request_body(content = ApplicationInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed application.", body = Application)),
    security(("oauth2" = ["applications:write"])))]
#[patch("/v1/applications/{applicationId}")]
async fn update_application(
    path: Path<(ApplicationId,)>,
    command: Command,
    patch: Patch<ApplicationInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = workflow::change(tx, actor, id, &if_match, &patch)?;
            answer(tx, actor, row)
        })
        .await
}

/// Check what an application still needs
///
/// Part by part, in the order of the form: what submission would refuse of the content, for a progress bar. Whether it is
/// received now is among the `transitions` of the application.
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "How far it is.", body = Checks)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/checks")]
async fn check_application(path: Path<(ApplicationId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        let row = store::find(connection, &reader.principal, id)?;
        let inside = view::sees_corrections(&reader.principal, &row);
        let row = if inside { row } else { view::as_received(row) };
        let call = calls::find(connection, Some(&reader.principal), row.call_id)?;
        let attached = attachments::kinds(connection, id, !inside)?;
        Reply::ok(&checks(&row.content, &call.terms, &attached))
    })
    .await
}

/// Submit an application
///
/// Every violation is told at once (rules S2 to S8). It gets its number and a receipt. One that was returned for correction
/// is submitted again until `correctBy`, or while the call is open, under the same number. Otherwise submitting again
/// answers it as it is; one that was withdrawn stays withdrawn.
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The submitted application.", body = Application)),
    security(("oauth2" = ["applications:write"])))]
#[put("/v1/applications/{applicationId}/submission")]
async fn submit_application(path: Path<(ApplicationId,)>, command: Command, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = workflow::submit(tx, actor, id, &if_match)?;
            answer(tx, actor, row)
        })
        .await
}

/// Judge whether an application is admissible
///
/// By an instructor. The same judgement again changes nothing.
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    request_body = AdmissibilityInput,
    responses((status = 200, description = "The judged application.", body = Application)),
    security(("oauth2" = ["applications:write"])))]
#[put("/v1/applications/{applicationId}/admissibility")]
async fn judge_application(
    path: Path<(ApplicationId,)>,
    command: Command,
    body: Valid<AdmissibilityInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = workflow::judge(tx, actor, id, &if_match, &body.value)?;
            answer(tx, actor, row)
        })
        .await
}

/// Withdraw an application
///
/// By its applicant, once it was received and before any vote. What co-funders meant to give is free again. Withdrawing
/// again answers it as it is.
#[utoipa::path(tag = "applications", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    request_body = WithdrawalInput,
    responses((status = 200, description = "The withdrawn application.", body = Application)),
    security(("oauth2" = ["applications:write"])))]
#[put("/v1/applications/{applicationId}/withdrawal")]
async fn withdraw_application(
    path: Path<(ApplicationId,)>,
    command: Command,
    body: Valid<WithdrawalInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = workflow::withdraw(tx, actor, id, &if_match, &body.value)?;
            answer(tx, actor, row)
        })
        .await
}
