//! What co-funders and the council say of applications.

diesel::table! {
    use crate::db::columns::*;

    decisions (application_id, co_funder_id) {
        version -> BigInt,
        revision -> BigInt,
        application_id -> Identifier,
        call_id -> Identifier,
        co_funder_id -> Identifier,
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
        recorded_by -> Identifier,
        session_id -> Nullable<Identifier>,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    payments (id) {
        id -> Identifier,
        application_id -> Identifier,
        co_funder_id -> Identifier,
        kind -> Text,
        amount -> BigInt,
        paid_on -> Date,
        reference -> Text,
        reference_key -> Text,
        recorded_by -> Identifier,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    decision_batches (id) {
        id -> Identifier,
        co_funder_id -> Identifier,
        recorded_by -> Identifier,
        results -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    opinions (id) {
        id -> Identifier,
        application_id -> Identifier,
        author_kind -> Text,
        author_id -> Identifier,
        view -> Text,
        content -> Text,
        late -> Bool,
        given_by -> Identifier,
        given_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;

    evaluations (id) {
        id -> Identifier,
        version -> BigInt,
        application_id -> Identifier,
        author_kind -> Text,
        author_id -> Identifier,
        content -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}
