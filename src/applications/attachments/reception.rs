//! From a body on the wire to a piece on record: received, stored, recorded, or nothing of it left.

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::spawn;
use actix_web::{HttpMessage, HttpRequest};

use super::api::AttachmentQuery;
use super::{store, workflow};
use crate::db::{Db, DbConnection};
use crate::error::{Code, Error, Result};
use crate::files::{Files, MediaType, Upload};
use crate::http::{Actor, Command, Reply};
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
    files.mark_unrecorded(&id.to_string()).await?;
    let reply = match files.keep(&id.to_string(), upload).await {
        Err(error) => Err(error),
        Ok(()) => {
            let act = move |tx: &mut DbConnection, actor: &Actor| {
                workflow::add(tx, actor, &attachment)?;
                Reply::created(format!("/v1/applications/{application}/attachments/{id}"), &attachment)
            };
            command.post(&db, &digest, act).await
        }
    };
    // After a failure the database may still record the file: the marker stays, for the sweep.
    let is_known = reply.as_ref().map_or_else(|error| error.code().entry().status < 500, |_| true);
    if is_known {
        settle(&db, &files, id).await;
    }
    reply
}

/// Removes a marked file unless the database records it, then its marker. If the store fails, the marker stays, and the
/// hourly sweep does the same later.
pub async fn settle(db: &Db, files: &Files, id: AttachmentId) {
    if let Err(error) = try_to_settle(db, files, id).await {
        log::warn!("the file {id} stays marked until the next sweep: {error}");
    }
}

async fn try_to_settle(db: &Db, files: &Files, id: AttachmentId) -> Result<()> {
    let recorded = db.read(move |connection| store::recorded(connection, &[id])).await?;
    if recorded.is_empty() {
        files.remove(&id.to_string()).await?;
    }
    files.unmark(&id.to_string()).await
}
