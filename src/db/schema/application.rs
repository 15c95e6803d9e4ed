//! Applications, and what they are found by.

diesel::table! {
    use crate::db::columns::*;

    applications (id) {
        id -> Identifier,
        version -> BigInt,
        call_id -> Identifier,
        organisation_id -> Identifier,
        number -> Nullable<Text>,
        status -> Text,
        stake -> Text,
        strand -> Nullable<Text>,
        status_reason -> Nullable<Text>,
        submitted_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    application_contents (application_id) {
        application_id -> Identifier,
        content -> Text,
        receipt -> Nullable<Text>,
        received -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::columns::*;

    texts (row) {
        row -> Integer,
        subject -> Identifier,
        received -> Bool,
        words -> Text,
    }
}

diesel::table! {
    use crate::db::columns::*;

    application_entries (entry) {
        entry -> Integer,
        application_id -> Identifier,
        readers -> Text,
        call_id -> Identifier,
        organisation_id -> Identifier,
        status -> Text,
        strand -> Nullable<Text>,
        funding_status -> Text,
        public_funding_status -> Text,
        title -> Text,
        requested -> BigInt,
        submitted_at -> Moment,
        updated_at -> Moment,
        council_updated_at -> Moment,
        partner_updated_at -> Moment,
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
    use crate::db::columns::*;

    entry_co_funders (co_funder_id, entry) {
        co_funder_id -> Identifier,
        entry -> Integer,
    }
}

diesel::table! {
    use crate::db::columns::*;

    application_references (system, reference_key, application_id) {
        system -> Text,
        reference_key -> Text,
        application_id -> Identifier,
    }
}

diesel::table! {
    use crate::db::columns::*;

    application_returns (id) {
        id -> Identifier,
        application_id -> Identifier,
        terms -> Text,
        returned_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    attachments (id) {
        id -> Identifier,
        application_id -> Identifier,
        kind -> Text,
        file_name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        received -> Bool,
        created_at -> Moment,
    }
}
