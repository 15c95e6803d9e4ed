//! Co-funders, as they are sent and shown.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::types::{CoFunderId, Instant, Siret};
use crate::words;

/// What kind of institution a co-funder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum CoFunderKind {
    State,
    City,
    Intercommunality,
    Department,
    Region,
    Caf,
    SocialLandlord,
    Other,
}

words!(CoFunderKind {
    State = "state",
    City = "city",
    Intercommunality = "intercommunality",
    Department = "department",
    Region = "region",
    Caf = "caf",
    SocialLandlord = "socialLandlord",
    Other = "other",
});

/// A co-funder to be made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Caf de Loir-et-Cher", "kind": "caf", "siret": null}))]
pub struct CoFunderInput {
    /// Its usual name; no two co-funders have the same.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    pub kind: CoFunderKind,
    /// Its SIRET, where known.
    #[serde(default)]
    pub siret: Option<Siret>,
}

/// A co-funder (cofinanceur).
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::co_funders)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Caf de Loir-et-Cher", "kind": "caf", "siret": null,
    "createdAt": "2022-09-01T07:00:00Z", "updatedAt": "2022-09-01T07:00:00Z"
}))]
pub struct CoFunder {
    pub id: CoFunderId,
    #[serde(skip)]
    pub version: i64,
    /// Its usual name.
    #[schema(max_length = 200)]
    pub name: String,
    pub kind: CoFunderKind,
    /// Its SIRET, where known.
    #[schema(required)]
    pub siret: Option<Siret>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl From<CoFunder> for CoFunderInput {
    fn from(co_funder: CoFunder) -> Self {
        Self { name: co_funder.name, kind: co_funder.kind, siret: co_funder.siret }
    }
}
