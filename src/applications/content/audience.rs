//! Whom an action is for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words;

/// How old they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeBand {
    UpTo5,
    From6To15,
    From16To17,
    From18To25,
    From26To64,
    From65,
    All,
}

words!(AgeBand {
    UpTo5 = "0-5" | "0 à 5 ans",
    From6To15 = "6-15" | "6 à 15 ans",
    From16To17 = "16-17" | "16 et 17 ans",
    From18To25 = "18-25" | "18 à 25 ans",
    From26To64 = "26-64" | "26 à 64 ans",
    From65 = "65-and-over" | "65 ans et plus",
    All = "all" | "tous âges": "not told apart",
});

/// Women, men, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gender {
    Women,
    Men,
    All,
}

words!(Gender { Women = "women" | "femmes", Men = "men" | "hommes", All = "all" | "tous": "not told apart" });

/// Where they live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Residence {
    Priority,
    Watch,
    Elsewhere,
    All,
}

words!(Residence {
    Priority = "priorityNeighbourhood" | "quartier prioritaire",
    Watch = "watchNeighbourhood" | "quartier de veille",
    Elsewhere = "elsewhere" | "ailleurs",
    All = "all" | "tous": "not told apart",
});

/// How many people of one kind the action is for. Nobody is counted twice: two audiences of an application differ in age band,
/// gender or residence, and there neither of them is `all`. Either a total is given, or its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"ageBand": "6-15", "gender": "women", "residence": "priorityNeighbourhood", "count": 24}))]
pub struct Audience {
    pub age_band: AgeBand,
    pub gender: Gender,
    pub residence: Residence,
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub count: u32,
}

impl Audience {
    /// Whether both may include the same person: in each respect they are equal, or one of them is not told apart.
    pub fn overlaps(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(one: T, other: T, all: T) -> bool {
            one == other || one == all || other == all
        }
        meet(self.age_band, other.age_band, AgeBand::All)
            && meet(self.gender, other.gender, Gender::All)
            && meet(self.residence, other.residence, Residence::All)
    }

    /// What tells it from the others.
    pub const fn kind(&self) -> (AgeBand, Gender, Residence) {
        (self.age_band, self.gender, self.residence)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The people an audience may include: one of each age, gender and residence.
    fn people(audience: &Audience) -> Vec<(AgeBand, Gender, Residence)> {
        let ages = [
            AgeBand::UpTo5,
            AgeBand::From6To15,
            AgeBand::From16To17,
            AgeBand::From18To25,
            AgeBand::From26To64,
            AgeBand::From65,
        ];
        let mut found = Vec::new();
        for age in ages.into_iter().filter(|age| [*age, AgeBand::All].contains(&audience.age_band)) {
            for gender in [Gender::Women, Gender::Men] {
                for residence in [Residence::Priority, Residence::Watch, Residence::Elsewhere] {
                    if [gender, Gender::All].contains(&audience.gender)
                        && [residence, Residence::All].contains(&audience.residence)
                    {
                        found.push((age, gender, residence));
                    }
                }
            }
        }
        found
    }

    fn any_audience() -> impl Strategy<Value = Audience> {
        let ages = prop::sample::select(vec![
            AgeBand::UpTo5,
            AgeBand::From6To15,
            AgeBand::From16To17,
            AgeBand::From18To25,
            AgeBand::From26To64,
            AgeBand::From65,
            AgeBand::All,
        ]);
        let genders = prop::sample::select(vec![Gender::Women, Gender::Men, Gender::All]);
        let residences = prop::sample::select(vec![
            Residence::Priority,
            Residence::Watch,
            Residence::Elsewhere,
            Residence::All,
        ]);
        (ages, genders, residences, 0_u32..100).prop_map(|(age_band, gender, residence, count)| Audience {
            age_band,
            gender,
            residence,
            count,
        })
    }

    proptest! {
        #[test]
        fn audiences_overlap_exactly_when_they_share_a_person(one in any_audience(), other in any_audience()) {
            let shared = people(&one).iter().any(|person| people(&other).contains(person));
            prop_assert_eq!(one.overlaps(&other), shared);
            prop_assert_eq!(other.overlaps(&one), shared);
        }
    }
}
