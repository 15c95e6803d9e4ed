//! What an application's funding is: never set by hand, always derived from the co-funders' lines (rule D7).

use std::iter::Sum;
use std::ops::AddAssign;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod conditions;
mod line;

use super::content::FundingRequest;
use crate::types::{CoFunderId, Credits, Firmness, Money, TotalAmount};
use crate::words;

pub use conditions::{ConditionState, Resolution, resolve};
pub use line::{Condition, Line};

/// How far an application is funded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum FundingStatus {
    None,
    Partial,
    Full,
    Refused,
}

words!(FundingStatus {
    None = "none" | "aucun",
    Partial = "partial" | "partiel",
    Full = "full" | "entier",
    Refused = "refused" | "refusé": "by all that are asked",
});

/// What the action can be with the money in sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viability {
    Full,
    ScaledDown,
    NotViable,
}

words!(Viability {
    Full = "full" | "entière": "all that is asked is in sight",
    ScaledDown = "scaledDown" | "réduite": "less is in sight, and not less than its floor",
    NotViable = "notViable" | "non viable": "less than its floor is in sight",
});

/// Sums at each step of the way; each of `intended`, `agreed`, `voted` and `paid` includes the firmer ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Amounts {
    /// Asked of the co-funders.
    #[schema(value_type = TotalAmount)]
    pub requested: Money,
    /// Proposed at least, whatever the conditions.
    #[schema(value_type = TotalAmount)]
    pub intended: Money,
    /// Granted at firmness `agreed` or firmer, conditions met.
    #[schema(value_type = TotalAmount)]
    pub agreed: Money,
    /// Granted at firmness `agreed` or firmer under conditions that are not met: it reserves its envelope and is not sure.
    #[schema(value_type = TotalAmount)]
    pub conditional: Money,
    /// Granted at firmness `voted` or firmer, conditions met.
    #[schema(value_type = TotalAmount)]
    pub voted: Money,
    /// Paid, less what was given back.
    #[schema(value_type = TotalAmount)]
    pub paid: Money,
}

impl Amounts {
    /// What is asked and not agreed.
    pub fn gap(&self) -> Money {
        self.requested.minus(self.agreed)
    }

    /// What one line adds. A line in effect has no conditions, or they are met.
    fn of_line(line: &Line, in_effect: bool) -> Self {
        let sure = |amount: Money| if in_effect { amount } else { Money::ZERO };
        let committed = line.committed();
        Self {
            requested: Money::ZERO,
            intended: line.meant(),
            agreed: sure(committed),
            conditional: committed.minus(sure(committed)),
            voted: sure(line.granted_from(Firmness::Voted)),
            paid: line.paid,
        }
    }
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        self.requested += other.requested;
        self.intended += other.intended;
        self.agreed += other.agreed;
        self.conditional += other.conditional;
        self.voted += other.voted;
        self.paid += other.paid;
    }
}

impl Sum for Amounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// What one co-funder is asked for, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoFunderFunding {
    pub co_funder_id: CoFunderId,
    /// Out of which money: that of its line, else what it is asked for.
    pub credits: Credits,
    /// Null while it has said nothing.
    #[schema(required)]
    pub firmness: Option<Firmness>,
    /// Null where it sets no conditions.
    #[schema(required)]
    pub condition_state: Option<ConditionState>,
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// What is asked for and given out of one kind of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditsFunding {
    pub credits: Credits,
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// The funding of an application, derived from its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Funding {
    pub status: FundingStatus,
    #[serde(flatten)]
    pub amounts: Amounts,
    /// What is asked and not agreed.
    #[schema(value_type = TotalAmount)]
    pub gap: Money,
    /// With what is in sight: what is granted, else what is intended, else, where nothing was said yet, what was asked;
    /// under conditions, as far as these can then be met. Measured without the floor for readers who may not see
    /// `viabilityFloor`: they read `full` or `scaledDown`.
    pub viability: Viability,
    /// Those that are asked, in the order of the requests, then the others that have a line.
    #[schema(max_items = 200)]
    pub by_co_funder: Vec<CoFunderFunding>,
    #[schema(max_items = 3)]
    pub by_credits: Vec<CreditsFunding>,
}

/// What an application asks for, and the floor under which it cannot take place.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub requests: &'a [FundingRequest],
    pub floor: Option<Money>,
}

/// Derives the funding of an application from the lines a reader may see.
pub fn funding(asked: Asked<'_>, lines: &[Line]) -> Funding {
    resolved_funding(asked, lines, &resolve(lines))
}

