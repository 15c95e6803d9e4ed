//! People to speak to. They are private: each slice says who sees them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody to speak to: only for those who work on the file, never published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Camille Exemple", "function": "présidente", "email": "camille@jardins.example", "phone": "+33 2 54 00 00 00"
}))]
pub struct Contact {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What they do there.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub function: Option<String>,
    #[serde(default)]
    #[schema(max_length = 254, pattern = "^[!-?A-~]+@[!-?A-~]+$")]
    pub email: Option<String>,
    #[serde(default)]
    #[schema(max_length = 30, pattern = "^[+]?[0-9][0-9 .()-]{2,28}$")]
    pub phone: Option<String>,
}
