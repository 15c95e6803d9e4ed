//! A co-funder's line, as far as funding goes, and what its grant may depend on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::types::{CoFunderId, Credits, Firmness, Money};

/// On what a grant depends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "type": "coFunderGrants", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "amount": {"amount": "3000.00", "currency": "EUR"}
}))]
pub enum Condition {
    /// Another co-funder of the call grants at least so much to the application.
    #[serde(rename_all = "camelCase")]
    CoFunderGrants { co_funder_id: CoFunderId, amount: Money },
    /// What all co-funders grant to the application, this line included, adds up to at least so much.
    TotalReaches { amount: Money },
}

impl Condition {
    /// The least that is asked for.
    pub const fn amount(&self) -> Money {
        match self {
            Self::CoFunderGrants { amount, .. } | Self::TotalReaches { amount } => *amount,
        }
    }
}

/// One co-funder's line, as far as funding goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub co_funder_id: CoFunderId,
    pub firmness: Firmness,
    pub proposed: Option<Money>,
    pub granted: Option<Money>,
    pub credits: Credits,
    /// The sum of its payments, less what was given back.
    pub paid: Money,
    pub conditions: Vec<Condition>,
}

impl Line {
    /// What it grants at this firmness or firmer.
    pub fn granted_from(&self, firmness: Firmness) -> Money {
        let firm = self.firmness.rung() >= firmness.rung();
        self.granted.filter(|_| firm).unwrap_or_default()
    }

    /// What it commits: granted at `agreed` or firmer.
    pub fn committed(&self) -> Money {
        self.granted_from(Firmness::Agreed)
    }

    /// What the co-funder means to give: what it grants, or what it proposes while it only intends.
    pub fn meant(&self) -> Money {
        match self.firmness {
            Firmness::Intended => self.proposed.unwrap_or_default(),
            _ => self.committed(),
        }
    }

    /// Whether it holds whatever the others do: it sets no condition, or money was paid on it, which says that they were met.
    pub fn is_unconditional(&self) -> bool {
        self.conditions.is_empty() || self.paid > Money::ZERO
    }
}
