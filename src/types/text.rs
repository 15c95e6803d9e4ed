//! Text in the two languages the service speaks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One sentence, in English and in French.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Sentence)]
pub struct Text {
    #[schema(max_length = 10000)]
    pub en: String,
    #[schema(max_length = 10000)]
    pub fr: String,
}

impl Text {
    pub fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { en: en.into(), fr: fr.into() }
    }
}

/// A text of the partners: written in French, translated into English where somebody has done so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"fr": "Mieux vivre son quartier", "en": "A better life in the neighbourhood"}))]
pub struct Translated {
    #[schema(min_length = 1, max_length = 5000)]
    pub fr: String,
    /// Null while nobody has translated it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 5000)]
    pub en: Option<String>,
}
