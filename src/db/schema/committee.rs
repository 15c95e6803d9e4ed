//! The tables of the funders' committee.

diesel::table! {
    use crate::db::columns::*;

    committee_sessions (id) {
        id -> Identifier,
        version -> BigInt,
        call_id -> Identifier,
        status -> Text,
        held_at -> Moment,
        terms -> Text,
        minutes -> Nullable<Text>,
        examined -> Nullable<Text>,
        concluded -> Nullable<Text>,
        opened_at -> Nullable<Moment>,
        closed_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    committee_positions (id) {
        id -> Identifier,
        session_id -> Identifier,
        application_id -> Identifier,
        co_funder_id -> Identifier,
        line -> Text,
        recorded_by -> Identifier,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    committee_agenda (application_id, session_id) {
        application_id -> Identifier,
        session_id -> Identifier,
    }
}
