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

/// How many people of one kind the action is for. Nobody is to be counted twice: either a whole is told, or its parts.
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
    /// What tells it from the others.
    pub const fn kind(&self) -> (AgeBand, Gender, Residence) {
        (self.age_band, self.gender, self.residence)
    }
}
