//! Attachments, as they are sent and shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::db::schema::attachments;
use crate::files::MediaType;
use crate::types::{ApplicationId, AttachmentId, AttachmentKind, Instant};

/// What is said of a file beside its bytes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AttachmentQuery {
    /// What it is.
    #[param(inline)]
    pub kind: AttachmentKind,
    /// The name of the file, without a folder. It ends as its media type does: `statuts.pdf`.
    #[param(
        min_length = 3,
        max_length = 200,
        format = "line",
        pattern = "^[^\\s./\\\\][^/\\\\]+$",
        example = "statuts.pdf"
    )]
    pub file_name: String,
}

/// A piece of an application. Its bytes are at `content` below its address.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = attachments)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8063", "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
    "kind": "statutes", "fileName": "statuts.pdf", "mediaType": "application/pdf", "size": 348160,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "received": false,
    "createdAt": "2022-10-21T09:30:00Z"
}))]
pub struct Attachment {
    pub id: AttachmentId,
    pub application_id: ApplicationId,
    pub kind: AttachmentKind,
    #[schema(max_length = 200)]
    pub file_name: String,
    pub media_type: MediaType,
    /// In bytes.
    #[schema(minimum = 1, maximum = 20_971_520)]
    pub size: i64,
    /// SHA-256 of the bytes, in hexadecimal.
    #[schema(max_length = 64)]
    pub sha256: String,
    /// Whether it was received with the application: from then on it stays.
    pub received: bool,
    pub created_at: Instant,
}

/// A piece that was received with an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedAttachment {
    pub id: AttachmentId,
    pub kind: AttachmentKind,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(max_length = 64)]
    pub sha256: String,
}

/// The bytes of a file: at most 20 MiB. Declared as `application/octet-stream`, they are published, and held to, as each of
/// the media types that are kept.
pub struct FileBytes;

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("binary".to_owned())))
            .min_length(Some(1))
            .max_length(Some(20_971_520))
            .into()
    }
}

impl ToSchema for FileBytes {}
