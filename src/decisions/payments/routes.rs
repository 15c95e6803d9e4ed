//! `/v1/applications/{applicationId}/decisions/{coFunderId}/payments`

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::store as decisions;
use super::api::{Payment, PaymentInput};
use super::store;
use crate::applications;
use crate::db::{Db, DbConnection};
use crate::error::{Error, Result};
use crate::http::{Command, Page, Path, Reader, Reply, Valid};
use crate::types::{ApplicationId, CoFunderId, PaymentId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_payments).service(record_payment).service(get_payment);
}

fn visible(
    connection: &mut DbConnection,
    reader: &Reader,
    application: ApplicationId,
    co_funder: CoFunderId,
) -> Result<Vec<Payment>> {
    applications::check_visible(connection, &reader.principal, application)?;
    let line = decisions::find(connection, &reader.principal, application, co_funder)?;
    store::list(connection, &reader.principal, &line)
}

/// List the payments of a line
///
/// In the order they were recorded, for all who see the line.
#[utoipa::path(tag = "decisions",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("coFunderId" = CoFunderId, Path, description = "The co-funder."),
    ),
    responses((status = 200, description = "The payments.", body = Page<Payment>)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/applications/{applicationId}/decisions/{coFunderId}/payments")]
async fn list_payments(
    path: Path<(ApplicationId, CoFunderId)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, co_funder)) = path;
    db.read(move |connection| Reply::ok(&Page::whole(visible(connection, &reader, application, co_funder)?)))
        .await
}

/// Record a payment
///
/// On the co-funder's own line, once it is voted and its conditions are met: payments add up to at most what is granted
/// (rule D8). What is paid can no longer be taken back by lowering the line; what the organisation gives back is recorded
/// as a `recovery`. Payments are not changed. The same payment sent again (reference, kind, amount and day) changes nothing
/// and is answered with 200; another one under a reference that the line has already is 409. References are compared without
/// case and blanks.
#[utoipa::path(tag = "decisions",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("coFunderId" = CoFunderId, Path, description = "The client's own co-funder."),
    ),
    request_body = PaymentInput,
    responses(
        (status = 200, description = "The payment, which was recorded already.", body = Payment),
        (status = 201, description = "The payment.", body = Payment),
    ),
    security(("oauth2" = ["decisions:write"])))]
#[post("/v1/applications/{applicationId}/decisions/{coFunderId}/payments")]
async fn record_payment(
    path: Path<(ApplicationId, CoFunderId)>,
    command: Command,
    body: Valid<PaymentInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, co_funder)) = path;
    let Valid { value: input, digest } = body;
    command
        .post(&db, &digest, move |tx, actor| {
            let (payment, is_new) = store::record(tx, actor, (application, co_funder), &input)?;
            let line = format!("/v1/applications/{application}/decisions/{co_funder}");
            let location = format!("{line}/payments/{}", payment.id);
            match is_new {
                true => Reply::created(location, &payment),
                false => Ok(Reply::ok(&payment)?.location(location)),
            }
        })
        .await
}

/// Get a payment
#[utoipa::path(tag = "decisions",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("coFunderId" = CoFunderId, Path, description = "The co-funder."),
        ("paymentId" = PaymentId, Path, description = "The payment."),
    ),
    responses((status = 200, description = "The payment.", body = Payment)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/applications/{applicationId}/decisions/{coFunderId}/payments/{paymentId}")]
async fn get_payment(
    path: Path<(ApplicationId, CoFunderId, PaymentId)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, co_funder, id)) = path;
    db.read(move |connection| {
        let payments = visible(connection, &reader, application, co_funder)?;
        let payment = payments.into_iter().find(|payment| payment.id == id);
        Reply::ok(&payment.ok_or_else(Error::not_found)?)
    })
    .await
}
