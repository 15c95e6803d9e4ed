//! The tables, as diesel sees them. `migrations/` is what makes them.

mod application;
mod committee;
mod decision;

pub use application::{
    application_contents, application_entries, application_references, application_returns, applications,
    attachments, entry_challenges, entry_co_funders, entry_neighbourhoods, texts,
};
pub use committee::{committee_agenda, committee_positions, committee_sessions};
pub use decision::{decision_batches, decisions, evaluations, opinions, payments};

diesel::table! {
    use crate::db::columns::*;

    ledger (one) {
        one -> Integer,
        id -> Identifier,
    }
}

diesel::table! {
    use crate::db::columns::*;

    clients (id) {
        id -> Identifier,
        name -> Text,
        role -> Text,
        scopes -> Text,
        secret_sha256 -> Text,
        co_funder_id -> Nullable<Identifier>,
        organisation_id -> Nullable<Identifier>,
        contract_id -> Nullable<Identifier>,
        created_at -> Moment,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;

    events (sequence) {
        sequence -> BigInt,
        id -> Identifier,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Identifier,
        client_id -> Identifier,
        recorded_at -> Moment,
        data -> Text,
    }
}

diesel::table! {
    use crate::db::columns::*;

    idempotency_keys (client_id, idempotency_key) {
        client_id -> Identifier,
        idempotency_key -> Text,
        fingerprint -> Text,
        reply -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    co_funders (id) {
        id -> Identifier,
        version -> BigInt,
        name -> Text,
        kind -> Text,
        siret -> Nullable<Text>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    organisations (id) {
        id -> Identifier,
        version -> BigInt,
        name -> Text,
        siret -> Nullable<Text>,
        rna -> Nullable<Text>,
        content -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    contracts (id) {
        id -> Identifier,
        version -> BigInt,
        reference_key -> Text,
        terms -> Text,
        signed -> Bool,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    contract_signatures (contract_id, co_funder_id) {
        contract_id -> Identifier,
        co_funder_id -> Identifier,
        signed_on -> Date,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    amendments (id) {
        id -> Identifier,
        version -> BigInt,
        contract_id -> Identifier,
        terms -> Text,
        effective_on -> Date,
        signed -> Bool,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    amendment_signatures (amendment_id, co_funder_id) {
        amendment_id -> Identifier,
        co_funder_id -> Identifier,
        signed_on -> Date,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    councils (contract_id) {
        contract_id -> Identifier,
        version -> BigInt,
        terms -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    commitment_reports (id) {
        id -> Identifier,
        contract_id -> Identifier,
        code -> Text,
        state -> Text,
        note -> Text,
        reported_on -> Date,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    calls (id) {
        id -> Identifier,
        version -> BigInt,
        contract_id -> Identifier,
        year -> Integer,
        status -> Text,
        copied_from -> Nullable<Identifier>,
        terms -> Text,
        contract_terms -> Nullable<Text>,
        applications_numbered -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    envelopes (id) {
        id -> Identifier,
        version -> BigInt,
        call_id -> Identifier,
        co_funder_id -> Identifier,
        amount -> BigInt,
        parts -> Text,
        updated_at -> Moment,
    }
}

diesel::joinable!(envelopes -> co_funders (co_funder_id));
diesel::joinable!(entry_co_funders -> application_entries (entry));
diesel::joinable!(applications -> calls (call_id));
diesel::joinable!(applications -> organisations (organisation_id));
diesel::joinable!(calls -> contracts (contract_id));
diesel::joinable!(decisions -> applications (application_id));
diesel::joinable!(decisions -> co_funders (co_funder_id));
diesel::allow_tables_to_appear_in_same_query!(
    contracts,
    calls,
    envelopes,
    co_funders,
    organisations,
    applications,
    application_entries,
    entry_challenges,
    entry_co_funders,
    entry_neighbourhoods,
    application_references,
    decisions,
    opinions,
    committee_agenda,
    committee_sessions,
);
