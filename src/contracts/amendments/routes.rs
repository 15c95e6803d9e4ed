//! `/v1/amendments`

use actix_web::web::Data;
use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::api::{Signatory, SignatureInput};
use super::super::routes::{all, signature_of};
use super::super::signatures;
use super::api::{Amendment, AmendmentInput};
use super::store as amendments;
use crate::db::Db;
use crate::error::Result;
use crate::http::{Command, Page, PageQuery, Patch, Path, Reply, Valid, Viewer, Walk};
use crate::types::{AmendmentId, CoFunderId, ContractId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_amendments).service(draft_amendment).service(get_amendment).service(update_amendment);
    config.service(list_amendment_signatures).service(sign_amendment).service(get_amendment_signature);
}

/// List the amendments of a contract
///
/// Signed amendments are public; a draft is shown to the staff of the contract, to the co-funders that are party to it, and to
/// those that join it by this amendment.
#[utoipa::path(tag = "contracts",
    params(("contractId" = ContractId, Path, description = "The contract."), PageQuery),
    responses((status = 200, description = "A page of amendments.", body = Page<Amendment>)),
    security((), ("oauth2" = [])))]
#[get("/v1/contracts/{contractId}/amendments")]
async fn list_amendments(
    path: Path<(ContractId,)>,
    viewer: Viewer,
    walk: Walk,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let rows = walk.clone();
    let rows = db
        .read(move |connection| {
            amendments::list(connection, viewer.principal.as_ref(), id, &rows, viewer.now.date())
        })
        .await?;
    walk.reply(rows, |amendment| amendment.id)
}

/// Draft an amendment
///
/// Refused at once when a change cannot apply to the contract as it will be on `effectiveOn` (rule A3).
#[utoipa::path(tag = "contracts", params(("contractId" = ContractId, Path, description = "The contract.")),
    request_body = AmendmentInput,
    responses((status = 201, description = "The new amendment.", body = Amendment)),
    security(("oauth2" = ["contracts:write"])))]
#[post("/v1/contracts/{contractId}/amendments")]
async fn draft_amendment(
    path: Path<(ContractId,)>,
    command: Command,
    body: Valid<AmendmentInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((contract,)) = path;
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let row = amendments::draft(tx, actor, contract, &input)?;
            let address = format!("/v1/amendments/{}", row.id);
            Reply::created(address, &amendments::view(tx, row, actor.now.date())?)
        })
        .await
}

/// Get an amendment
#[utoipa::path(tag = "contracts", params(("amendmentId" = AmendmentId, Path, description = "The amendment.")),
    responses((status = 200, description = "The amendment.", body = Amendment)),
    security((), ("oauth2" = [])))]
#[get("/v1/amendments/{amendmentId}")]
async fn get_amendment(path: Path<(AmendmentId,)>, viewer: Viewer, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        let row = amendments::find(connection, viewer.principal.as_ref(), id)?;
        Reply::ok(&amendments::view(connection, row, viewer.now.date())?)
    })
    .await
}

/// Change a draft amendment
///
/// A signed amendment never changes (rule A1): from the first signature on, documents can be added to it, nothing else.
#[utoipa::path(tag = "contracts", params(("amendmentId" = AmendmentId, Path, description = "The amendment.")),
    request_body(content = AmendmentInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed amendment.", body = Amendment)),
    security(("oauth2" = ["contracts:write"])))]
#[patch("/v1/amendments/{amendmentId}")]
async fn update_amendment(
    path: Path<(AmendmentId,)>,
    command: Command,
    patch: Patch<AmendmentInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let if_match = command.if_match.clone();
    command
        .put(&db, move |tx, actor| {
            let row = amendments::change(tx, actor, id, &if_match, &patch)?;
            Reply::ok(&amendments::view(tx, row, actor.now.date())?)
        })
        .await
}

/// List the signatories of an amendment
///
/// Those who must sign for it to come into force, with the days they signed.
#[utoipa::path(tag = "contracts", params(("amendmentId" = AmendmentId, Path, description = "The amendment.")),
    responses((status = 200, description = "The signatories.", body = Page<Signatory>)),
    security((), ("oauth2" = [])))]
#[get("/v1/amendments/{amendmentId}/signatures")]
async fn list_amendment_signatures(
    path: Path<(AmendmentId,)>,
    viewer: Viewer,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        let row = amendments::find(connection, viewer.principal.as_ref(), id)?;
        all(amendments::view(connection, row, viewer.now.date())?.signatories)
    })
    .await
}

/// Sign an amendment
///
/// For the client's own institution, once. The last signature brings it into force from `effectiveOn` on (rule A1). With
/// `If-Match`, only the text that was read is signed.
#[utoipa::path(tag = "contracts", params(("amendmentId" = AmendmentId, Path, description = "The amendment.")),
    request_body = SignatureInput,
    responses((status = 201, description = "The signature.", body = Signatory)),
    security(("oauth2" = ["contracts:sign"])))]
#[post("/v1/amendments/{amendmentId}/signatures")]
async fn sign_amendment(
    path: Path<(AmendmentId,)>,
    command: Command,
    body: Valid<SignatureInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let Valid { value: input, digest } = body;
    let if_match = command.if_match.clone();
    command
        .post(&db, &digest, move |tx, actor| {
            let signed = signatures::sign_amendment(tx, actor, id, &if_match, &input)?;
            Reply::created(format!("/v1/amendments/{id}/signatures/{}", signed.co_funder_id), &signed)
        })
        .await
}

/// Get the signature of an institution under an amendment
#[utoipa::path(tag = "contracts",
    params(
        ("amendmentId" = AmendmentId, Path, description = "The amendment."),
        ("coFunderId" = CoFunderId, Path, description = "The signatory."),
    ),
    responses((status = 200, description = "The signature.", body = Signatory)),
    security((), ("oauth2" = [])))]
#[get("/v1/amendments/{amendmentId}/signatures/{coFunderId}")]
async fn get_amendment_signature(
    path: Path<(AmendmentId, CoFunderId)>,
    viewer: Viewer,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id, co_funder)) = path;
    db.read(move |connection| {
        let row = amendments::find(connection, viewer.principal.as_ref(), id)?;
        signature_of(amendments::view(connection, row, viewer.now.date())?.signatories, co_funder)
    })
    .await
}
