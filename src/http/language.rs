//! The language a reader asks for.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

use crate::types::Text;

/// The languages problems are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    French,
}

impl Language {
    /// By `Accept-Language` (RFC 9110 §12.5.4); English when it prefers neither.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers.get_all(ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok());
        let mut best = (Self::English, 0.0);
        for range in wanted.flat_map(|value| value.split(',')) {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let quality: f32 = weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(0.0);
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let language = match primary.as_str() {
                "fr" => Self::French,
                "en" | "*" => Self::English,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }

    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    pub fn choose(self, text: &Text) -> &str {
        self.pick(&text.en, &text.fr)
    }

    pub fn pick<'a>(self, en: &'a str, fr: &'a str) -> &'a str {
        match self {
            Self::English => en,
            Self::French => fr,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn of(value: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(value));
        Language::of(&headers)
    }

    #[test]
    fn the_reader_chooses() {
        assert_eq!(Language::of(&HeaderMap::new()), Language::English);
        assert_eq!(of("fr"), Language::French);
        assert_eq!(of("fr-CA, en;q=0.8"), Language::French);
        assert_eq!(of("en, fr;q=0.9"), Language::English);
        assert_eq!(of("de, fr;q=0.3"), Language::French);
        assert_eq!(of("fr;q=0"), Language::English);
        assert_eq!(of("de"), Language::English);
    }
}
