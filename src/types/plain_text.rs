//! The texts that clients send: cleaned in one way, whether they come in JSON or in a CSV file, and free of characters that
//! nobody can see.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};

/// What a text is for. Each is a `format` of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Names one thing: a number, a code, a reference of a partner's own system. On one line.
    Reference,
    /// A name, a title: on one line.
    Line,
    /// Sentences, on as many lines as they need; tabs are allowed.
    Prose,
}

impl TextKind {
    pub const ALL: [Self; 3] = [Self::Reference, Self::Line, Self::Prose];

    /// The name of its format in the OpenAPI document.
    pub const fn format(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Line => "line",
            Self::Prose => "prose",
        }
    }

    pub fn of_format(format: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.format() == format)
    }

    /// The first character that a text of this kind may not hold, and its position, counted from 1.
    pub fn first_forbidden(self, text: &str) -> Option<(usize, char)> {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        let characters: Vec<char> = text.chars().collect();
        let is_forbidden = |(index, character): &(usize, char)| match character {
            '\n' | '\t' => self != Self::Prose,
            _ => is_invisible(*character) && !is_part_of_emoji(&characters, *index),
        };
        let mut found = characters.iter().copied().enumerate().filter(is_forbidden);
        found.next().map(|(index, character)| (index + 1, character))
    }
}

/// The text as it is kept: composed (Unicode NFC), without blanks around it, each line break as `\n`. A text of nothing but
/// blanks becomes empty.
pub fn normalize(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.trim_matches(' ').to_owned();
    }
    let text = text.replace("\r\n", "\n").replace(LINE_BREAKS, "\n");
    let composed: String = text.nfc().collect();
    composed.trim_matches(is_blank).to_owned()
}

/// What two references have in common when they name the same thing: case and blanks are left out.
pub fn reference_key(reference: &str) -> String {
    let visible = |character: &char| !is_blank(*character) && !is_invisible(*character);
    // Word processors write other dashes than a keyboard does.
    let is_dash = |character: char| {
        character == '\u{2212}' || character.general_category() == GeneralCategory::DashPunctuation
    };
    let plain = reference.nfkc().filter(visible).map(|one| if is_dash(one) { '-' } else { one });
    // To lower case twice: `ẞ`, `ß` and `SS` are the same then.
    let folded = plain.flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    folded.flat_map(char::to_lowercase).collect()
}

/// Line breaks beside LF: CR, next line, line and paragraph separators, vertical tab, form feed.
const LINE_BREAKS: [char; 6] = ['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}'];

/// White space, and the braille pattern without dots, which looks like it.
pub fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\u{2800}'
}

/// Control, format (bidirectional, zero-width), private-use and unassigned characters, and others that are drawn as nothing
/// (Unicode `Default_Ignorable_Code_Point`).
pub fn is_invisible(character: char) -> bool {
    let category = character.general_category();
    matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
    ) || matches!(character,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether an invisible character joins or varies emoji (Unicode Technical Standard 51): a selector after a character that
/// has an emoji form, a zero-width joiner between two emoji, the letters of a flag.
fn is_part_of_emoji(characters: &[char], index: usize) -> bool {
    let at = |index: usize| characters.get(index).copied();
    let before = index.checked_sub(1).and_then(at);
    let is_emoji =
        |character: Option<char>| character.is_some_and(|one| one.is_emoji_char() && !one.is_ascii());
    let is_keycap = || {
        before.is_some_and(|one| one.is_ascii_digit() || matches!(one, '#' | '*'))
            && at(index + 1) == Some('\u{20e3}')
    };
    match characters.get(index) {
        Some('\u{fe0e}' | '\u{fe0f}') => is_emoji(before) || is_keycap(),
        Some('\u{200d}') => {
            let ends_emoji = is_emoji(before) || (before == Some('\u{fe0f}') && index >= 2);
            ends_emoji && is_emoji(at(index + 1))
        }
        Some('\u{e0020}'..='\u{e007f}') => {
            let is_tag = |character: &&char| matches!(character, '\u{e0020}'..='\u{e007e}');
            let earlier = characters.get(..index).unwrap_or_default();
            earlier.iter().rev().find(|character| !is_tag(character)) == Some(&'\u{1f3f4}')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_around_and_compositions_do_not_tell_texts_apart() {
        for same in [" Été", "E\u{301}te\u{301}\u{a0}", "\u{2800}Été\t\r\n", "\u{202f}Été\u{3000}"] {
            assert_eq!(normalize(same), "Été");
        }
        assert_eq!(normalize("a\r\nb\rc\u{2028}d"), "a\nb\nc\nd");
        for empty in ["", " ", "\u{a0}\u{2800}\n", "\u{3000}"] {
            assert_eq!(normalize(empty), "");
        }
    }

    #[test]
    fn references_are_compared_without_case_and_blanks() {
        for same in ["M 1", "m1", "m\u{a0}1", "Ｍ１", "M\u{200b}1"] {
            assert_eq!(reference_key(same), "m1");
        }
        assert_eq!(reference_key("straße"), reference_key("STRASSE"));
        assert_eq!(reference_key("STRAẞE"), reference_key("strasse"));
        for dash in ['\u{2010}', '\u{2011}', '\u{2013}', '\u{2014}', '\u{2212}', '\u{fe63}', '\u{ff0d}'] {
            assert_eq!(reference_key(&format!("M{dash}1")), "m-1", "{dash}");
        }
        assert_ne!(reference_key("M-1"), reference_key("M1"));
    }

    #[test]
    fn invisible_characters_are_found_with_their_position() {
        for (text, position, character) in [
            ("M1\u{200b}", 3, '\u{200b}'),
            ("\u{202e}abc", 1, '\u{202e}'),
            ("é\u{0}", 2, '\u{0}'),
            ("a\u{ad}b", 2, '\u{ad}'),
            ("a\u{3164}", 2, '\u{3164}'),
            ("a\u{200d}b", 2, '\u{200d}'),
            ("1\u{fe0f}", 2, '\u{fe0f}'),
            ("a\nb", 2, '\n'),
            ("a\tb", 2, '\t'),
            ("\u{1f469}\u{200d}", 2, '\u{200d}'),
            ("a\u{e0041}", 2, '\u{e0041}'),
        ] {
            assert_eq!(TextKind::Line.first_forbidden(text), Some((position, character)), "{text:?}");
        }
        assert_eq!(TextKind::Prose.first_forbidden("a\n\tb"), None);
        assert_eq!(TextKind::Prose.first_forbidden("a\n\u{200e}"), Some((3, '\u{200e}')));
    }

    #[test]
    fn emoji_keep_their_joiners() {
        let flag = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
        for emoji in ["👩‍🌾", "❤️", "👨‍👩‍👧‍👦", "🏳️‍🌈", "1️⃣", "👍🏽", "🧑🏿‍🚒", "🇫🇷", flag]
        {
            assert_eq!(TextKind::Reference.first_forbidden(emoji), None, "{emoji:?}");
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_is_normalizing_once(text in any::<String>()) {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once.clone());
            prop_assert_eq!(reference_key(&text), reference_key(&once));
        }

        #[test]
        fn letters_of_every_script_are_allowed(text in r"[\p{L}\p{N}\p{P} ]{0,20}") {
            let odd = |character: char| is_invisible(character);
            prop_assume!(!text.contains(odd));
            prop_assert_eq!(TextKind::Line.first_forbidden(&text), None);
        }
    }
}
