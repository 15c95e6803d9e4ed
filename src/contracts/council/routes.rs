//! `/v1/contracts/{contractId}/council`

use actix_web::web::Data;
use actix_web::{get, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::store as contracts;
use super::api::{Council, CouncilInput};
use super::store;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Path, Reply, Valid, Viewer};
use crate::types::ContractId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_council).service(set_council);
}

/// Get the citizens' council of a contract
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract.")),
    responses((status = 200, description = "The council.", body = Council)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/council")]
async fn get_council(path: Path<(ContractId,)>, viewer: Viewer, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        contracts::find(connection, viewer.principal.as_ref(), id)?;
        let row = store::row(connection, id)?.ok_or_else(Error::not_found)?;
        let etag = row.etag();
        Ok(Reply::ok(&row.view())?.etag(&etag))
    })
    .await
}

/// Set the citizens' council of a contract
///
/// Its colleges and their seats; no names are kept. The same council again changes nothing.
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract.")),
    request_body = CouncilInput,
    responses(
        (status = 200, description = "The council.", body = Council),
        (status = 201, description = "The new council.", body = Council),
    ),
    security(("oauth2" = ["contracts:write"])))]
#[put("/v1/contracts/{contractId}/council")]
async fn set_council(
    path: Path<(ContractId,)>,
    command: Command,
    body: Valid<CouncilInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let conditions = command.conditions();
    command
        .put(&db, move |tx, actor| {
            let (row, is_new) = store::set(tx, actor, id, &conditions, &body.value)?;
            let etag = row.etag();
            let address = format!("/v1/contracts/{id}/council");
            let view = row.view();
            let reply = if is_new { Reply::created(address, &view)? } else { Reply::ok(&view)? };
            Ok(reply.etag(&etag))
        })
        .await
}
