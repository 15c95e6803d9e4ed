//! `/problems/{code}`: the documentation that the `type` of a problem document leads to.

use actix_web::{HttpRequest, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::{Code, Error, Result};
use crate::http::{Language, Path, Reply};

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_problem);
}

/// What a kind of problem means.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "precondition-required", "status": 428, "title": "Say which version you change",
    "description": "Send If-Match with the ETag you read, so that nobody's work is overwritten unseen."
}))]
struct ProblemKind {
    /// The stable word.
    #[schema(max_length = 40)]
    code: &'static str,
    /// The HTTP status it comes with.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// Its title.
    #[schema(max_length = 200)]
    title: &'static str,
    /// What it means and what to do about it.
    #[schema(max_length = 2000)]
    description: &'static str,
}

/// Get the documentation of a kind of problem
///
/// In French or English, by `Accept-Language`.
#[utoipa::path(tag = "service",
    params(("code" = String, Path, description = "The code.", max_length = 40, pattern = "^[a-z-]+$")),
    responses((status = 200, description = "Its documentation.", body = ProblemKind)))]
#[get("/problems/{code}")]
async fn get_problem(path: Path<(String,)>, request: HttpRequest) -> Result<Reply> {
    let Path((code,)) = path;
    let entry = Code::from_slug(&code).ok_or_else(Error::not_found)?.entry();
    let language = Language::of(request.headers());
    let pick = |en, fr| match language {
        Language::English => en,
        Language::French => fr,
    };
    Reply::ok(&ProblemKind {
        code: entry.slug,
        status: entry.status,
        title: pick(entry.title_en, entry.title_fr),
        description: pick(entry.about_en, entry.about_fr),
    })
}
