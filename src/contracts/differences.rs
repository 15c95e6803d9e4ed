//! What changed between two readings of a contract, in words a person can read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::api::{Challenge, Label, Neighbourhood, Signatory};
use super::commitments::Commitment;
use crate::types::Text;
use crate::words;

/// The part of a contract that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferencePart {
    Period,
    Challenge,
    Neighbourhood,
    Signatory,
    Commitment,
    Label,
    Council,
}

words!(DifferencePart {
    Period = "period": "the last day of the contract",
    Challenge = "challenge" | "enjeu",
    Neighbourhood = "neighbourhood" | "quartier",
    Signatory = "signatory" | "signataire",
    Commitment = "commitment" | "engagement",
    Label = "label": "held on one day and not on the other",
    Council = "council" | "conseil citoyen": "created between the two days",
});

/// One difference between two readings of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    pub part: DifferencePart,
    /// Which one: the number of a challenge, a code, the id of a co-funder, `endsOn`.
    #[schema(max_length = 60)]
    pub key: String,
    /// What it was; null when it was not there.
    #[schema(required, max_length = 2000)]
    pub before: Option<String>,
    /// What it is; null when it is not there any more.
    #[schema(required, max_length = 2000)]
    pub after: Option<String>,
    pub text: Text,
}

/// What is compared of a contract.
pub struct Reading<'a> {
    pub ends_on: NaiveDate,
    pub challenges: &'a [Challenge],
    pub neighbourhoods: &'a [Neighbourhood],
    pub signatories: &'a [Signatory],
    pub commitments: &'a [Commitment],
    /// Those held on that day.
    pub labels: Vec<&'a Label>,
    pub council_created_on: Option<NaiveDate>,
}

/// What an item says: as data, and in sentences.
#[derive(PartialEq, Eq)]
struct Said {
    value: String,
    text: Text,
}

impl Said {
    fn plain(words: &str) -> Self {
        Self { value: words.to_owned(), text: Text::new(words, words) }
    }
}

/// The part an item belongs to, its number if it has one, its key.
type Place = (DifferencePart, i32, String);

impl Reading<'_> {
    fn items(&self) -> BTreeMap<Place, Said> {
        use DifferencePart as Part;
        let mut items = BTreeMap::new();
        for one in self.challenges {
            items.insert((Part::Challenge, one.number, one.number.to_string()), Said::plain(&one.title));
        }
        for one in self.neighbourhoods {
            let told = |kind: &str| format!("{} ({kind})", one.name);
            let (en, fr) = (told(one.kind.as_str()), told(one.kind.french()));
            let said = Said { value: en.clone(), text: Text::new(en, fr) };
            items.insert((Part::Neighbourhood, 0, one.code.clone()), said);
        }
        for one in self.signatories {
            items.insert((Part::Signatory, 0, one.co_funder_id.to_string()), Said::plain(&one.name));
        }
        for one in self.commitments {
            items.insert((Part::Commitment, 0, one.code.clone()), Said::plain(&one.text));
        }
        for one in &self.labels {
            items.insert((Part::Label, 0, one.code.clone()), Said::plain(&one.title));
        }
        items
    }
}

/// Everything `after` has that `before` had not, and the other way round; part by part, by key.
pub fn differences(before: &Reading<'_>, after: &Reading<'_>) -> Vec<Difference> {
    let mut all = Vec::new();
    if before.ends_on != after.ends_on {
        all.push(period(before.ends_on, after.ends_on));
    }
    let (were, are) = (before.items(), after.items());
    let places: BTreeSet<&Place> = were.keys().chain(are.keys()).collect();
    all.extend(places.into_iter().filter_map(|place| told(place, were.get(place), are.get(place))));
    all.extend(council(before.council_created_on, after.council_created_on));
    all
}

fn period(before: NaiveDate, after: NaiveDate) -> Difference {
    let (was, is) = (written(before), written(after));
    Difference {
        part: DifferencePart::Period,
        key: "endsOn".to_owned(),
        before: Some(before.to_string()),
        after: Some(after.to_string()),
        text: Text::new(
            format!("The contract ends on {} instead of {}.", is.en, was.en),
            format!("Le contrat s’achève le {} au lieu du {}.", is.fr, was.fr),
        ),
    }
}

/// A council is created once; read the other way round, it is not there yet.
fn council(before: Option<NaiveDate>, after: Option<NaiveDate>) -> Option<Difference> {
    let text = match (before, after) {
        (None, Some(day)) => {
            let day = written(day);
            Text::new(
                format!("The citizens’ council was created on {}.", day.en),
                format!("Le conseil citoyen a été créé le {}.", day.fr),
            )
        }
        (Some(_), None) => Text::new(
            "The citizens’ council is not created yet.",
            "Le conseil citoyen n’est pas encore créé.",
        ),
        _ => return None,
    };
    let told = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let (before, after) = (told(before), told(after));
    Some(Difference { part: DifferencePart::Council, key: "createdOn".to_owned(), before, after, text })
}

/// An item that came, went or is worded otherwise; nothing when it stayed as it was.
fn told(place: &Place, before: Option<&Said>, after: Option<&Said>) -> Option<Difference> {
    let (part, _, key) = place;
    let (en, fr) = match part {
        DifferencePart::Challenge => (format!("Challenge {key}"), format!("L’enjeu {key}")),
        DifferencePart::Neighbourhood => ("The neighbourhood".to_owned(), "Le quartier".to_owned()),
        DifferencePart::Signatory => ("The signatory".to_owned(), "Le signataire".to_owned()),
        DifferencePart::Commitment => (format!("The commitment {key}"), format!("L’engagement {key}")),
        DifferencePart::Label => ("The label".to_owned(), "Le label".to_owned()),
        DifferencePart::Period | DifferencePart::Council => return None,
    };
    let text = match (before.map(|one| &one.text), after.map(|one| &one.text)) {
        (Some(was), Some(is)) if was != is => Text::new(
            format!("{en} now reads “{}”; it read “{}”.", is.en, was.en),
            format!("{fr} devient « {} » ; c’était « {} ».", is.fr, was.fr),
        ),
        (None, Some(is)) => {
            Text::new(format!("{en} “{}” is added.", is.en), format!("{fr} « {} » s’ajoute.", is.fr))
        }
        (Some(was), None) => Text::new(
            format!("{en} “{}” is no longer there.", was.en),
            format!("{fr} « {} » n’y figure plus.", was.fr),
        ),
        _ => return None,
    };
    let value = |one: Option<&Said>| one.map(|one| one.value.clone());
    Some(Difference { part: *part, key: key.clone(), before: value(before), after: value(after), text })
}

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A day in words: `1 January 2020`, `1er janvier 2020`.
fn written(day: NaiveDate) -> Text {
    let month = MONTHS_FR.into_iter().zip(1..).find(|(_, number)| *number == day.month());
    let month = month.map(|(name, _)| name).unwrap_or_default();
    let first = if day.day() == 1 { "er" } else { "" };
    Text::new(day.format("%-d %B %Y").to_string(), format!("{}{first} {month} {}", day.day(), day.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_out() {
        let on = |year, month, day| written(NaiveDate::from_ymd_opt(year, month, day).unwrap());
        assert_eq!(on(2020, 1, 1), Text::new("1 January 2020", "1er janvier 2020"));
        assert_eq!(on(2022, 12, 31), Text::new("31 December 2022", "31 décembre 2022"));
    }
}