/// The same where it is known already how the lines' conditions stand.
pub fn resolved_funding(asked: Asked<'_>, lines: &[Line], resolutions: &[Option<Resolution>]) -> Funding {
    let by_co_funder = by_co_funder(asked, lines, resolutions);
    let amounts: Amounts = by_co_funder.iter().map(|one| one.amounts).sum();
    let in_sight = in_sight(asked, lines);
    Funding {
        status: status(asked, lines, &amounts),
        amounts,
        gap: amounts.gap(),
        viability: if in_sight >= amounts.requested {
            Viability::Full
        } else if in_sight >= asked.floor.unwrap_or_default() {
            Viability::ScaledDown
        } else {
            Viability::NotViable
        },
        by_credits: by_credits(asked, &by_co_funder),
        by_co_funder,
    }
}

fn by_co_funder(
    asked: Asked<'_>,
    lines: &[Line],
    resolutions: &[Option<Resolution>],
) -> Vec<CoFunderFunding> {
    let mut rows: Vec<CoFunderFunding> = asked
        .requests
        .iter()
        .map(|request| CoFunderFunding {
            co_funder_id: request.co_funder_id,
            credits: request.credits,
            firmness: None,
            condition_state: None,
            amounts: Amounts { requested: request.amount, ..Amounts::default() },
        })
        .collect();
    for (line, resolution) in lines.iter().zip(resolutions) {
        let state = resolution.as_ref().map(|one| one.state);
        let in_effect = state.is_none_or(|state| state == ConditionState::Met);
        let said = CoFunderFunding {
            co_funder_id: line.co_funder_id,
            credits: line.credits,
            firmness: Some(line.firmness),
            condition_state: state,
            amounts: Amounts::of_line(line, in_effect),
        };
        match rows.iter_mut().find(|row| row.co_funder_id == line.co_funder_id) {
            Some(row) => {
                let requested = row.amounts.requested;
                *row = said;
                row.amounts.requested = requested;
            }
            None => rows.push(said),
        }
    }
    rows
}

/// What is asked counts for the credits it is asked of, what is said for those it comes out of.
fn by_credits(asked: Asked<'_>, rows: &[CoFunderFunding]) -> Vec<CreditsFunding> {
    let of = |credits: Credits| -> Amounts {
        let said = rows.iter().filter(|row| row.credits == credits);
        let said = said.map(|row| Amounts { requested: Money::ZERO, ..row.amounts });
        let requests = asked.requests.iter().filter(|request| request.credits == credits);
        let requested: Money = requests.map(|request| request.amount).sum();
        Amounts { requested, ..said.sum() }
    };
    let all = Credits::ALL.iter().map(|credits| CreditsFunding { credits: *credits, amounts: of(*credits) });
    all.filter(|one| one.amounts != Amounts::default()).collect()
}

/// What is in sight: each co-funder that has not decided gives what it is asked for, each that intends what it proposes, and
/// conditions are met where they then can be.
fn in_sight(asked: Asked<'_>, lines: &[Line]) -> Money {
    let said = |co_funder: CoFunderId| {
        lines.iter().any(|line| line.co_funder_id == co_funder && line.firmness != Firmness::Deferred)
    };
    let undecided = asked.requests.iter().filter(|request| !said(request.co_funder_id));
    let granting =
        |line: Line, amount: Money| Line { firmness: Firmness::Agreed, granted: Some(amount), ..line };
    let mut hoped: Vec<Line> = lines
        .iter()
        .filter(|line| line.meant() > Money::ZERO)
        .map(|line| granting(line.clone(), line.meant()))
        .collect();
    hoped.extend(undecided.map(|request| Line {
        co_funder_id: request.co_funder_id,
        firmness: Firmness::Agreed,
        proposed: None,
        granted: Some(request.amount),
        credits: request.credits,
        paid: Money::ZERO,
        conditions: Vec::new(),
    }));
    let possible = conditions::largest(&hoped);
    hoped.iter().zip(possible).filter(|(_, possible)| *possible).map(|(line, _)| line.committed()).sum()
}

