//! Money, exact: integer cents inside, a decimal string outside, never a float.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::AdditionalProperties, schema::Type};
use utoipa::{PartialSchema, ToSchema};

use super::digits::Digits;

/// The largest amount a request may carry: 9,999,999,999.99 EUR.
const DIGITS: usize = 10;
const PATTERN: &str = r"^(0|[1-9][0-9]{0,9})\.[0-9]{2}$";

/// The largest sum we answer. A million of the largest amounts stays exact in 64 bits of cents.
const TOTAL_DIGITS: usize = 16;
const TOTAL_PATTERN: &str = r"^(0|[1-9][0-9]{0,15})\.[0-9]{2}$";

/// An amount in euros, never negative. `{"amount":"12500.00","currency":"EUR"}` in JSON, cents in the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Money {
    cents: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape<'a> {
    #[serde(borrow)]
    amount: Cow<'a, str>,
    #[serde(borrow)]
    currency: Cow<'a, str>,
}

impl Money {
    pub const ZERO: Self = Self { cents: 0 };

    pub const fn from_cents(cents: i64) -> Self {
        Self { cents }
    }

    pub const fn cents(self) -> i64 {
        self.cents
    }

    /// Reads a decimal with exactly two places: `12500.00`. Sums are read too; what a request may carry is less, and its
    /// schema holds it to that.
    pub fn parse(text: &str) -> Option<Self> {
        let (euros, cents) = text.split_once('.')?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let canonical = euros == "0" || !euros.starts_with('0');
        if !digits(euros) || !digits(cents) || cents.len() != 2 || euros.len() > TOTAL_DIGITS || !canonical {
            return None;
        }
        let (euros, cents): (i64, i64) = (euros.parse().ok()?, cents.parse().ok()?);
        Some(Self { cents: euros * 100 + cents })
    }

    fn digits(self) -> Digits<24> {
        let (cents, mut text) = (self.cents.unsigned_abs(), Digits::new());
        text.number(cents % 100, 2);
        text.put(b'.');
        text.number(cents / 100, 1);
        text
    }

    /// What is left of `self` once `taken` is gone; zero when nothing is.
    pub fn minus(self, taken: Self) -> Self {
        Self { cents: (self.cents - taken.cents).max(0) }
    }

    /// The largest amount that is not more than `percent` hundredths of `self`.
    pub fn share(self, percent: u32) -> Self {
        let cents = i128::from(self.cents) * i128::from(percent) / 100;
        Self { cents: i64::try_from(cents).unwrap_or(i64::MAX) }
    }

    /// Whether `self` is more than `percent` hundredths of `whole`.
    pub fn exceeds_share(self, percent: u32, whole: Self) -> bool {
        i128::from(self.cents) * 100 > i128::from(whole.cents) * i128::from(percent)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits().as_str())
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { cents: self.cents.saturating_add(other.cents) }
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_struct("Money", 2)?;
        shape.serialize_field("amount", self.digits().as_str())?;
        shape.serialize_field("currency", "EUR")?;
        shape.end()
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shape = Shape::deserialize(deserializer)?;
        match (Self::parse(&shape.amount), shape.currency.as_ref()) {
            (Some(money), "EUR") => Ok(money),
            _ => Err(serde::de::Error::custom("an amount in euros with two decimal places")),
        }
    }
}

/// Money as an object schema: an amount of so many digits that fits `pattern`.
fn schema_of(pattern: &'static str, digits: usize, about: &'static str) -> RefOr<Schema> {
    let amount = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .max_length(Some(digits + 3))
        .description(Some("Decimal euros with exactly two places."));
    let currency = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["EUR"]))
        .description(Some("ISO 4217. Only the euro."));
    ObjectBuilder::new()
        .property("amount", amount)
        .property("currency", currency)
        .required("amount")
        .required("currency")
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        .description(Some(about))
        .examples([json!({"amount": "12500.00", "currency": "EUR"})])
        .into()
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        schema_of(PATTERN, DIGITS, "An amount in euros, exact: never a floating-point number.")
    }
}

impl ToSchema for Money {}

/// How a sum of amounts is published: as `Money` that may be larger than any single amount.
/// For `#[schema(value_type = TotalAmount)]`.
pub struct TotalAmount;

impl PartialSchema for TotalAmount {
    fn schema() -> RefOr<Schema> {
        schema_of(
            TOTAL_PATTERN,
            TOTAL_DIGITS,
            "A sum of amounts in euros, exact: never a floating-point number.",
        )
    }
}

impl ToSchema for TotalAmount {}

impl<DB: Backend> ToSql<BigInt, DB> for Money
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.cents.to_sql(out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Money
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(Self::from_cents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_not_two_places() {
        for wrong in [
            "",
            "1",
            "1.0",
            "01.00",
            "-1.00",
            "1,00",
            "1.000",
            " 1.00",
            "99999999999999999.00",
            ".10",
            "1e2.00",
        ] {
            assert_eq!(Money::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn shares_are_exact() {
        let whole = Money::from_cents(10_000);
        assert!(!Money::from_cents(8_000).exceeds_share(80, whole));
        assert!(Money::from_cents(8_001).exceeds_share(80, whole));
    }

    proptest! {
        #[test]
        fn text_and_cents_are_the_same_amount(cents in 0_i64..=999_999_999_999) {
            let money = Money::from_cents(cents);
            prop_assert_eq!(Money::parse(&money.to_string()), Some(money));
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }
    }
}
