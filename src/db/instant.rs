//! Instants in the database: microseconds since 1970 in SQLite, a `timestamp` in PostgreSQL, which is the same inside.

use chrono::{DateTime, NaiveDateTime};
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, Timestamp};
use diesel::sqlite::Sqlite;

use super::Backend;
use crate::types::{Instant, Moment};

impl HasSqlType<Moment> for Backend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Moment>(lookup)
    }
}

// diesel would write a text of 26 letters, by a pattern: it was a twentieth of a batch.
impl ToSql<Moment, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.utc().and_utc().timestamp_micros());
        Ok(IsNull::No)
    }
}

impl ToSql<Moment, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamp, Pg>::to_sql(self.utc(), out)
    }
}

impl ToSql<Moment, Backend> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value((Moment, self));
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Sqlite> for Instant {
    fn from_sql(bytes: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(bytes)?;
        let at = DateTime::from_timestamp_micros(micros).ok_or_else(|| format!("no instant: {micros}"))?;
        Ok(Self::from_utc(at.naive_utc()))
    }
}

impl FromSql<Moment, Pg> for Instant {
    fn from_sql(bytes: <Pg as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <NaiveDateTime as FromSql<Timestamp, Pg>>::from_sql(bytes).map(Self::from_utc)
    }
}

impl FromSql<Moment, Backend> for Instant {
    fn from_sql(bytes: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, Moment>()
    }
}
