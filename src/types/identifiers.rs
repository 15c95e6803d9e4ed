//! Identifiers given by the State: SIRET, RNA, INSEE codes.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};
use utoipa::{PartialSchema, ToSchema};

use super::reading::read_text;

/// La Poste's SIREN: its establishments follow a rule of their own.
const LA_POSTE: &str = "356000000";

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    text.bytes().map(|byte| u32::from(byte.wrapping_sub(b'0')))
}

/// Luhn's checksum over a string of decimal digits.
pub fn is_luhn(text: &str) -> bool {
    let sum: u32 = digits(text)
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_siret(text: &str) -> bool {
    let la_poste = text.starts_with(LA_POSTE) && digits(text).sum::<u32>().is_multiple_of(5);
    is_digits(text, 14) && (is_luhn(text) || la_poste)
}

fn is_rna(text: &str) -> bool {
    text.strip_prefix('W').is_some_and(|number| is_digits(number, 9))
}

/// Metropolitan (`41018`), Corsican (`2A004`) and overseas (`97411`) communes.
fn is_insee_code(text: &str) -> bool {
    let corsican = text.strip_prefix("2A").or_else(|| text.strip_prefix("2B"));
    is_digits(text, 5) || corsican.is_some_and(|rest| is_digits(rest, 3))
}

/// One text type per identifier: the same code, other rules.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $format:literal, $pattern:literal, $length:literal, $check:path, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name of its format in the contract.
            pub const FORMAT: &'static str = $format;

            pub fn is_valid(text: &str) -> bool {
                $check(text)
            }

            pub fn parse(text: &str) -> Option<Self> {
                $check(text).then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read_text(deserializer, |text| Self::parse(text).ok_or(concat!("not a valid ", $format)))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::Custom($format.to_owned())))
                    .pattern(Some($pattern))
                    .max_length(Some($length))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $name {}

        impl<DB: Backend> ToSql<Text, DB> for $name
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.as_str().to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<Text, DB> for $name
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                String::from_sql(bytes).map(Self)
            }
        }
    };
}

identifier!(
    /// The number of an establishment (INSEE, répertoire SIRENE): 14 digits under Luhn, La Poste's exception aside.
    Siret, "siret", "^[0-9]{14}$", 14, is_siret, "00000000100008"
);
identifier!(
    /// The number of an association (répertoire national des associations): `W` and nine digits.
    Rna, "rna", "^W[0-9]{9}$", 10, is_rna, "W411000001"
);
identifier!(
    /// The code of a commune in INSEE's code officiel géographique.
    InseeCode, "insee-code", "^([0-9]{2}|2[AB])[0-9]{3}$", 5, is_insee_code, "41018"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siret_follows_luhn_and_la_poste() {
        assert!(Siret::is_valid("73282932000074"));
        assert!(!Siret::is_valid("73282932000075"));
        assert!(Siret::is_valid("35600000049837"), "La Poste: digits add up to a multiple of five");
        assert!(!Siret::is_valid("35600000049838"));
        assert!(!Siret::is_valid("7328293200007"));
        assert!(!Siret::is_valid("7328293200007a"));
    }

    #[test]
    fn rna_and_insee() {
        assert!(Rna::is_valid("W411000001"));
        assert!(!Rna::is_valid("w411000001") && !Rna::is_valid("W41100000") && !Rna::is_valid("W4110000011"));
        assert!(InseeCode::is_valid("41018") && InseeCode::is_valid("2A004") && InseeCode::is_valid("97411"));
        assert!(!InseeCode::is_valid("2C004") && !InseeCode::is_valid("4101"));
    }
}
