//! Typed identifiers: the id of a call cannot be given where the id of a contract is wanted.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::query_builder::QueryId;
use diesel::sql_types::SqlType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

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
    AnyId = Any,
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

/// Identifiers as databases keep them: 16 bytes, of the type `uuid` in PostgreSQL.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Identifier;

/// A UUIDv7 naming a `K`.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Identifier)]
pub struct Id<K: 'static> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    const fn of(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// A new identifier, later than every one this process made before.
    pub fn generate() -> Self {
        Self::of(Uuid::now_v7())
    }

    /// The same, whatever it names.
    pub const fn any(self) -> AnyId {
        Id::of(self.uuid)
    }

    /// From 16 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, uuid::Error> {
        Uuid::from_slice(bytes).map(Self::of)
    }

    pub const fn as_bytes(&self) -> &[u8] {
        self.uuid.as_bytes()
    }
}

impl AnyId {
    /// Before and after all others.
    pub const FIRST: Self = Self::of(Uuid::nil());
    pub const LAST: Self = Self::of(Uuid::max());

    /// The same, once it is known what it names.
    pub const fn of_kind<K>(self) -> Id<K> {
        Id::of(self.uuid)
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
        self.uuid == other.uuid
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
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}

impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    /// Reads the hyphenated form only, in either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(if text.len() == Hyphenated::LENGTH { text } else { "" }).map(Self::of)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
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
            .max_length(Some(Hyphenated::LENGTH))
            .examples(["01890a5d-ac96-774b-bcce-b302099a8057"])
            .into()
    }
}

impl<K> ToSchema for Id<K> {}

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
        assert_eq!(id.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert!("01890a5dac96774bbcceb302099a8057".parse::<Id<()>>().is_err());
        assert!("{01890a5d-ac96-774b-bcce-b302099a805}".parse::<Id<()>>().is_err());
    }
}
