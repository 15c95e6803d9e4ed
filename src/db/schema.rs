//! The tables, as diesel sees them. `migrations/` is what makes them.

mod committee;

pub use committee::{committee_agenda, committee_positions, committee_sessions};

diesel::table! {
    ledger (one) {
        one -> Integer,
        id -> Text,
    }
}

diesel::table! {
    clients (id) {
        id -> Text,
        name -> Text,
        role -> Text,
        scopes -> Text,
        secret_hash -> Text,
        co_funder_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        contract_id -> Nullable<Text>,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    events (sequence) {
        sequence -> BigInt,
        id -> Text,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        client_id -> Text,
        recorded_at -> Timestamp,
        data -> Text,
    }
}

diesel::table! {
    idempotency_keys (client_id, idempotency_key) {
        client_id -> Text,
        idempotency_key -> Text,
        fingerprint -> Text,
        reply -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    co_funders (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        kind -> Text,
        siret -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        siret -> Nullable<Text>,
        rna -> Nullable<Text>,
        content -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    contracts (id) {
        id -> Text,
        version -> BigInt,
        reference -> Text,
        terms -> Text,
        signed -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    contract_signatures (contract_id, co_funder_id) {
        contract_id -> Text,
        co_funder_id -> Text,
        signed_on -> Date,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    amendments (id) {
        id -> Text,
        version -> BigInt,
        contract_id -> Text,
        terms -> Text,
        effective_on -> Date,
        signed -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    amendment_signatures (amendment_id, co_funder_id) {
        amendment_id -> Text,
        co_funder_id -> Text,
        signed_on -> Date,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    councils (contract_id) {
        contract_id -> Text,
        version -> BigInt,
        terms -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    commitment_reports (id) {
        id -> Text,
        contract_id -> Text,
        code -> Text,
        state -> Text,
        note -> Text,
        reported_on -> Date,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    calls (id) {
        id -> Text,
        version -> BigInt,
        contract_id -> Text,
        year -> Integer,
        status -> Text,
        copied_from -> Nullable<Text>,
        terms -> Text,
        contract_terms -> Nullable<Text>,
        applications_numbered -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    envelopes (id) {
        id -> Text,
        version -> BigInt,
        call_id -> Text,
        co_funder_id -> Text,
        amount -> BigInt,
        parts -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    applications (id) {
        id -> Text,
        version -> BigInt,
        call_id -> Text,
        organisation_id -> Text,
        number -> Nullable<Text>,
        status -> Text,
        stake -> Text,
        strand -> Nullable<Text>,
        status_reason -> Nullable<Text>,
        submitted_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    application_contents (application_id) {
        application_id -> Text,
        content -> Text,
        receipt -> Nullable<Text>,
        received -> Nullable<Text>,
    }
}

diesel::table! {
    texts (row) {
        row -> Integer,
        subject -> Text,
        words -> Text,
    }
}

diesel::table! {
    application_entries (entry) {
        entry -> Integer,
        application_id -> Text,
        readers -> Text,
        call_id -> Text,
        organisation_id -> Text,
        status -> Text,
        strand -> Nullable<Text>,
        funding_status -> Text,
        public_funding_status -> Text,
        title -> Text,
        requested -> BigInt,
        submitted_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    entry_challenges (challenge, entry) {
        challenge -> Integer,
        entry -> Integer,
    }
}

diesel::table! {
    entry_neighbourhoods (neighbourhood, entry) {
        neighbourhood -> Text,
        entry -> Integer,
    }
}

diesel::table! {
    entry_co_funders (co_funder_id, entry) {
        co_funder_id -> Text,
        entry -> Integer,
    }
}

diesel::table! {
    application_returns (id) {
        id -> Text,
        application_id -> Text,
        terms -> Text,
        returned_at -> Timestamp,
    }
}

diesel::table! {
    attachments (id) {
        id -> Text,
        application_id -> Text,
        kind -> Text,
        file_name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        received -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    decisions (application_id, co_funder_id) {
        version -> BigInt,
        revision -> BigInt,
        application_id -> Text,
        call_id -> Text,
        co_funder_id -> Text,
        firmness -> Text,
        requested -> BigInt,
        proposed -> Nullable<BigInt>,
        granted -> Nullable<BigInt>,
        credits -> Text,
        strand -> Text,
        standing -> Bool,
        act_reference -> Nullable<Text>,
        act_date -> Nullable<Date>,
        conditions -> Text,
        applicant_conditions -> Nullable<Text>,
        reply_to_council -> Nullable<Text>,
        partner_reference -> Nullable<Text>,
        reason -> Nullable<Text>,
        resolution -> Nullable<Text>,
        public_resolution -> Nullable<Text>,
        effective -> Bool,
        paid -> BigInt,
        recorded_by -> Text,
        session_id -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    payments (id) {
        id -> Text,
        application_id -> Text,
        co_funder_id -> Text,
        kind -> Text,
        amount -> BigInt,
        paid_on -> Date,
        reference -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    decision_batches (id) {
        id -> Text,
        co_funder_id -> Text,
        recorded_by -> Text,
        results -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    application_references (system, reference, application_id) {
        system -> Text,
        reference -> Text,
        application_id -> Text,
    }
}

diesel::table! {
    opinions (id) {
        id -> Text,
        application_id -> Text,
        author_kind -> Text,
        author_id -> Text,
        view -> Text,
        content -> Text,
        late -> Bool,
        given_by -> Text,
        given_at -> Timestamp,
    }
}

diesel::table! {
    evaluations (id) {
        id -> Text,
        version -> BigInt,
        application_id -> Text,
        author_kind -> Text,
        author_id -> Text,
        content -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
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
