//! From a body on the wire to a piece on record: received, stored, recorded, or nothing of it left.

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::spawn;
use actix_web::{HttpMessage, HttpRequest};

use super::api::AttachmentQuery;
use super::{store, workflow};
use crate::db::Db;
use crate::error::{Code, Error, Result};
use crate::files::{Files, MediaType, Upload};
use crate::http::{Command, Reply};
use crate::types::{ApplicationId, AttachmentId};

/// What a request says of its body: its media type, and how long it is.
pub fn announced(request: &HttpRequest) -> Result<(MediaType, Option<u64>)> {
    let said = MediaType::parse(&request.content_type().to_ascii_lowercase());
    let media_type = said.ok_or_else(|| Error::new(Code::UnsupportedMediaType))?;
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok((media_type, length))
}

/// What a file is recorded as.
pub struct Piece {
    pub application: ApplicationId,
    pub named: AttachmentQuery,
    pub media_type: MediaType,
}

/// Stores and records a file that was received. It goes on when its client does not wait: what is stored is then recorded
/// or removed all the same.
pub async fn record(db: Db, files: Files, command: Command, piece: Piece, upload: Upload) -> Result<Reply> {
    spawn(store_and_record(db, files, command, piece, upload)).await.map_err(Error::internal)?
}

async fn store_and_record(
    db: Db,
    files: Files,
    command: Command,
    piece: Piece,
    upload: Upload,
) -> Result<Reply> {
    let Piece { application, named, media_type } = piece;
    let id = AttachmentId::generate();
    let attachment = workflow::described(id, application, named, media_type, &upload, &command.actor)?;
    let digest = upload.digest.clone();
    files.keep(&id.to_string(), upload).await?;
    let reply = command
        .post(&db, &digest, move |tx, actor| {
            workflow::add(tx, actor, &attachment)?;
            Reply::created(format!("/v1/applications/{application}/attachments/{id}"), &attachment)
        })
        .await;
    remove_unless_recorded(&db, &files, id).await;
    reply
}

/// A refusal, or the replay of an earlier answer, leaves a file that nothing refers to. One that stays is swept later.
async fn remove_unless_recorded(db: &Db, files: &Files, id: AttachmentId) {
    let recorded = db.read(move |connection| store::recorded(connection, &[id])).await;
    if recorded.is_ok_and(|recorded| recorded.is_empty()) {
        remove(files, id).await;
    }
}

/// Removes the file of a piece that is on record no more; one that stays is swept later.
pub async fn remove(files: &Files, id: AttachmentId) {
    if let Err(error) = files.remove(&id.to_string()).await {
        log::warn!("the file {id} stays until it is swept: {error}");
    }
}
