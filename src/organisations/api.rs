//! Organisations, as they are sent and shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::error::FaultCode;
use crate::http::fault;
use crate::types::{Instant, OrganisationId, Rna, Siret, Text};

/// An organisation to be made or changed. It has a SIRET, an RNA number, or both (rule S6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "is_identified"))]
#[schema(example = json!({"name": "Les Jardins partagés (exemple)", "siret": "00000000100008", "rna": null}))]
pub struct OrganisationInput {
    /// Its official name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[serde(default)]
    pub siret: Option<Siret>,
    #[serde(default)]
    pub rna: Option<Rna>,
}

fn is_identified(input: &OrganisationInput) -> Result<(), ValidationError> {
    if input.siret.is_some() || input.rna.is_some() {
        return Ok(());
    }
    let text = Text::new("a SIRET or an RNA number is required", "un SIRET ou un numéro RNA est obligatoire");
    Err(fault("/siret", FaultCode::Required, text))
}

/// An organisation.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::organisations)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Les Jardins partagés (exemple)",
    "siret": "00000000100008", "rna": null,
    "createdAt": "2022-10-04T07:00:00Z", "updatedAt": "2022-10-04T07:00:00Z"
}))]
pub struct Organisation {
    pub id: OrganisationId,
    #[serde(skip)]
    pub version: i64,
    /// Its official name.
    #[schema(max_length = 200)]
    pub name: String,
    #[schema(required)]
    pub siret: Option<Siret>,
    #[schema(required)]
    pub rna: Option<Rna>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl From<Organisation> for OrganisationInput {
    fn from(organisation: Organisation) -> Self {
        Self { name: organisation.name, siret: organisation.siret, rna: organisation.rna }
    }
}
