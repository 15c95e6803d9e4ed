//! Documents: where the signed texts, the rules of a call, the annexes can be read. Links, not copies.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::ValidationError;

use crate::http::unique;

/// A document somebody else keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "title": "Contrat de ville, texte signé", "url": "https://example.org/contrat-de-ville.pdf",
    "mediaType": "application/pdf", "language": "fr"
}))]
pub struct Document {
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Where it is; no two documents of a list have the same.
    #[schema(max_length = 2000, format = "line", pattern = "^https?://[^\\s<>\"\\u0000]+$")]
    pub url: String,
    /// Its media type (RFC 6838), without parameters.
    #[schema(max_length = 127, pattern = "^[a-z]+/[a-z0-9][a-z0-9.+-]*$")]
    pub media_type: String,
    /// Its language (BCP 47): `fr`, `en`, `fr-FR`.
    #[schema(max_length = 35, pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: String,
}

/// Refuses a list in which two documents have the same address.
pub fn are_unique(documents: &[Document]) -> Result<(), ValidationError> {
    unique("/documents", "url", documents.iter().map(|one| &one.url))
}

/// Whether every document is still there: what has been signed or published only gains documents (rule K2).
pub fn are_kept(before: &[Document], after: &[Document]) -> bool {
    before.iter().all(|one| after.contains(one))
}
