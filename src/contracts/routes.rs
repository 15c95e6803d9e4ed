//! `/v1/contracts`

use actix_web::web::{Data, Query};
use actix_web::{get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{ContractInput, Signatory, SignatureInput};
use super::view::{self, Contract};
use super::{drafting, signatures, store};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Command, Page, PageQuery, Patch, Path, Reply, Valid, Viewer, Walk};
use crate::types::{CoFunderId, ContractId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_contracts).service(create_contract).service(get_contract).service(update_contract);
    config.service(list_contract_signatures).service(sign_contract).service(get_contract_signature);
}

/// At which date a contract is read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ReadingQuery {
    /// The day to read the contract at; today when absent.
    as_of: Option<NaiveDate>,
    /// Another day, to be told in `differences` what changed between them.
    compare_with: Option<NaiveDate>,
}

pub fn all(items: Vec<Signatory>) -> Result<Reply> {
    Reply::ok(&Page::whole(items))
}

/// The signature of one of them; one who has not signed has none.
pub fn signature_of(items: Vec<Signatory>, co_funder: CoFunderId) -> Result<Reply> {
    let signed = items.into_iter().find(|one| one.co_funder_id == co_funder && one.signed_on.is_some());
    Reply::ok(&signed.ok_or_else(Error::not_found)?)
}

/// List contracts
///
/// Consolidated as of today. Signed contracts are public; a draft is shown to its staff and to the co-funders that are to sign
/// it.
#[utoipa::path(tag = "contracts", params(PageQuery),
    responses((status = 200, description = "A page of contracts.", body = Page<Contract>)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts")]
async fn list_contracts(viewer: Viewer, walk: Walk, db: Data<Db>) -> Result<Reply> {
    let rows = walk.clone();
    let rows = db
        .read(move |connection| {
            let rows = store::list(connection, viewer.principal.as_ref(), &rows)?;
            rows.into_iter()
                .map(|row| view::contract(connection, row, viewer.now.date()))
                .collect::<Result<Vec<_>>>()
        })
        .await?;
    walk.reply(rows, |contract| contract.id)
}

/// Create a contract
///
/// A draft, until its signatories sign it.
#[utoipa::path(tag = "contracts", request_body = ContractInput,
    responses((status = 201, description = "The new contract.", body = Contract)),
    security(("oauth2" = ["contracts:write"])))]
#[post("/v1/contracts")]
async fn create_contract(command: Command, body: Valid<ContractInput>, db: Data<Db>) -> Result<Reply> {
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let today = actor.now.date();
            let row = drafting::create(tx, actor, &input)?;
            let address = format!("/v1/contracts/{}", row.id);
            Reply::created(address, &view::contract(tx, row, today)?)
        })
        .await
}

/// Get a contract as it is in force on a day
///
/// The original with every amendment in force by `asOf` folded in; the answer lists them (rule A2). With `compareWith`
/// it also says, in words, what changed from that day to `asOf`.
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract."), ReadingQuery),
    responses((status = 200, description = "The consolidated contract.", body = Contract)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}")]
async fn get_contract(
    path: Path<(ContractId,)>,
    viewer: Viewer,
    reading: Query<ReadingQuery>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let as_of = reading.as_of.unwrap_or_else(|| viewer.now.date());
    db.read(move |connection| {
        let row = store::find(connection, viewer.principal.as_ref(), id)?;
        match reading.compare_with {
            Some(other) => Reply::ok(&view::compared(connection, row, as_of, other)?),
            None => Reply::ok(&view::contract(connection, row, as_of)?),
        }
    })
    .await
}

/// Change a contract
///
/// From the first signature on, a contract changes only by amendment (rule C2); its labels can still change, and
/// documents be added.
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract.")),
    request_body(content = ContractInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed contract.", body = Contract)),
    security(("oauth2" = ["contracts:write"])))]
#[patch("/v1/contracts/{contractId}")]
async fn update_contract(
    path: Path<(ContractId,)>,
    command: Command,
    patch: Patch<ContractInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let today = actor.now.date();
            let row = drafting::change(tx, actor, id, &if_match, &patch)?;
            Reply::ok(&view::contract(tx, row, today)?)
        })
        .await
}

/// List the signatories of a contract
///
/// Those of the original contract, with the days they signed.
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract.")),
    responses((status = 200, description = "The signatories.", body = Page<Signatory>)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/signatures")]
async fn list_contract_signatures(path: Path<(ContractId,)>, viewer: Viewer, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        let row = store::find(connection, viewer.principal.as_ref(), id)?;
        all(store::signatories(connection, id, &row.terms.signatories)?)
    })
    .await
}

/// Sign a contract
///
/// For the client's own institution, once. The last signature brings the contract into force. With `If-Match`, only the
/// text that was read is signed.
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract.")),
    request_body = SignatureInput,
    responses((status = 201, description = "The signature.", body = Signatory)),
    security(("oauth2" = ["contracts:sign"])))]
#[post("/v1/contracts/{contractId}/signatures")]
async fn sign_contract(
    path: Path<(ContractId,)>,
    command: Command,
    body: Valid<SignatureInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let Valid { value: input, digest } = body;
    let if_match = command.if_match.clone();
    command
        .post(&db, &digest, move |tx, actor| {
            let signed = signatures::sign_contract(tx, actor, id, &if_match, &input)?;
            Reply::created(format!("/v1/contracts/{id}/signatures/{}", signed.co_funder_id), &signed)
        })
        .await
}

/// Get the signature of an institution
#[utoipa::path(tag = "contracts",
    params(
        ("contractId" = ContractId, Path, description = "The contract."),
        ("coFunderId" = CoFunderId, Path, description = "The signatory."),
    ),
    responses((status = 200, description = "The signature.", body = Signatory)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/signatures/{coFunderId}")]
async fn get_contract_signature(
    path: Path<(ContractId, CoFunderId)>,
    viewer: Viewer,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id, co_funder)) = path;
    db.read(move |connection| {
        let row = store::find(connection, viewer.principal.as_ref(), id)?;
        signature_of(store::signatories(connection, id, &row.terms.signatories)?, co_funder)
    })
    .await
}
