//! Identifiers in the database: 16 bytes in SQLite, `uuid` in PostgreSQL. Both order them as their texts are ordered.

use std::io::Write as _;

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Binary, HasSqlType};
use diesel::sqlite::Sqlite;

use super::Backend;
use crate::types::{Id, Identifier};

type Value<'a, Database> = <Database as diesel::backend::Backend>::RawValue<'a>;

impl HasSqlType<Identifier> for Backend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Identifier>(lookup)
    }
}

impl<K> ToSql<Identifier, Sqlite> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_bytes());
        Ok(IsNull::No)
    }
}

impl<K> ToSql<Identifier, Pg> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<K> ToSql<Identifier, Backend> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value((Identifier, self));
        Ok(IsNull::No)
    }
}

impl<K> FromSql<Identifier, Sqlite> for Id<K> {
    fn from_sql(value: Value<'_, Sqlite>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self::from_bytes(&bytes)?)
    }
}

impl<K> FromSql<Identifier, Pg> for Id<K> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_bytes(value.as_bytes())?)
    }
}

impl<K> FromSql<Identifier, Backend> for Id<K> {
    fn from_sql(value: Value<'_, Backend>) -> deserialize::Result<Self> {
        value.from_sql::<Self, Identifier>()
    }
}
