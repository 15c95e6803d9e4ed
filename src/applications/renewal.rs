//! Renewals: a draft that takes over what an application of a former call said.

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value};

use super::content::ApplicationInput;
use crate::error::{Error, Result};

/// What belongs to the former application alone: its plan over years that have passed, its numbers elsewhere.
const OWN: [&str; 3] = ["multiYear", "furtherYears", "externalReferences"];

/// `input`, with what `former` said wherever it says nothing itself; `years` later.
pub fn renewed(input: &ApplicationInput, former: &ApplicationInput, years: i32) -> Result<ApplicationInput> {
    let mut former = former.clone();
    former.starts_on = former.starts_on.map(|day| moved(day, years));
    former.ends_on = former.ends_on.map(|day| moved(day, years));
    let blank = members(&ApplicationInput::blank(input.call_id, input.organisation_id))?;
    let mut made = members(input)?;
    for (name, value) in members(&former)? {
        if !OWN.contains(&name.as_str()) && made.get(&name) == blank.get(&name) && name != "callId" {
            made.insert(name, value);
        }
    }
    serde_json::from_value(Value::Object(made)).map_err(Error::internal)
}

fn members(input: &ApplicationInput) -> Result<Map<String, Value>> {
    match serde_json::to_value(input).map_err(Error::internal)? {
        Value::Object(members) => Ok(members),
        other => Err(Error::internal(format!("{other} is no object"))),
    }
}

/// Years of more digits are no dates of ours.
const LAST_YEAR: i32 = 9_999;

/// The same day of a later year; the 28th where that year has no 29 February.
fn moved(day: NaiveDate, years: i32) -> NaiveDate {
    let year = day.year() + years;
    if year > LAST_YEAR {
        return day;
    }
    day.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_move_to_days_that_are() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!(moved(day(2023, 2, 1), 1), day(2024, 2, 1));
        assert_eq!(moved(day(2024, 2, 29), 1), day(2025, 2, 28));
        assert_eq!(moved(day(2024, 2, 29), 4), day(2028, 2, 29));
        assert_eq!(moved(day(9999, 6, 30), 1), day(9999, 6, 30));
    }
}
