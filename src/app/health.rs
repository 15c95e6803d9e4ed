//! `/health/live` and `/health/ready`

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::Db;
use crate::error::Result;
use crate::http::Reply;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_liveness).service(get_readiness);
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
struct Health {
    /// Always `ok`: anything else is a problem document.
    #[schema(max_length = 10)]
    status: &'static str,
}

/// Say whether the process runs
///
/// For a supervisor that restarts what hangs. It does not ask the database.
#[utoipa::path(tag = "service", responses((status = 200, description = "It runs.", body = Health)))]
#[get("/health/live")]
async fn get_liveness() -> Result<Reply> {
    Ok(Reply::ok(&Health { status: "ok" })?.never_stored())
}

/// Say whether the service can serve
///
/// For a load balancer: 503 while the database is away, 200 again by itself once it is back.
#[utoipa::path(tag = "service", responses((status = 200, description = "It can serve.", body = Health)))]
#[get("/health/ready")]
async fn get_readiness(db: Data<Db>) -> Result<Reply> {
    db.check().await?;
    Ok(Reply::ok(&Health { status: "ok" })?.never_stored())
}
