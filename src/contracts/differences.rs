//! What changed between two readings of a contract, in words a person can read.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::api::{Challenge, Label, Neighbourhood};
use super::commitments::Commitment;
use crate::types::{CoFunderId, Text};
use crate::words;

/// The part of a contract that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Period,
    Challenge,
    Neighbourhood,
    Signatory,
    Commitment,
    Label,
}

words!(Part {
    Period = "period",
    Challenge = "challenge",
    Neighbourhood = "neighbourhood",
    Signatory = "signatory",
    Commitment = "commitment",
    Label = "label",
});

/// One difference between two readings of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    pub part: Part,
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
    /// Their names.
    pub signatories: BTreeMap<CoFunderId, &'a str>,
    pub commitments: BTreeMap<&'a str, &'a Commitment>,
    pub labels: &'a [Label],
}

/// Everything `after` has that `before` had not, and the other way round; part by part, by key.
pub fn differences(before: &Reading<'_>, after: &Reading<'_>) -> Vec<Difference> {
    let mut all = Vec::new();
    if before.ends_on != after.ends_on {
        all.push(period(before.ends_on, after.ends_on));
    }
    let challenges =
        |reading: &Reading<'_>| by_key(reading.challenges, |one| (one.number, one.title.clone()));
    all.extend(told(Part::Challenge, &challenges(before), &challenges(after)));
    let neighbourhoods = |reading: &Reading<'_>| {
        by_key(reading.neighbourhoods, |one| (one.code.clone(), format!("{} ({})", one.name, one.kind)))
    };
    all.extend(told(Part::Neighbourhood, &neighbourhoods(before), &neighbourhoods(after)));
    let signatories = |reading: &Reading<'_>| -> BTreeMap<CoFunderId, String> {
        reading.signatories.iter().map(|(id, name)| (*id, (*name).to_owned())).collect()
    };
    all.extend(told(Part::Signatory, &signatories(before), &signatories(after)));
    let commitments = |reading: &Reading<'_>| -> BTreeMap<String, String> {
        reading.commitments.iter().map(|(code, one)| ((*code).to_owned(), one.text.clone())).collect()
    };
    all.extend(told(Part::Commitment, &commitments(before), &commitments(after)));
    let labels = |reading: &Reading<'_>| by_key(reading.labels, |one| (one.code.clone(), one.title.clone()));
    all.extend(told(Part::Label, &labels(before), &labels(after)));
    all
}

fn by_key<T, K: Ord>(items: &[T], entry: impl Fn(&T) -> (K, String)) -> BTreeMap<K, String> {
    items.iter().map(entry).collect()
}

fn period(before: NaiveDate, after: NaiveDate) -> Difference {
    let (was, is) = (written(before), written(after));
    Difference {
        part: Part::Period,
        key: "endsOn".to_owned(),
        before: Some(before.to_string()),
        after: Some(after.to_string()),
        text: Text::new(
            format!("The contract ends on {} instead of {}.", is.en, was.en),
            format!("Le contrat s’achève le {} au lieu du {}.", is.fr, was.fr),
        ),
    }
}

/// The items of one part that came, went or are worded otherwise.
fn told<K: Ord + ToString>(
    part: Part,
    before: &BTreeMap<K, String>,
    after: &BTreeMap<K, String>,
) -> Vec<Difference> {
    let mut keys: Vec<&K> =
        before.keys().chain(after.keys().filter(|key| !before.contains_key(key))).collect();
    keys.sort();
    let difference = |key: &K| {
        let (was, is) = (before.get(key).cloned(), after.get(key).cloned());
        let text = sentence(part, &key.to_string(), was.as_deref(), is.as_deref())?;
        Some(Difference { part, key: key.to_string(), before: was, after: is, text })
    };
    keys.into_iter().filter_map(difference).collect()
}

/// Nothing when there is no difference.
fn sentence(part: Part, key: &str, before: Option<&str>, after: Option<&str>) -> Option<Text> {
    let (en, fr) = match part {
        Part::Challenge => (format!("Challenge {key}"), format!("L’enjeu {key}")),
        Part::Neighbourhood => ("The neighbourhood".to_owned(), "Le quartier".to_owned()),
        Part::Signatory => ("The signatory".to_owned(), "Le signataire".to_owned()),
        Part::Commitment => (format!("The commitment {key}"), format!("L’engagement {key}")),
        Part::Label => ("The label".to_owned(), "Le label".to_owned()),
        Part::Period => ("The period".to_owned(), "La période".to_owned()),
    };
    match (before, after) {
        (Some(was), Some(is)) if was != is => Some(Text::new(
            format!("{en} now reads “{is}”; it read “{was}”."),
            format!("{fr} devient « {is} » ; c’était « {was} »."),
        )),
        (None, Some(is)) => {
            Some(Text::new(format!("{en} “{is}” is added."), format!("{fr} « {is} » s’ajoute.")))
        }
        (Some(was), None) => Some(Text::new(
            format!("{en} “{was}” is no longer there."),
            format!("{fr} « {was} » n’y figure plus."),
        )),
        _ => None,
    }
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
