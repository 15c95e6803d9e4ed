//! `/v1/contracts/{contractId}/commitments`

use actix_web::web::{Data, Query};
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::api::AsOf;
use super::api::{Commitment, CommitmentReport, CommitmentReportInput};
use super::store;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Page, PageQuery, Path, Reply, Valid, Viewer, Walk};
use crate::types::{CommitmentReportId, ContractId, Word};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_commitments).service(get_commitment);
    config.service(list_commitment_reports).service(report_on_commitment).service(get_commitment_report);
}

/// List the commitments of a contract
///
/// Those in force on a day, each with what its party last reported by then.
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract."), AsOf),
    responses((status = 200, description = "The commitments.", body = Page<Commitment>)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/commitments")]
async fn list_commitments(
    path: Path<(ContractId,)>,
    viewer: Viewer,
    day: Query<AsOf>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((contract,)) = path;
    let as_of = day.or_today(&viewer);
    db.read(move |connection| {
        Reply::ok(&Page::whole(store::list(connection, viewer.principal.as_ref(), contract, as_of)?))
    })
    .await
}

/// Get a commitment
#[utoipa::path(tag = "contracts",
    params(
        ("contractId" = ContractId, Path, description = "The contract."),
        ("commitmentCode" = Word, Path, description = "The code of the commitment."),
        AsOf,
    ),
    responses((status = 200, description = "The commitment.", body = Commitment)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/commitments/{commitmentCode}")]
async fn get_commitment(
    path: Path<(ContractId, String)>,
    viewer: Viewer,
    day: Query<AsOf>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((contract, code)) = path;
    let as_of = day.or_today(&viewer);
    db.read(move |connection| {
        let all = store::list(connection, viewer.principal.as_ref(), contract, as_of)?;
        Reply::ok(&all.into_iter().find(|one| one.code == code).ok_or_else(Error::not_found)?)
    })
    .await
}

/// List the reports on a commitment
///
/// In the order they were recorded; those on a retired commitment stay readable.
#[utoipa::path(tag = "contracts",
    params(
        ("contractId" = ContractId, Path, description = "The contract."),
        ("commitmentCode" = Word, Path, description = "The code of the commitment."),
        PageQuery,
    ),
    responses((status = 200, description = "A page of reports.", body = Page<CommitmentReport>)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/commitments/{commitmentCode}/reports")]
async fn list_commitment_reports(
    path: Path<(ContractId, String)>,
    viewer: Viewer,
    walk: Walk,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((contract, code)) = path;
    let rows = walk.clone();
    let rows = db
        .read(move |connection| {
            store::reports(connection, viewer.principal.as_ref(), (contract, &code), &rows)
        })
        .await?;
    walk.reply(rows, |report| report.id)
}

/// Report on a commitment
///
/// By the party that took it, on any day it was in force.
#[utoipa::path(tag = "contracts",
    params(
        ("contractId" = ContractId, Path, description = "The contract."),
        ("commitmentCode" = Word, Path, description = "The code of the commitment."),
    ),
    request_body = CommitmentReportInput,
    responses((status = 201, description = "The report.", body = CommitmentReport)),
    security(("oauth2" = ["commitments:write"])))]
#[post("/v1/contracts/{contractId}/commitments/{commitmentCode}/reports")]
async fn report_on_commitment(
    path: Path<(ContractId, String)>,
    command: Command,
    body: Valid<CommitmentReportInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((contract, code)) = path;
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let report = store::report(tx, actor, (contract, &code), &input)?;
            Reply::created(
                format!("/v1/contracts/{contract}/commitments/{code}/reports/{}", report.id),
                &report,
            )
        })
        .await
}

/// Get a report on a commitment
#[utoipa::path(tag = "contracts",
    params(
        ("contractId" = ContractId, Path, description = "The contract."),
        ("commitmentCode" = Word, Path, description = "The code of the commitment."),
        ("reportId" = CommitmentReportId, Path, description = "The report."),
    ),
    responses((status = 200, description = "The report.", body = CommitmentReport)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/commitments/{commitmentCode}/reports/{reportId}")]
async fn get_commitment_report(
    path: Path<(ContractId, String, CommitmentReportId)>,
    viewer: Viewer,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((contract, code, id)) = path;
    db.read(move |connection| {
        Reply::ok(&store::find_report(connection, viewer.principal.as_ref(), (contract, &code), id)?)
    })
    .await
}
