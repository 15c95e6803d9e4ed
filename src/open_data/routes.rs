//! `/v1/open-data`

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{FormatQuery, FundedProject, FundedQuery, GroupQuery, Summary};
use super::{store, summary, table};
use crate::db::Db;
use crate::error::Result;
use crate::http::{CsvText, Format, Page, PageQuery, Path, Reply, Walk};
use crate::types::ApplicationId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_funded_projects).service(summarise_funded_projects).service(get_funded_project);
}

/// List the funded projects
///
/// Those with at least one line voted, notified or paid. As JSON, in pages; as CSV, the whole list at once. Filters by a number
/// or a code (`challenge`, `neighbourhood`, `strand`) require the contract or the call it belongs to.
#[utoipa::path(tag = "open data", params(FundedQuery, PageQuery),
    responses((status = 200, description = "The funded projects.", content(
        (Page<FundedProject> = "application/json"), (CsvText = "text/csv"),
    ))))]
#[get("/v1/open-data/funded-projects")]
async fn list_funded_projects(
    request: HttpRequest,
    query: Query<FundedQuery>,
    walk: Walk,
    db: Data<Db>,
) -> Result<Reply> {
    let query = query.into_inner();
    query.check_owners_are_named()?;
    if Format::wanted(&request, query.format) == Format::Csv {
        let projects = db.read(move |connection| store::all(connection, &query)).await?;
        return Ok(Reply::csv("funded-projects.csv", table::projects(&projects)?));
    }
    let rows = walk.clone();
    let projects = db.read(move |connection| store::page(connection, &query, &rows)).await?;
    walk.reply(projects, |project| project.id)
}

/// Sum up the funded projects
///
/// By year, contract, call, strand, challenge, neighbourhood or co-funder: the very figures of the list. What contracts number
/// or code by themselves is summed contract by contract, what calls do call by call.
#[utoipa::path(tag = "open data", params(FundedQuery, GroupQuery),
    responses((status = 200, description = "The sums.", content(
        (Summary = "application/json"), (CsvText = "text/csv"),
    ))))]
#[get("/v1/open-data/funded-projects/summary")]
async fn summarise_funded_projects(
    request: HttpRequest,
    query: Query<FundedQuery>,
    group: Query<GroupQuery>,
    db: Data<Db>,
) -> Result<Reply> {
    let (query, by) = (query.into_inner(), group.group_by);
    query.check_owners_are_named()?;
    let format = Format::wanted(&request, query.format);
    let sums = db.read(move |connection| summary::summary(connection, &query, by)).await?;
    match format {
        Format::Json => Reply::ok(&sums),
        Format::Csv => Ok(Reply::csv("funded-projects-summary.csv", table::summary(&sums)?)),
    }
}

/// Get a funded project
#[utoipa::path(tag = "open data",
    params(("applicationId" = ApplicationId, Path, description = "The application."), FormatQuery),
    responses((status = 200, description = "The funded project.", content(
        (FundedProject = "application/json"), (CsvText = "text/csv"),
    ))))]
#[get("/v1/open-data/funded-projects/{applicationId}")]
async fn get_funded_project(
    request: HttpRequest,
    path: Path<(ApplicationId,)>,
    query: Query<FormatQuery>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let project = db.read(move |connection| store::one(connection, id)).await?;
    match Format::wanted(&request, query.format) {
        Format::Json => Reply::ok(&project),
        Format::Csv => Ok(Reply::csv("funded-project.csv", table::projects(std::slice::from_ref(&project))?)),
    }
}
