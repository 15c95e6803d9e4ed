//! What an application's funding is: never set by hand, always derived from the co-funders' lines (rule D7).

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::content::ApplicationInput;
use crate::types::{CoFunderId, Firmness, Money, TotalAmount};
use crate::words;

/// How far an application is funded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum FundingStatus {
    None,
    Partial,
    Full,
    Refused,
}

words!(FundingStatus { None = "none", Partial = "partial", Full = "full", Refused = "refused" });

/// What the action can be with the money in sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viability {
    Full,
    ScaledDown,
    NotViable,
}

words!(Viability { Full = "full", ScaledDown = "scaledDown", NotViable = "notViable" });

/// One co-funder's line, as far as funding goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub co_funder_id: CoFunderId,
    pub firmness: Firmness,
    pub proposed: Option<Money>,
    pub granted: Option<Money>,
}

impl Line {
    fn granted_from(&self, firmness: Firmness) -> Money {
        let firm = self.firmness.rung() >= firmness.rung();
        self.granted.filter(|_| firm).unwrap_or_default()
    }

    /// What the co-funder means to give: what it grants, or what it proposes while it only intends.
    fn meant(&self) -> Money {
        match self.firmness {
            Firmness::Intended => self.proposed.unwrap_or_default(),
            _ => self.granted_from(Firmness::Agreed),
        }
    }
}

/// The funding of an application, derived from its lines. Each amount includes the firmer ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Funding {
    pub status: FundingStatus,
    /// Asked of the co-funders.
    #[schema(value_type = TotalAmount)]
    pub requested: Money,
    /// Proposed at least.
    #[schema(value_type = TotalAmount)]
    pub intended: Money,
    /// Granted at firmness `agreed` or firmer.
    #[schema(value_type = TotalAmount)]
    pub agreed: Money,
    /// Granted at firmness `voted` or firmer.
    #[schema(value_type = TotalAmount)]
    pub voted: Money,
    /// Paid.
    #[schema(value_type = TotalAmount)]
    pub paid: Money,
    /// What is asked and not agreed.
    #[schema(value_type = TotalAmount)]
    pub gap: Money,
    /// With what is in sight: what was granted, else what is intended, else, where nothing was said yet, what was asked.
    pub viability: Viability,
}

/// Derives the funding of an application from the lines a reader may see.
pub fn funding(input: &ApplicationInput, lines: &[Line]) -> Funding {
    let requested: Money = input.requests.iter().map(|request| request.amount).sum();
    let total = |firmness: Firmness| -> Money { lines.iter().map(|line| line.granted_from(firmness)).sum() };
    let agreed = total(Firmness::Agreed);
    let in_sight = in_sight(input, lines);
    let floor = input.viability_floor.unwrap_or_default();
    Funding {
        status: status(input, lines, requested, agreed),
        requested,
        intended: lines.iter().map(Line::meant).sum(),
        agreed,
        voted: total(Firmness::Voted),
        paid: total(Firmness::Paid),
        gap: requested.minus(agreed),
        viability: if in_sight >= requested {
            Viability::Full
        } else if in_sight >= floor {
            Viability::ScaledDown
        } else {
            Viability::NotViable
        },
    }
}

fn in_sight(input: &ApplicationInput, lines: &[Line]) -> Money {
    let undecided = input.requests.iter().filter(|request| {
        let line = lines.iter().find(|line| line.co_funder_id == request.co_funder_id);
        line.is_none_or(|line| line.firmness == Firmness::Deferred)
    });
    lines.iter().map(Line::meant).sum::<Money>() + undecided.map(|request| request.amount).sum()
}

fn status(input: &ApplicationInput, lines: &[Line], requested: Money, agreed: Money) -> FundingStatus {
    let refused = |co_funder: CoFunderId| {
        lines.iter().any(|line| line.co_funder_id == co_funder && line.firmness == Firmness::Refused)
    };
    if agreed > Money::ZERO {
        if agreed >= requested { FundingStatus::Full } else { FundingStatus::Partial }
    } else if !input.requests.is_empty() && input.requests.iter().all(|request| refused(request.co_funder_id))
    {
        FundingStatus::Refused
    } else {
        FundingStatus::None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::content::FundingRequest;
    use super::*;
    use crate::types::{CallId, Credits, OrganisationId};

    fn application(asked: &[i64], floor: i64) -> ApplicationInput {
        let request = |cents: &i64| FundingRequest {
            co_funder_id: CoFunderId::generate(),
            amount: Money::from_cents(*cents),
            credits: Credits::Specific,
        };
        ApplicationInput {
            requests: asked.iter().map(request).collect(),
            viability_floor: Some(Money::from_cents(floor)),
            ..ApplicationInput::blank(CallId::generate(), OrganisationId::generate())
        }
    }

    fn line(input: &ApplicationInput, place: usize, firmness: Firmness, cents: i64) -> Line {
        let amount = Some(Money::from_cents(cents));
        let co_funder_id = input.requests[place].co_funder_id;
        let (proposed, granted) =
            if firmness == Firmness::Intended { (amount, None) } else { (None, amount) };
        Line { co_funder_id, firmness, proposed, granted }
    }

    #[test]
    fn viability_counts_what_is_in_sight() {
        let input = application(&[600, 400], 500);
        assert_eq!(funding(&input, &[]).viability, Viability::Full, "nobody has said no yet");
        let refused = [line(&input, 0, Firmness::Refused, 0)];
        assert_eq!(funding(&input, &refused).viability, Viability::NotViable, "400 in sight, 500 needed");
        let lower = [line(&input, 0, Firmness::Intended, 200)];
        assert_eq!(funding(&input, &lower).viability, Viability::ScaledDown);
    }

    #[test]
    fn refused_by_all_is_refused() {
        let input = application(&[600, 400], 0);
        let one = line(&input, 0, Firmness::Refused, 0);
        let other = line(&input, 1, Firmness::Refused, 0);
        assert_eq!(funding(&input, &[one]).status, FundingStatus::None);
        assert_eq!(funding(&input, &[one, other]).status, FundingStatus::Refused);
    }

    proptest! {
        #[test]
        fn each_amount_includes_the_firmer_ones(
            asked in prop::collection::vec(1_i64..100_000, 1..6),
            firmness in prop::collection::vec(0_usize..7, 6),
            granted in prop::collection::vec(0_i64..100_000, 6),
        ) {
            let input = application(&asked, 0);
            let lines: Vec<Line> = (0..asked.len())
                .map(|place| line(&input, place, Firmness::ALL[firmness[place]], granted[place]))
                .collect();
            let all = funding(&input, &lines);
            prop_assert!(all.intended >= all.agreed && all.agreed >= all.voted && all.voted >= all.paid);
            prop_assert_eq!(all.gap, all.requested.minus(all.agreed));
        }
    }
}
