//! Opinions, as they are sent and shown.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::types::{ApplicationId, ClientId, CoFunderId, ContractId, Firmness, Instant, OpinionId};
use crate::words;

/// What somebody thinks of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum View {
    Favourable,
    Reserved,
    Unfavourable,
}

words!(View {
    Favourable = "favourable" | "favorable",
    Reserved = "reserved" | "réservé",
    Unfavourable = "unfavourable" | "défavorable",
});

impl View {
    /// Whether a line of this firmness decides otherwise (rule O2): it votes for what is found unfavourable, or refuses what
    /// is found favourable. What is only intended or agreed is no vote yet.
    pub fn is_departed_from(self, firmness: Firmness) -> bool {
        match self {
            Self::Favourable => firmness == Firmness::Refused,
            Self::Unfavourable => firmness.is_public(),
            Self::Reserved => false,
        }
    }
}

/// An opinion to be given (avis).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "view": "favourable", "reasons": "L’action répond à une demande des habitantes et habitants.", "steppedAside": 1
}))]
pub struct OpinionInput {
    pub view: View,
    #[schema(min_length = 1, max_length = 5000)]
    pub reasons: String,
    /// How many members stepped aside for a conflict of interest: of the council, at most as many as it has seats. No names.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub stepped_aside: u32,
    /// Which service of the co-funder gives it; the council has none.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub service: Option<String>,
}

/// What a co-funder that decides otherwise answers the council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058", "reply": "Le budget ne le permet pas cette année."
}))]
pub struct Reply {
    pub co_funder_id: CoFunderId,
    #[schema(max_length = 2000)]
    pub reply: String,
}

/// An opinion on an application (avis).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8065", "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
    "coFunderId": null, "councilOf": "01890a5d-ac96-774b-bcce-b302099a8057", "service": null, "view": "favourable",
    "reasons": "L’action répond à une demande des habitantes et habitants.", "steppedAside": 1, "late": false, "replies": [],
    "givenBy": "01890a5d-ac96-774b-bcce-b302099a8062", "givenAt": "2023-01-20T10:00:00Z"
}))]
pub struct Opinion {
    pub id: OpinionId,
    pub application_id: ApplicationId,
    /// The co-funder whose service gives it, if one does.
    #[schema(required)]
    pub co_funder_id: Option<CoFunderId>,
    /// The contract whose council gives it, if it does.
    #[schema(required)]
    pub council_of: Option<ContractId>,
    #[schema(required, max_length = 200)]
    pub service: Option<String>,
    pub view: View,
    #[schema(max_length = 5000)]
    pub reasons: String,
    #[schema(minimum = 0, maximum = 1000)]
    pub stepped_aside: u32,
    /// Whether it came after a committee session had examined the application: it is kept, and compels nobody to reply
    /// (rule O1).
    pub late: bool,
    /// What co-funders that decide otherwise answer the council (rule O2). The council reads an answer once it is voted, or
    /// stands in a refusal that names its act; the partners read it in every line.
    #[schema(max_items = 100)]
    pub replies: Vec<Reply>,
    /// The client that gave it.
    pub given_by: ClientId,
    pub given_at: Instant,
}
