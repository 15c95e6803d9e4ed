//! Organisations, as they are sent and shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::error::FaultCode;
use crate::http::{fault, unique};
use crate::types::{Contact, Instant, OrganisationId, Rna, Siret, Text};
use crate::words;

/// What kind of legal person it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegalForm {
    Association,
    Foundation,
    Cooperative,
    Mutual,
    Company,
    LocalAuthority,
    PublicBody,
    Other,
}

words!(LegalForm {
    Association = "association" | "association": "loi de 1901, or the local law of Alsace and Moselle",
    Foundation = "foundation" | "fondation",
    Cooperative = "cooperative" | "coopérative": "SCIC, SCOP and their like",
    Mutual = "mutual" | "mutuelle",
    Company = "company" | "société",
    LocalAuthority = "localAuthority" | "collectivité territoriale",
    PublicBody = "publicBody" | "établissement public",
    Other = "other" | "autre",
});

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressKind {
    HeadOffice,
    Correspondence,
}

words!(AddressKind {
    HeadOffice = "headOffice" | "siège social",
    Correspondence = "correspondence" | "adresse de gestion": "where it is written to, when that is elsewhere",
});

/// A postal address in France (Cerfa 12156, section 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "kind": "headOffice", "street": "1 place Exemple", "complement": null, "postalCode": "41000", "city": "Blois"
}))]
pub struct Address {
    pub kind: AddressKind,
    #[schema(min_length = 1, max_length = 200)]
    pub street: String,
    /// Building, post-office box, or care of whom.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub complement: Option<String>,
    #[schema(max_length = 5, pattern = "^[0-9]{5}$")]
    pub postal_code: String,
    #[schema(min_length = 1, max_length = 100)]
    pub city: String,
}

/// An organisation to be made or changed. It has a SIRET, an RNA number, or both (rule S6). Bank details have no place
/// here, and none elsewhere: each co-funder pays by its own means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "is_identified"))]
#[validate(schema(function = "addresses_are_unique"))]
#[schema(example = json!({
    "name": "Les Jardins partagés (exemple)", "acronym": "LJP", "legalForm": "association",
    "siret": "00000000100008", "rna": null, "purpose": "Cultiver ensemble des jardins au pied des immeubles.",
    "addresses": [{"kind": "headOffice", "street": "1 place Exemple", "postalCode": "41000", "city": "Blois"}],
    "legalRepresentative": {"name": "Camille Exemple", "function": "présidente"}, "contacts": []
}))]
pub struct OrganisationInput {
    /// Its official name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The short name it goes by.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    pub acronym: Option<String>,
    #[serde(default)]
    pub legal_form: Option<LegalForm>,
    #[serde(default)]
    pub siret: Option<Siret>,
    #[serde(default)]
    pub rna: Option<Rna>,
    /// What it is there for (objet social).
    #[serde(default)]
    #[schema(min_length = 1, max_length = 5000)]
    pub purpose: Option<String>,
    /// One of each kind at the most. Private: some are somebody's home.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub addresses: Vec<Address>,
    /// Who answers for it in law. Private.
    #[serde(default)]
    pub legal_representative: Option<Contact>,
    /// Whom to speak to. Private.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub contacts: Vec<Contact>,
}

fn is_identified(input: &OrganisationInput) -> Result<(), ValidationError> {
    if input.siret.is_some() || input.rna.is_some() {
        return Ok(());
    }
    let text = Text::new("a SIRET or an RNA number is required", "un SIRET ou un numéro RNA est obligatoire");
    Err(fault("/siret", FaultCode::Required, text))
}

fn addresses_are_unique(input: &OrganisationInput) -> Result<(), ValidationError> {
    unique("/addresses", "kind", input.addresses.iter().map(|address| address.kind))
}

/// An organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Les Jardins partagés (exemple)", "acronym": "LJP",
    "legalForm": "association", "siret": "00000000100008", "rna": null,
    "purpose": "Cultiver ensemble des jardins au pied des immeubles.",
    "addresses": [{
        "kind": "headOffice", "street": "1 place Exemple", "complement": null, "postalCode": "41000", "city": "Blois"
    }],
    "legalRepresentative": {"name": "Camille Exemple", "function": "présidente", "email": null, "phone": null},
    "contacts": [],
    "createdAt": "2022-10-04T07:00:00Z", "updatedAt": "2022-10-04T07:00:00Z"
}))]
pub struct Organisation {
    pub id: OrganisationId,
    #[serde(skip)]
    pub version: i64,
    /// Its official name.
    #[schema(max_length = 200)]
    pub name: String,
    #[schema(required, max_length = 60)]
    pub acronym: Option<String>,
    #[schema(required)]
    pub legal_form: Option<LegalForm>,
    #[schema(required)]
    pub siret: Option<Siret>,
    #[schema(required)]
    pub rna: Option<Rna>,
    #[schema(required, max_length = 5000)]
    pub purpose: Option<String>,
    /// For the organisation itself, the staff and the co-funders it asks; null for others.
    #[schema(required, max_items = 2)]
    pub addresses: Option<Vec<Address>>,
    /// For the same readers; null for others.
    #[schema(required)]
    pub legal_representative: Option<Contact>,
    /// For the same readers; null for others.
    #[schema(required, max_items = 20)]
    pub contacts: Option<Vec<Contact>>,
    pub created_at: Instant,
    pub updated_at: Instant,
}
