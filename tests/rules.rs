//! `docs/rules.md` defines every business rule that is cited, and names functions and tests that exist.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const RULES: &str = "docs/rules.md";

/// The files below a folder with one of these endings.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if path.extension().is_some_and(|kind| endings.iter().any(|ending| kind == *ending)) {
            found.push(path);
        }
    }
    found
}

/// A code such as `S4`: one letter and a number.
fn is_code(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && !letters.as_str().is_empty()
        && letters.all(|one| one.is_ascii_digit())
}

/// The codes that follow the word "rule" or "règle", in either number: `rule S4`, `rules A1, C2 and K2`.
fn cited(text: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let words: Vec<&str> =
        text.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for (index, word) in words.iter().enumerate() {
        if ["rule", "rules", "règle", "règles"].contains(&word.to_lowercase().as_str()) {
            let list = words[index + 1..]
                .iter()
                .take_while(|word| is_code(word) || ["and", "or", "et", "ou"].contains(word));
            codes.extend(list.filter(|word| is_code(word)).map(|word| (*word).to_owned()));
        }
    }
    codes
}

/// The codes that have an entry.
fn defined(rules: &str) -> BTreeSet<String> {
    let headings = rules.lines().filter_map(|line| line.strip_prefix("### "));
    headings.map(|heading| heading.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn every_cited_rule_is_defined() {
    let rules = fs::read_to_string(RULES).unwrap();
    let defined = defined(&rules);
    assert!(defined.len() > 20 && defined.iter().all(|code| is_code(code)), "{defined:?}");
    let mut sources = vec![PathBuf::from("openapi/openapi.json"), PathBuf::from("CONTRIBUTING.md")];
    for folder in ["src", "tests", "migrations", "docs"] {
        sources.extend(files(Path::new(folder), &["rs", "sql", "md", "json"]));
    }
    let mut undefined = Vec::new();
    let mut count = 0;
    for source in sources {
        let cited = cited(&fs::read_to_string(&source).unwrap());
        count += cited.len();
        undefined.extend(cited.difference(&defined).map(|code| format!("{code} in {}", source.display())));
    }
    assert_eq!(undefined, Vec::<String>::new(), "define them in {RULES}");
    assert!(count > 100, "citations are no longer found: {count}");
}

#[test]
fn citations_are_found_in_both_languages_and_numbers() {
    let codes = |text: &str| cited(text).into_iter().collect::<Vec<_>>();
    assert_eq!(
        codes("(rule S4), rules A1, C2 and K2: règle D9 ; Rules D3 or D4."),
        ["A1", "C2", "D3", "D4", "D9", "K2", "S4"]
    );
    assert_eq!(codes("the rules of S3, a rule of thumb, M1"), Vec::<String>::new());
}

#[test]
fn functions_and_tests_of_rules_exist() {
    let rules = fs::read_to_string(RULES).unwrap();
    let references: Vec<(&str, &str)> = rules
        .split('`')
        .filter(|part| part.contains(".rs::"))
        .filter_map(|part| part.split_once("::"))
        .collect();
    assert!(references.len() > 100, "{}", references.len());
    let missing = references.into_iter().filter(|(file, name)| {
        let text = fs::read_to_string(file).unwrap_or_default();
        !text.contains(&format!("fn {name}(")) && !text.contains(&format!("fn {name}<"))
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<(&str, &str)>::new());
}
