//! The whole service put together: the one file that knows every slice.

mod document;
mod health;
mod problems;
mod server;

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpResponse, get};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

pub use server::{Refused, check_owner, open, serve};

use crate::auth::Tokens;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::http::{BodyMemory, Published, Running, Specification, edge, gate};
use crate::types::Clock;
use crate::{
    applications, calls, clients, cofunders, contracts, decisions, evaluations, open_data, opinions,
    organisations, programme,
};

/// The published document, in both of its spellings.
pub struct Document {
    json: Published,
    yaml: Published,
}

/// What bodies may take in memory unless a setting says otherwise, in bytes.
pub const BODY_MEMORY: usize = 32 * 1_048_576;

/// What every worker of the service shares.
#[derive(Clone)]
pub struct Shared {
    pub db: Db,
    pub files: Files,
    pub tokens: Data<Tokens>,
    pub clock: Clock,
    pub specification: Data<Specification>,
    pub document: Data<Document>,
    pub running: Running,
    pub body_memory: BodyMemory,
    /// Origins that may send credentials from a browser.
    pub origins: Vec<String>,
}

impl Shared {
    pub fn new(db: Db, files: Files, tokens: Tokens, clock: Clock, origins: Vec<String>) -> Result<Self> {
        let whole = whole()?;
        let specification = Specification::new(&whole, tokens.issuer().to_owned())?;
        let document = document::published(whole);
        Ok(Self {
            db,
            files,
            tokens: Data::new(tokens),
            clock,
            specification: Data::new(specification),
            document: Data::new(Document {
                json: Published::new("application/json", json(&document)?),
                yaml: Published::new("application/yaml", yaml(&document)?),
            }),
            running: Running::default(),
            body_memory: BodyMemory::new(BODY_MEMORY),
            origins,
        })
    }
}

/// The one list that gives both the routes and the document.
fn routes(config: &mut ServiceConfig) {
    config.configure(health::routes);
    config.configure(problems::routes);
    config.configure(clients::routes);
    config.configure(cofunders::routes);
    config.configure(organisations::routes);
    config.configure(contracts::routes);
    config.configure(calls::routes);
    config.configure(applications::routes);
    config.configure(opinions::routes);
    config.configure(decisions::routes);
    config.configure(programme::routes);
    config.configure(evaluations::routes);
    config.configure(open_data::routes);
    config.service(get_openapi_json).service(get_openapi_yaml);
}

/// The OpenAPI document of this version.
pub fn openapi() -> Result<Value> {
    Ok(document::published(whole()?))
}

/// The same with the schemas that only the service itself needs.
fn whole() -> Result<Value> {
    let (_, generated) =
        App::new().into_utoipa_app().openapi(document::Base::openapi()).configure(routes).split_for_parts();
    document::finish(&generated)
}

/// The document as it is committed and served.
pub fn json(document: &Value) -> Result<String> {
    serde_json::to_string_pretty(document).map(|text| text + "\n").map_err(Error::internal)
}

pub fn yaml(document: &Value) -> Result<String> {
    yaml_serde::to_string(document).map_err(Error::internal)
}

/// The application that a worker runs.
pub fn build(
    shared: &Shared,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let (app, _) = App::new().into_utoipa_app().configure(routes).split_for_parts();
    app.service(
        SwaggerUi::new("/docs/{_:.*}").config(
            utoipa_swagger_ui::Config::from("/openapi.json")
                .try_it_out_enabled(true)
                .persist_authorization(false)
                .validator_url("none"),
        ),
    )
    .service(docs_without_slash)
    .app_data(Data::new(shared.db.clone()))
    .app_data(Data::new(shared.files.clone()))
    .app_data(shared.tokens.clone())
    .app_data(Data::new(shared.clock.clone()))
    .app_data(shared.specification.clone())
    .app_data(shared.document.clone())
    .app_data(Data::new(shared.running.clone()))
    .app_data(Data::new(shared.body_memory.clone()))
    .wrap(from_fn(gate))
    .wrap(cors(&shared.origins))
    .wrap(from_fn(edge))
}

/// Public reads are open to every origin; only the configured ones may send a token or change anything.
fn cors(origins: &[String]) -> Cors {
    let trusted = origins.to_vec();
    Cors::default()
        .allowed_origin_fn(move |origin, head| {
            let known = trusted.iter().any(|trusted| trusted.as_bytes() == origin.as_bytes());
            let asked = head.headers().get("access-control-request-method");
            let method = asked.map_or(head.method.as_str(), |value| value.to_str().unwrap_or_default());
            let private = head.headers().contains_key("authorization")
                || head.headers().get("access-control-request-headers").is_some_and(|names| {
                    names.to_str().unwrap_or_default().to_ascii_lowercase().contains("authorization")
                });
            known || (matches!(method, "GET" | "HEAD") && !private)
        })
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "accept",
            "accept-language",
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "traceparent",
            "x-request-id",
        ])
        .expose_headers([
            "api-version",
            "content-disposition",
            "etag",
            "link",
            "location",
            "retry-after",
            "x-request-id",
        ])
        .max_age(3_600)
        .block_on_origin_mismatch(false)
}

/// Get this contract as JSON
///
/// The OpenAPI 3.1 document that the service itself is held to.
#[utoipa::path(tag = "service", responses((status = 200, description = "The document.", body = Object)))]
#[get("/openapi.json")]
async fn get_openapi_json(document: Data<Document>) -> Published {
    document.json.clone()
}

/// Get this contract as YAML
///
/// The same document, for those who read it themselves.
#[utoipa::path(tag = "service", responses((status = 200, description = "The document.", body = Object, content_type = "application/yaml")))]
#[get("/openapi.yaml")]
async fn get_openapi_yaml(document: Data<Document>) -> Published {
    document.yaml.clone()
}

#[get("/docs")]
async fn docs_without_slash() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("Location", "/docs/")).finish()
}
