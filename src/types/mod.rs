//! The values everything else is made of: no database, no network. A value of one of these types is valid.

mod attachment;
mod clock;
mod contact;
mod credits;
mod digits;
mod firmness;
mod id;
mod identifiers;
mod instant;
mod money;
mod plain_text;
mod reading;
mod schema;
mod text;
mod words;

pub use attachment::AttachmentKind;
pub use clock::Clock;
pub use contact::Contact;
pub use credits::Credits;
pub use firmness::Firmness;
pub use id::{
    AmendmentId, AnyId, ApplicationId, ApplicationReturnId, AttachmentId, CallId, ClientId, CoFunderId,
    CommitmentReportId, CommitteePositionId, CommitteeSessionId, ContractId, DecisionBatchId, EnvelopeId,
    EvaluationId, EventId, Id, Identifier, LedgerId, OpinionId, OrganisationId, PaymentId,
};
pub use identifiers::{InseeCode, Rna, Siret, is_luhn};
pub use instant::{Instant, Moment};
pub use money::{Money, TotalAmount};
pub use plain_text::{TextKind, is_blank, is_invisible, normalize, reference_key};
pub use reading::read_text;
pub use schema::{ChallengeNumber, Phrase, Word};
pub use text::{Text, Translated};
pub use words::described;
