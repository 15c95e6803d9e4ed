//! A moment in UTC, to the microsecond, which is what both databases keep.

use std::fmt;
use std::time::SystemTime;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use utoipa::{PartialSchema, ToSchema};

/// A moment in UTC, truncated to microseconds; RFC 3339 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct Instant(NaiveDateTime);

impl Instant {
    pub fn from_utc(at: NaiveDateTime) -> Self {
        let micros = at.nanosecond() / 1_000 * 1_000;
        Self(at.with_nanosecond(micros).unwrap_or(at))
    }

    /// A moment as the file system tells it.
    pub fn from_system(at: SystemTime) -> Self {
        Self::from_utc(DateTime::<Utc>::from(at).naive_utc())
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

    /// The latest day it is anywhere on Earth (UTC+14): what is later is in the future for everyone.
    pub fn latest_date(self) -> NaiveDate {
        self.plus_seconds(14 * 3_600).date()
    }

    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + chrono::TimeDelta::seconds(seconds))
    }

    /// Seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        self.0.and_utc().timestamp()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("an RFC 3339 instant"))
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

impl<DB: Backend> ToSql<Timestamp, DB> for Instant
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Instant
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(bytes).map(Self::from_utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_truncated_to_microseconds_and_told_in_utc() {
        let at = Instant::parse("2023-03-16T10:00:00.1234567+01:00").unwrap();
        assert_eq!(at.to_string(), "2023-03-16T09:00:00.123456Z");
        assert_eq!(Instant::parse("2023-03-16T09:00:00Z").unwrap().to_string(), "2023-03-16T09:00:00Z");
        assert!(Instant::parse("2023-03-16").is_none());
    }
}
