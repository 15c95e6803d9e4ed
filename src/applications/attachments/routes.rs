//! `/v1/applications/{applicationId}/attachments`

use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpRequest, delete, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{Attachment, AttachmentQuery, FileBytes};
use super::reception::{self, Piece, announced};
use super::{rules, workflow};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::http::{Command, Download, ETag, Page, Path, Reader, Reply};
use crate::types::{ApplicationId, AttachmentId, normalize};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_attachments).service(add_attachment).service(get_attachment);
    config.service(remove_attachment).service(get_attachment_content);
}

async fn find(db: &Db, reader: &Reader, application: ApplicationId, id: AttachmentId) -> Result<Attachment> {
    let reader = reader.clone();
    db.read(move |connection| workflow::find(connection, &reader, application, id)).await
}

/// List the attachments of an application
///
/// For whoever sees the application. Those that name people (`officers`, `mandate`) are for its applicant, the staff and
/// the co-funders it asks; those that were not received yet are for its applicant and the staff.
#[utoipa::path(tag = "attachments", params(("applicationId" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The attachments, the first one first.", body = Page<Attachment>)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/attachments")]
async fn list_attachments(path: Path<(ApplicationId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((application,)) = path;
    db.read(move |connection| Reply::ok(&Page::whole(workflow::list(connection, &reader, application)?)))
        .await
}

/// Add an attachment to an application
///
/// By its applicant, while it can be edited. The body is the file itself, at most 20 MiB; it must be what its Content-Type
/// says, without parts that hold macros, and its name must end accordingly. At most 50 an application that
/// were not received yet. Bank details are never to be sent.
#[utoipa::path(tag = "attachments",
    params(("applicationId" = ApplicationId, Path, description = "The application."), AttachmentQuery),
    request_body(description = "The file.", content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 201, description = "The new attachment.", body = Attachment)),
    security(("oauth2" = ["applications:write"])))]
#[post("/v1/applications/{applicationId}/attachments")]
async fn add_attachment(
    path: Path<(ApplicationId,)>,
    command: Command,
    query: Query<AttachmentQuery>,
    request: HttpRequest,
    body: Payload,
    (db, files): (Data<Db>, Data<Files>),
) -> Result<Reply> {
    let (Path((application,)), mut named) = (path, query.into_inner());
    named.file_name = normalize(&named.file_name);
    let (media_type, length) = announced(&request)?;
    rules::check_name(&named, media_type)?;
    // Asked before 20 MiB are received; a retry is answered as the first time, whatever has become of the application.
    if !command.is_retry(&db).await? {
        let actor = command.actor.clone();
        db.read(move |connection| workflow::check_addable(connection, &actor, application)).await?;
    }
    let upload = files.receive(command.actor.principal.client, media_type, length, body).await?;
    let piece = Piece { application, named, media_type };
    reception::record(Db::clone(&db), Files::clone(&files), command, piece, upload).await
}

/// Get an attachment of an application
///
/// What is known of it; its bytes are at `content` below.
#[utoipa::path(tag = "attachments",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("attachmentId" = AttachmentId, Path, description = "The attachment."),
    ),
    responses((status = 200, description = "The attachment.", body = Attachment)),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/attachments/{attachmentId}")]
async fn get_attachment(
    path: Path<(ApplicationId, AttachmentId)>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((application, id)) = path;
    Reply::ok(&find(&db, &reader, application, id).await?)
}

/// Remove an attachment from an application
///
/// By its applicant, while the application can be edited. What was received with it stays.
#[utoipa::path(tag = "attachments",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("attachmentId" = AttachmentId, Path, description = "The attachment."),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("oauth2" = ["applications:write"])))]
#[delete("/v1/applications/{applicationId}/attachments/{attachmentId}")]
async fn remove_attachment(
    path: Path<(ApplicationId, AttachmentId)>,
    command: Command,
    db: Data<Db>,
    files: Data<Files>,
) -> Result<Reply> {
    let Path((application, id)) = path;
    find(&db, &command.actor, application, id).await?;
    let if_match = command.if_match.clone();
    files.mark_unrecorded(&id.to_string()).await?;
    let reply = command
        .put(&db, move |tx, actor| {
            workflow::remove(tx, actor, application, id, &if_match)?;
            Ok(Reply::nothing())
        })
        .await;
    reception::settle(&db, &files, id).await;
    reply
}

/// Get the bytes of an attachment
///
/// As they were sent; the entity tag is their SHA-256.
#[utoipa::path(tag = "attachments",
    params(
        ("applicationId" = ApplicationId, Path, description = "The application."),
        ("attachmentId" = AttachmentId, Path, description = "The attachment."),
    ),
    responses((status = 200, description = "The file.", body = FileBytes, content_type = "application/octet-stream")),
    security(("oauth2" = ["applications:read"])))]
#[get("/v1/applications/{applicationId}/attachments/{attachmentId}/content")]
async fn get_attachment_content(
    path: Path<(ApplicationId, AttachmentId)>,
    reader: Reader,
    request: HttpRequest,
    db: Data<Db>,
    files: Data<Files>,
) -> Result<Download> {
    let Path((application, id)) = path;
    let found = find(&db, &reader, application, id).await?;
    let download = Download::new(found.media_type, found.file_name, ETag::of_sha256(&found.sha256));
    if download.is_known_to(&request) {
        return Ok(download);
    }
    match files.read(&id.to_string()).await? {
        Some(content) => Ok(download.content(content)),
        None => {
            // It may just have been removed; on record without its bytes it is a failure of ours.
            find(&db, &reader, application, id).await?;
            Err(Error::internal(format!("the bytes of {id} are gone")))
        }
    }
}
