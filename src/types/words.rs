//! Enumerations that are words: in JSON, in the database and in the address bar alike.

/// Gives a fieldless enum its words: reading, writing, storing as text. A word may have a French name, for sentences, and
/// a meaning, for the published document: `Draft = "draft" | "brouillon": "Nobody has signed."`.
#[macro_export]
macro_rules! words {
    (@french $word:literal) => { $word };
    (@french $word:literal, $french:literal) => { $french };
    (@meaning) => { None };
    (@meaning $meaning:literal) => { Some($meaning) };
    ($name:ident { $($variant:ident = $word:literal $(| $french:literal)? $(: $meaning:literal)?),+ $(,)? }) => {
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// What it is called in a French sentence: the word itself where it has no other name.
            pub const fn french(self) -> &'static str {
                match self {
                    $(Self::$variant => $crate::words!(@french $word $(, $french)?)),+
                }
            }

            /// What it means, for those who read the published document.
            const fn meaning(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => $crate::words!(@meaning $($meaning)?)),+
                }
            }

            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let known = || [$($word),+].map(|word| format!("`{word}`")).join(", ");
                let unknown = |word: &str| format!("unknown variant `{word}`, expected one of {}", known());
                $crate::types::read_text(deserializer, |word| Self::parse(word).ok_or_else(|| unknown(word)))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let told = Self::ALL.iter().map(|one| (one.as_str(), one.french(), one.meaning()));
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|one| one.as_str())))
                    .description($crate::types::described(told))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = String::from_sql(bytes)?;
                Self::parse(&word).ok_or_else(|| format!("{word} is not a {}", stringify!($name)).into())
            }
        }
    };
}

/// The description of a list of words: a line for each that has a French name or a meaning.
pub fn described<'a>(words: impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)>) -> Option<String> {
    let lines: Vec<String> = words
        .filter(|(word, french, meaning)| word != french || meaning.is_some())
        .map(|(word, french, meaning)| {
            let name = if word == french { String::new() } else { format!(" ({french})") };
            let meaning = meaning.map(|meaning| format!(": {meaning}")).unwrap_or_default();
            format!("- `{word}`{name}{meaning}")
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
