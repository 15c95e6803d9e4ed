//! From text to words, and from what is looked for to what must be there.

use std::collections::BTreeSet;

use deunicode::deunicode_with_tofu;
use rust_stemmers::{Algorithm, Stemmer};

/// Longer words are cut: nobody types the rest.
const LONGEST: usize = 40;
/// Of what is looked for, as many words count, the longest first: enough to say anything, few enough to be cheap.
const MOST: usize = 8;

/// What falls off before an apostrophe.
const ELIDED: [&str; 12] = ["c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu"];

/// French words that say nothing by themselves, folded.
const STOP: [&str; 54] = [
    "a", "au", "aux", "avec", "ce", "ces", "cet", "cette", "chez", "dans", "de", "des", "du", "elle",
    "elles", "en", "est", "et", "eux", "il", "ils", "je", "la", "le", "les", "leur", "leurs", "ne", "nos",
    "notre", "nous", "on", "ou", "par", "pas", "pour", "qu", "que", "qui", "sa", "se", "ses", "son", "sont",
    "sur", "un", "une", "vers", "vos", "votre", "vous", "y", "entre", "sans",
];

/// The text in plain small letters: `Éducation` is `education`, `Cœur` is `coeur`.
pub fn fold(text: &str) -> String {
    deunicode_with_tofu(text, "").to_lowercase()
}

/// The words of a text, folded; what is elided falls off.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let pieces = folded.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    let word = |piece: &str| -> Option<String> {
        let word = piece.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let elided = piece.ends_with('\'') && ELIDED.contains(&word);
        (!word.is_empty() && !elided).then(|| word.chars().take(LONGEST).collect())
    };
    pieces.filter_map(word).collect()
}

fn stem(word: &str) -> String {
    Stemmer::create(Algorithm::French).stem(word).into_owned()
}

/// What an index keeps of texts: each word and its stem, once.
pub(super) fn kept(texts: &[&str]) -> BTreeSet<String> {
    let words = texts.iter().flat_map(|text| words(text));
    words.flat_map(|word| [stem(&word), word]).collect()
}

/// One word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Any of them, at the beginning of a word that was kept.
    pub(super) beginnings: Vec<String>,
    /// They are whole words: a letter or a stop word begins too many others.
    pub(super) whole: bool,
}

impl Wanted {
    fn new(word: String) -> Self {
        let whole = word.len() == 1 || STOP.contains(&word.as_str());
        let stem = if whole { word.clone() } else { stem(&word) };
        // A word that is not finished yet has no true stem: both are looked for where neither begins the other.
        let beginnings = if word.starts_with(&stem) { vec![stem] } else { vec![stem, word] };
        Self { beginnings, whole }
    }
}

/// What is looked for: all of its words must be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<Wanted>,
}

impl Query {
    /// The words of `text`, but those that say nothing by themselves, unless there are no others.
    pub fn parse(text: &str) -> Self {
        let all: BTreeSet<String> = words(text).into_iter().collect();
        let telling: BTreeSet<String> =
            all.iter().filter(|word| !STOP.contains(&word.as_str())).cloned().collect();
        let mut words: Vec<String> = if telling.is_empty() { all } else { telling }.into_iter().collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self { words: words.into_iter().take(MOST).map(Wanted::new).collect() }
    }

    /// What has no word finds nothing.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Each must be there.
    pub fn words(&self) -> &[Wanted] {
        &self.words
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether a text is found by a query, as the databases decide it.
    fn finds(query: &str, text: &str) -> bool {
        let kept = kept(&[text]);
        let query = Query::parse(query);
        let has = |wanted: &Wanted| {
            let fits =
                |word: &str, start: &str| if wanted.whole { word == start } else { word.starts_with(start) };
            wanted.beginnings.iter().any(|start| kept.iter().any(|word| fits(word, start)))
        };
        !query.is_empty() && query.words.iter().all(has)
    }

    #[test]
    fn accents_case_and_ligatures_fall_off() {
        assert_eq!(fold("Éducation à l’Œuvre"), "education a l'oeuvre");
        assert_eq!(fold("e\u{301}te\u{301}"), "ete", "accents that stand apart");
        assert_eq!(
            words("L’été d'aujourd’hui, qu’on n'oublie pas"),
            ["ete", "aujourd", "hui", "on", "oublie", "pas"]
        );
    }

    #[test]
    fn endings_fall_off() {
        for (query, text) in [
            ("jardin", "Jardins partagés"),
            ("JARDINS", "un jardin"),
            ("educative", "Cité éducatif"),
            ("ateliers numériques", "L’atelier numérique"),
            ("chevaux", "un cheval"),
            ("animees", "une rue animée"),
            ("jard", "jardins"),
            ("associati", "une association"),
        ] {
            assert!(finds(query, text), "{query} finds {text}");
        }
        assert!(!finds("jardin", "garderie"));
        assert!(!finds("jardin ecole", "jardin"), "all words are needed");
    }

    #[test]
    fn stop_words_count_only_when_alone() {
        assert!(finds("la maison des jeunes", "Maison pour jeunes"));
        assert!(finds("la", "la"));
        assert!(!finds("la", "lavande sans article"), "a stop word is a whole word");
    }

    #[test]
    fn what_has_no_word_finds_nothing() {
        for empty in ["", "!", "\"*'()", "l’", "\u{301}"] {
            assert_eq!(Query::parse(empty), Query::default(), "{empty}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_found_by_its_words_and_by_their_beginnings(
            text in "[a-zA-Zéèêàçùœ'’ -]{1,40}", length in 1_usize..12
        ) {
            for word in words(&text) {
                prop_assert!(finds(&word, &text), "{}", word);
                prop_assert!(finds(&word.to_uppercase(), &text), "{}", word);
                let start: String = word.chars().take(length).collect();
                if start.len() > 1 && !STOP.contains(&start.as_str()) {
                    prop_assert!(finds(&start, &text), "{}", start);
                }
            }
        }

        #[test]
        fn what_is_kept_is_plain(text in "\\PC{0,60}") {
            let plain = |word: &String| {
                !word.is_empty() && word.len() <= LONGEST && word.bytes().all(|one| one.is_ascii_alphanumeric())
            };
            prop_assert!(kept(&[&text]).iter().all(plain));
            let query = Query::parse(&text);
            prop_assert!(query.words.iter().flat_map(|word| &word.beginnings).all(plain));
        }
    }
}