fn status(asked: Asked<'_>, lines: &[Line], amounts: &Amounts) -> FundingStatus {
    let refused = |co_funder: CoFunderId| {
        lines.iter().any(|line| line.co_funder_id == co_funder && line.firmness == Firmness::Refused)
    };
    let requests = asked.requests;
    if amounts.agreed > Money::ZERO {
        if amounts.agreed >= amounts.requested { FundingStatus::Full } else { FundingStatus::Partial }
    } else if !requests.is_empty() && requests.iter().all(|request| refused(request.co_funder_id)) {
        FundingStatus::Refused
    } else {
        FundingStatus::None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn requests(asked: &[i64]) -> Vec<FundingRequest> {
        let request = |cents: &i64| FundingRequest {
            co_funder_id: CoFunderId::generate(),
            amount: Money::from_cents(*cents),
            credits: Credits::Specific,
        };
        asked.iter().map(request).collect()
    }

    fn asked(requests: &[FundingRequest], floor: i64) -> Asked<'_> {
        Asked { requests, floor: Some(Money::from_cents(floor)) }
    }

    fn line(requests: &[FundingRequest], place: usize, firmness: Firmness, cents: i64) -> Line {
        let amount = Some(Money::from_cents(cents));
        let (proposed, granted) =
            if firmness == Firmness::Intended { (amount, None) } else { (None, amount) };
        Line {
            co_funder_id: requests[place].co_funder_id,
            firmness,
            proposed,
            granted,
            credits: Credits::Mainstream,
            paid: Money::ZERO,
            conditions: Vec::new(),
        }
    }

    #[test]
    fn viability_counts_what_is_in_sight() {
        let requests = requests(&[600, 400]);
        let asked = asked(&requests, 500);
        assert_eq!(funding(asked, &[]).viability, Viability::Full, "nobody has said no yet");
        let refused = [line(&requests, 0, Firmness::Refused, 0)];
        assert_eq!(funding(asked, &refused).viability, Viability::NotViable, "400 in sight, 500 needed");
        let lower = [line(&requests, 0, Firmness::Intended, 200)];
        assert_eq!(funding(asked, &lower).viability, Viability::ScaledDown);
    }

    #[test]
    fn a_condition_is_hoped_for_until_it_cannot_be_met() {
        let requests = requests(&[600, 400]);
        let asked = asked(&requests, 0);
        let mut held = line(&requests, 0, Firmness::Agreed, 600);
        held.conditions = vec![Condition::CoFunderGrants {
            co_funder_id: requests[1].co_funder_id,
            amount: Money::from_cents(300),
        }];
        let alone = funding(asked, std::slice::from_ref(&held));
        assert_eq!((alone.viability, alone.status), (Viability::Full, FundingStatus::None));
        assert_eq!((alone.amounts.agreed, alone.amounts.conditional.cents()), (Money::ZERO, 600));
        let refused = funding(asked, &[held.clone(), line(&requests, 1, Firmness::Refused, 0)]);
        assert_eq!(refused.viability, Viability::ScaledDown, "nothing is in sight, and nothing is needed");
        let met = funding(asked, &[held, line(&requests, 1, Firmness::Agreed, 300)]);
        assert_eq!((met.amounts.agreed.cents(), met.amounts.conditional), (900, Money::ZERO));
    }

    #[test]
    fn refused_by_all_is_refused() {
        let requests = requests(&[600, 400]);
        let one = line(&requests, 0, Firmness::Refused, 0);
        let other = line(&requests, 1, Firmness::Refused, 0);
        assert_eq!(funding(asked(&requests, 0), std::slice::from_ref(&one)).status, FundingStatus::None);
        assert_eq!(funding(asked(&requests, 0), &[one, other]).status, FundingStatus::Refused);
    }

    proptest! {
        #[test]
        fn each_amount_includes_the_firmer_ones_and_is_the_sum_of_its_parts(
            amounts in prop::collection::vec(1_i64..100_000, 1..6),
            firmness in prop::collection::vec(0_usize..7, 6),
            granted in prop::collection::vec(0_i64..100_000, 6),
            total in 0_i64..300_000,
        ) {
            let requests = requests(&amounts);
            let mut lines: Vec<Line> = (0..amounts.len())
                .map(|place| line(&requests, place, Firmness::ALL[firmness[place]], granted[place]))
                .collect();
            lines[0].conditions = vec![Condition::TotalReaches { amount: Money::from_cents(total) }];
            let all = funding(asked(&requests, 0), &lines);
            let sums = all.amounts;
            prop_assert!(sums.intended >= sums.agreed + sums.conditional);
            prop_assert!(sums.agreed >= sums.voted && sums.voted >= sums.paid);
            prop_assert_eq!(all.gap, sums.requested.minus(sums.agreed));
            prop_assert_eq!(all.by_co_funder.iter().map(|one| one.amounts).sum::<Amounts>(), sums);
            prop_assert_eq!(all.by_credits.iter().map(|one| one.amounts).sum::<Amounts>(), sums);
        }
    }
}
