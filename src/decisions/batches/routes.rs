//! `/v1/decision-batches`

use actix_web::web::{Data, Query};
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{BatchQuery, DecisionBatch, DecisionBatchInput, DecisionLine, DecisionTable};
use super::{record, store};
use crate::db::Db;
use crate::error::Result;
use crate::http::{Command, Format, Lines, Path, Reader, Reply, Teller};
use crate::types::DecisionBatchId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(push_decisions).service(get_decision_batch);
}

/// Push many decisions at once
///
/// Up to 1,000 lines of the client's own co-funder, as JSON or as a table. Each is judged as a single push would be, after
/// those before it, with the same refusals; a line that says what is there already is `unchanged`, so that a batch can be
/// sent again until it is answered, with or without an `Idempotency-Key`. What was answered can be read again.
#[utoipa::path(tag = "decisions", params(BatchQuery),
    request_body(content((DecisionBatchInput = "application/json"), (DecisionTable = "text/csv"))),
    responses(
        (status = 200, description = "What would become of each line: nothing was changed.", body = DecisionBatch),
        (status = 201, description = "What became of each line.", body = DecisionBatch),
    ),
    security(("oauth2" = ["decisions:write"])))]
#[post("/v1/decision-batches")]
async fn push_decisions(
    query: Query<BatchQuery>,
    command: Command,
    teller: Teller,
    body: Lines<DecisionLine>,
    db: Data<Db>,
) -> Result<Reply> {
    let query = query.into_inner();
    let Lines { lines, digest } = body;
    let record = move |tx: &mut _, actor: &_| record::record(tx, actor, query, &lines, &teller);
    match query.validate_only {
        true => command.ask(&db, &digest, record).await,
        false => command.post(&db, &digest, record).await,
    }
}

/// Get a batch
///
/// What was answered to a batch of the client's own co-funder.
#[utoipa::path(tag = "decisions", params(("batchId" = DecisionBatchId, Path, description = "The batch.")),
    responses((status = 200, description = "What became of each line.", body = DecisionBatch)),
    security(("oauth2" = ["decisions:write"])))]
#[get("/v1/decision-batches/{batchId}")]
async fn get_decision_batch(path: Path<(DecisionBatchId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    let text = db.read(move |connection| store::find(connection, &reader.principal, id)).await?;
    Ok(Reply::document(Format::Json.media_type(), text))
}
