//! Typed identifiers: the id of a call cannot be given where the id of a contract is wanted.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::reading::read_text;

/// One empty type per kind of thing that has an identifier, and the alias everybody uses.
macro_rules! kinds {
    ($($alias:ident = $kind:ident),* $(,)?) => {
        /// The kinds of things that have identifiers.
        pub mod kind {
            $(#[derive(Debug)] pub enum $kind {})*
        }
        $(pub type $alias = Id<kind::$kind>;)*
    };
}

kinds! {
    LedgerId = Ledger,
    ClientId = Client,
    EventId = Event,
    CoFunderId = CoFunder,
    OrganisationId = Organisation,
    ContractId = Contract,
    AmendmentId = Amendment,
    CommitmentReportId = CommitmentReport,
    CallId = Call,
    EnvelopeId = Envelope,
    ApplicationId = Application,
    ApplicationReturnId = ApplicationReturn,
    AttachmentId = Attachment,
    DecisionBatchId = DecisionBatch,
    PaymentId = Payment,
    OpinionId = Opinion,
    CommitteeSessionId = CommitteeSession,
    CommitteePositionId = CommitteePosition,
    EvaluationId = Evaluation,
}

/// A UUIDv7 naming a `K`. Kept as its canonical text, which is what both databases store.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Id<K: 'static> {
    text: [u8; 36],
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// A new identifier, later than every one this process made before.
    pub fn generate() -> Self {
        Self::from_uuid(Uuid::now_v7())
    }

    fn from_uuid(uuid: Uuid) -> Self {
        let mut text = [0; 36];
        uuid.hyphenated().encode_lower(&mut text);
        Self { text, kind: PhantomData }
    }

    pub fn as_str(&self) -> &str {
        // The bytes were written by `encode_lower`: always ASCII.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    /// Reads the hyphenated form only, in either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uuid = if text.len() == 36 { Uuid::try_parse(text)? } else { Uuid::try_parse("")? };
        Ok(Self::from_uuid(uuid))
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, |text| text.parse().map_err(|_| "a UUID"))
    }
}

impl<K> PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("uuid".to_owned())))
            .max_length(Some(36))
            .examples(["01890a5d-ac96-774b-bcce-b302099a8057"])
            .into()
    }
}

impl<K> ToSchema for Id<K> {}

impl<K, DB: Backend> ToSql<Text, DB> for Id<K>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

impl<K, DB: Backend> FromSql<Text, DB> for Id<K>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(bytes)?.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_process_ascend() {
        let ids: Vec<Id<()>> = (0..1_000).map(|_| Id::generate()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn only_the_hyphenated_form_is_read() {
        let id = "01890A5D-AC96-774B-BCCE-B302099A8057".parse::<Id<()>>().unwrap();
        assert_eq!(id.as_str(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert!("01890a5dac96774bbcceb302099a8057".parse::<Id<()>>().is_err());
        assert!("{01890a5d-ac96-774b-bcce-b302099a805}".parse::<Id<()>>().is_err());
    }
}
