//! The tables of the funders' committee.

diesel::table! {
    committee_sessions (id) {
        id -> Text,
        version -> BigInt,
        call_id -> Text,
        status -> Text,
        held_at -> Timestamp,
        terms -> Text,
        minutes -> Nullable<Text>,
        examined -> Nullable<Text>,
        concluded -> Nullable<Text>,
        opened_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    committee_positions (id) {
        id -> Text,
        session_id -> Text,
        application_id -> Text,
        co_funder_id -> Text,
        line -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    committee_agenda (application_id, session_id) {
        application_id -> Text,
        session_id -> Text,
    }
}
