//! A moment in UTC, to the microsecond, which is what both databases keep.

use std::fmt;
use std::time::SystemTime;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::query_builder::QueryId;
use diesel::sql_types::SqlType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use utoipa::{PartialSchema, ToSchema};

use super::digits::Digits;
use super::reading::read_text;

/// Instants as databases keep them: microseconds since 1970 in SQLite, of the type `timestamp` in PostgreSQL.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1114, array_oid = 1115))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Moment;

/// A moment in UTC, truncated to microseconds; RFC 3339 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Moment)]
pub struct Instant(NaiveDateTime);

impl Instant {
    pub fn from_utc(at: NaiveDateTime) -> Self {
        // A leap second is the second before it, not yet over: there are none in the databases.
        let micros = at.nanosecond().min(999_999_999) / 1_000 * 1_000;
        Self(at.with_nanosecond(micros).unwrap_or(at))
    }

    /// A moment as the file system tells it.
    pub fn from_system(at: SystemTime) -> Self {
        Self::from_utc(DateTime::<Utc>::from(at).naive_utc())
    }

    pub const fn utc(&self) -> &NaiveDateTime {
        &self.0
    }

    /// Reads RFC 3339; any offset is accepted and turned into UTC, within the years 1900 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).ok()?.naive_utc();
        (1900..=9999).contains(&at.year()).then(|| Self::from_utc(at))
    }

    /// The day, in UTC.
    pub fn date(self) -> NaiveDate {
        self.0.date()
    }

    /// The latest day in the territories that have contrats de ville, of which La Réunion (UTC+4, without summer time) is the
    /// easternmost. A later day is in the future for every institution.
    pub fn latest_date(self) -> NaiveDate {
        self.plus_seconds(4 * 3_600).date()
    }

    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + chrono::TimeDelta::seconds(seconds))
    }

    /// Seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        self.0.and_utc().timestamp()
    }

    /// `2023-03-16T09:00:00.123456Z`: of the fraction what is not zero, by thousandths of a second or by millionths.
    fn digits(self) -> Digits<27> {
        let (day, time, mut text) = (self.0.date(), self.0.time(), Digits::new());
        text.put(b'Z');
        let micros = u64::from(time.nanosecond() / 1_000);
        match micros {
            0 => {}
            _ if micros.is_multiple_of(1_000) => text.number(micros / 1_000, 3),
            _ => text.number(micros, 6),
        }
        if micros > 0 {
            text.put(b'.');
        }
        let fields = [time.second(), time.minute(), time.hour(), day.day(), day.month()];
        for (field, before) in fields.into_iter().zip([b':', b':', b'T', b'-', b'-']) {
            text.number(u64::from(field), 2);
            text.put(before);
        }
        text.number(day.year().unsigned_abs().into(), 4);
        text
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(at: DateTime<Utc>) -> Self {
        Self::from_utc(at.naive_utc())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits().as_str())
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits().as_str())
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, |text| Self::parse(text).ok_or("an RFC 3339 instant"))
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::Custom("date-time".to_owned())))
            .max_length(Some(35))
            .description(Some("A moment, RFC 3339; answered in UTC."))
            .examples(["2022-10-03T07:00:00Z"])
            .into()
    }
}

impl ToSchema for Instant {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_date_is_that_of_la_reunion() {
        let day = |text: &str| Instant::parse(text).unwrap().latest_date().to_string();
        assert_eq!(day("2023-07-14T19:59:59.999999Z"), "2023-07-14");
        assert_eq!(day("2023-07-14T20:00:00Z"), "2023-07-15");
    }

    #[test]
    fn is_truncated_to_microseconds_and_told_in_utc() {
        let at = Instant::parse("2023-03-16T10:00:00.1234567+01:00").unwrap();
        assert_eq!(at.to_string(), "2023-03-16T09:00:00.123456Z");
        assert_eq!(Instant::parse("2023-03-16T09:00:00Z").unwrap().to_string(), "2023-03-16T09:00:00Z");
        assert_eq!(Instant::parse("2023-03-16T09:00:00.5Z").unwrap().to_string(), "2023-03-16T09:00:00.500Z");
        for leap in ["2023-10-01T12:00:60Z", "2023-10-01T12:00:60.000001Z"] {
            assert_eq!(Instant::parse(leap).unwrap().to_string(), "2023-10-01T12:00:59.999999Z");
        }
        assert!(Instant::parse("2023-03-16").is_none());
    }
}
