//! The programme, as it is shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::applications::{Amounts, ApplicationStatus, CreditsFunding, Funding};
use crate::calls::Envelope;
use crate::http::Format;
use crate::opinions::View;
use crate::types::{ApplicationId, CallId, CoFunderId, Money, OrganisationId, TotalAmount};
use crate::words;

/// What the rows of a programme are ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowKey {
    #[default]
    Number,
    Organisation,
    Title,
    Strand,
    Requested,
    Agreed,
    Voted,
    Gap,
}

/// The order of the rows: a key, and `-` for its reverse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowOrder {
    #[default]
    Number,
    NumberDown,
    Organisation,
    OrganisationDown,
    Title,
    TitleDown,
    Strand,
    StrandDown,
    Requested,
    RequestedDown,
    Agreed,
    AgreedDown,
    Voted,
    VotedDown,
    Gap,
    GapDown,
}

words!(RowOrder {
    Number = "number",
    NumberDown = "-number",
    Organisation = "organisation",
    OrganisationDown = "-organisation",
    Title = "title",
    TitleDown = "-title",
    Strand = "strand",
    StrandDown = "-strand",
    Requested = "requested",
    RequestedDown = "-requested",
    Agreed = "agreed",
    AgreedDown = "-agreed",
    Voted = "voted",
    VotedDown = "-voted",
    Gap = "gap",
    GapDown = "-gap",
});

impl RowOrder {
    pub const fn key(self) -> RowKey {
        match self {
            Self::Number | Self::NumberDown => RowKey::Number,
            Self::Organisation | Self::OrganisationDown => RowKey::Organisation,
            Self::Title | Self::TitleDown => RowKey::Title,
            Self::Strand | Self::StrandDown => RowKey::Strand,
            Self::Requested | Self::RequestedDown => RowKey::Requested,
            Self::Agreed | Self::AgreedDown => RowKey::Agreed,
            Self::Voted | Self::VotedDown => RowKey::Voted,
            Self::Gap | Self::GapDown => RowKey::Gap,
        }
    }

    pub fn is_descending(self) -> bool {
        self.as_str().starts_with('-')
    }
}

/// How a programme is shown.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProgrammeQuery {
    /// The order of the rows. Those that are alike follow by number, which is the order unless one is named.
    #[param(inline)]
    pub sort: Option<RowOrder>,
    /// Instead of `Accept`, for links.
    #[param(inline)]
    pub format: Option<Format>,
}

/// An application in the programme, with what each co-funder says of it (`funding.byCoFunder`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgrammeRow {
    pub application_id: ApplicationId,
    #[schema(max_length = 20, pattern = "^[0-9]{4}-[0-9]{4,}$")]
    pub number: String,
    pub status: ApplicationStatus,
    #[schema(max_length = 200)]
    pub title: String,
    pub organisation_id: OrganisationId,
    #[schema(max_length = 200)]
    pub organisation_name: String,
    #[schema(max_length = 60)]
    pub strand: String,
    /// What the citizens' council thinks of it; null while it has said nothing in time.
    #[schema(required)]
    pub council: Option<View>,
    pub funding: Funding,
}

/// Sums over all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgrammeTotals {
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub applications: u64,
    #[serde(flatten)]
    pub amounts: Amounts,
    /// The sum of the gaps of the rows.
    #[schema(value_type = TotalAmount)]
    pub gap: Money,
    /// How many can take place in full, scaled down, or not at all, with what is in sight.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub full: u64,
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub scaled_down: u64,
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub not_viable: u64,
}

/// A co-funder in the programme: its sums, and what is left of its envelope.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgrammeCoFunder {
    pub co_funder_id: CoFunderId,
    #[schema(max_length = 200)]
    pub name: String,
    #[serde(flatten)]
    pub amounts: Amounts,
    pub envelope: Envelope,
}

/// A strand in the programme.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgrammeStrand {
    #[schema(max_length = 60)]
    pub strand: String,
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub applications: u64,
    #[serde(flatten)]
    pub amounts: Amounts,
    #[schema(value_type = TotalAmount)]
    pub gap: Money,
}

/// The programme of a call: its admissible applications by its co-funders.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Programme {
    pub call_id: CallId,
    #[schema(minimum = 2000, maximum = 2200)]
    pub year: i32,
    #[schema(max_length = 300)]
    pub title: String,
    #[schema(max_items = 100_000)]
    pub rows: Vec<ProgrammeRow>,
    pub totals: ProgrammeTotals,
    /// In the order in which they launched the call.
    #[schema(max_items = 100)]
    pub co_funders: Vec<ProgrammeCoFunder>,
    #[schema(max_items = 3)]
    pub by_credits: Vec<CreditsFunding>,
    #[schema(max_items = 100)]
    pub by_strand: Vec<ProgrammeStrand>,
}
