//! Values that are text in JSON are read from it where it stands.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{Error, Visitor};

struct Reading<T, Parse> {
    parse: Parse,
    value: PhantomData<T>,
}

impl<T, Parse, Cause> Visitor<'_> for Reading<T, Parse>
where
    Parse: FnOnce(&str) -> Result<T, Cause>,
    Cause: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }
}

/// Reads text as `parse` does.
pub fn read_text<'de, D: Deserializer<'de>, T, Cause: fmt::Display>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, Cause>,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(Reading { parse, value: PhantomData })
}
