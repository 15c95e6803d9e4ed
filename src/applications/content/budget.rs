//! The budget of an action: the association chart of accounts, as Cerfa 12156 lays it out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::types::{CoFunderId, Credits, Money};

/// A charge of the budget: association chart of accounts, Cerfa 12156. Each line counts once: either the sub-accounts are
/// sent, or the account they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Charge {
    /// 60 to 69, or 86 in kind; sub-accounts allowed.
    #[schema(max_length = 5, pattern = "^(6[0-9]|86)[0-9]{0,3}$")]
    pub account: String,
    /// What it is for.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub label: Option<String>,
    pub amount: Money,
}

/// A product of the budget: association chart of accounts, Cerfa 12156. A line of account 74 names the public funder: a
/// co-funder of the call, or another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Product {
    /// 70 to 79, or 87 in kind; sub-accounts allowed.
    #[schema(max_length = 5, pattern = "^(7[0-9]|87)[0-9]{0,3}$")]
    pub account: String,
    /// Where it comes from.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub label: Option<String>,
    pub amount: Money,
    /// The co-funder asked, on account 74; null for another public funder.
    #[serde(default)]
    pub co_funder_id: Option<CoFunderId>,
    /// The public funder outside the call, on account 74: the region, the European Social Fund, another commune.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub funder: Option<String>,
}

/// What the action costs and how it is paid, in one year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    #[serde(default)]
    #[schema(max_items = 200)]
    pub charges: Vec<Charge>,
    #[serde(default)]
    #[schema(max_items = 200)]
    pub products: Vec<Product>,
}

/// The budget of a year after the call's, in a multi-year plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct YearBudget {
    #[schema(minimum = 2000, maximum = 2200)]
    pub year: i32,
    pub budget: Budget,
}

/// What one co-funder is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundingRequest {
    pub co_funder_id: CoFunderId,
    pub amount: Money,
    pub credits: Credits,
}
