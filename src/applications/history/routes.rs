//! `/v1/applications/{applicationId}/history`

use actix_web::get;
use actix_web::web::Data;
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::HistoryEntry;
use super::store;
use crate::db::Db;
use crate::error::Result;
use crate::http::{Page, PageQuery, Path, Reader, Reply, Walk};
use crate::types::ApplicationId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_application_history);
}

const LONGEST_PAGE: i64 = 20;

/// List what happened to an application
///
/// Who changed what, when, field by field: for the audit scope, and for the organisation that carries it. What co-funders
/// decide is in the history of their lines. A page has twenty entries at the most: each may be as large as the application.
#[utoipa::path(tag = "applications",
    params(("applicationId" = ApplicationId, Path, description = "The application."), PageQuery),
    responses((status = 200, description = "A page of its history.", body = Page<HistoryEntry>)),
    security(("oauth2" = ["audit:read"]), ("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/history")]
async fn list_application_history(
    path: Path<(ApplicationId,)>,
    reader: Reader,
    walk: Walk,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let walk = walk.at_most(LONGEST_PAGE);
    let rows = walk.clone();
    let rows = db.read(move |connection| store::history(connection, &reader, id, &rows)).await?;
    walk.reply(rows, |entry| entry.id)
}
