//! What an application says beside its texts: statements, partners, planned indicators, numbers elsewhere.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words;

/// How the action takes a cross-cutting priority into account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriorityStatement {
    /// The code of the priority.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub priority: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub statement: String,
}

/// What a partner of the action has to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Involvement {
    CoConstruction,
    Implementation,
    Resources,
}

words!(Involvement {
    CoConstruction = "coConstruction" | "co-construction": "thought it out together",
    Implementation = "implementation" | "mise en œuvre": "carries it out too",
    Resources = "resources" | "moyens": "lends rooms, equipment or people",
});

/// A partner of the action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Centre social (exemple)", "involvement": "coConstruction", "contribution": null}))]
pub struct Partner {
    /// An institution or an organisation, not a person.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    pub involvement: Involvement,
    /// What it brings.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub contribution: Option<String>,
}

/// Something that will be counted, and how much of it is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"code": "plots", "title": "Parcelles cultivées", "unit": "parcelles", "planned": 20}))]
pub struct Indicator {
    /// A short word, unique in the application.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    pub unit: Option<String>,
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub planned: u32,
}

/// The number of the application in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"system": "dauphin", "reference": "00123456"}))]
pub struct ExternalReference {
    /// Which system: `dauphin` is the State's portal for the politique de la ville.
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub system: String,
    #[schema(min_length = 1, max_length = 100, format = "reference")]
    pub reference: String,
}
