//! Instants in the database: microseconds in PostgreSQL, text in SQLite.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Text, Timestamp};
use diesel::sqlite::Sqlite;

use super::Backend;
use crate::types::Instant;

/// As it stands in SQLite, whose texts are ordered as their moments are.
fn to_sqlite(at: Instant) -> String {
    at.digits(b' ', None).as_str().to_owned()
}

fn of_sqlite(text: &str) -> Option<Instant> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number = |range: std::ops::Range<usize>| seconds.get(range)?.parse::<u32>().ok();
    let separators = [4, 7, 10, 13, 16].map(|place| seconds.as_bytes().get(place).copied());
    if separators != [b'-', b'-', b' ', b':', b':'].map(Some) || seconds.len() != 19 {
        return None;
    }
    let micros: u32 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().ok()? };
    let year = i32::try_from(number(0..4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)?;
    day.and_hms_micro_opt(number(11..13)?, number(14..16)?, number(17..19)?, micros).map(Instant::from_utc)
}

// diesel writes SQLite's instants by a pattern, which was a twentieth of a batch.
impl ToSql<Timestamp, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(to_sqlite(*self));
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamp, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamp, Pg>::to_sql(self.utc(), out)
    }
}

impl ToSql<Timestamp, Backend> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value((Timestamp, self));
        Ok(IsNull::No)
    }
}

impl FromSql<Timestamp, Sqlite> for Instant {
    fn from_sql(bytes: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(bytes)?;
        of_sqlite(&text).ok_or_else(|| format!("no instant: {text}").into())
    }
}

impl FromSql<Timestamp, Pg> for Instant {
    fn from_sql(bytes: <Pg as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <NaiveDateTime as FromSql<Timestamp, Pg>>::from_sql(bytes).map(Self::from_utc)
    }
}

impl FromSql<Timestamp, Backend> for Instant {
    fn from_sql(bytes: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, Timestamp>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_in_sqlite_as_diesel_writes_it() {
        for text in ["2023-03-16T09:00:00Z", "1900-01-01T00:00:00.001Z", "9999-12-31T23:59:59.000001Z"] {
            let at = Instant::parse(text).unwrap();
            assert_eq!(at.to_string(), text);
            assert_eq!(to_sqlite(at), at.utc().format("%F %T%.f").to_string());
            assert_eq!(of_sqlite(&to_sqlite(at)), Some(at));
        }
        for text in
            ["", "2023-03-16", "2023-03-16T09:00:00", "2023-13-16 09:00:00", "2023-03-16 09:00:00.x", "1e3"]
        {
            assert_eq!(of_sqlite(text), None, "{text}");
        }
    }
}
