//! What differs between two versions of a document, field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::api::FieldChange;

/// Fields told of one change at the most.
const MOST: usize = 5_000;

/// Every field that came, went or changed, in the order of the pointers.
pub fn differences(before: &Value, after: &Value) -> Vec<FieldChange> {
    let (mut were, mut are) = (BTreeMap::new(), BTreeMap::new());
    fields(before, String::new(), &mut were);
    fields(after, String::new(), &mut are);
    let pointers: BTreeSet<&String> = were.keys().chain(are.keys()).collect();
    let changed = pointers.into_iter().filter(|pointer| were.get(*pointer) != are.get(*pointer));
    changed
        .take(MOST)
        .map(|pointer| FieldChange {
            pointer: pointer.clone(),
            before: were.get(pointer).cloned(),
            after: are.get(pointer).cloned(),
        })
        .collect()
}

/// The fields of a document that say something, each as text.
fn fields(value: &Value, pointer: String, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => drop(found.insert(pointer, text.clone())),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                fields(item, format!("{pointer}/{place}"), found);
            }
        }
        Value::Object(members) => match (members.get("amount"), members.get("currency")) {
            (Some(Value::String(amount)), Some(Value::String(currency))) => {
                found.insert(pointer, format!("{amount} {currency}"));
            }
            _ => members.iter().for_each(|(name, member)| fields(member, format!("{pointer}/{name}"), found)),
        },
        plain => drop(found.insert(pointer, plain.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_come_go_and_change() {
        let before = json!({"title": "a", "list": [1, 2], "cost": {"amount": "1.00", "currency": "EUR"}, "gone": true});
        let after =
            json!({"title": "b", "list": [1], "cost": {"amount": "2.00", "currency": "EUR"}, "new": "x"});
        let told: Vec<(String, Option<String>, Option<String>)> = differences(&before, &after)
            .into_iter()
            .map(|one| (one.pointer, one.before, one.after))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("/cost".to_owned(), text("1.00 EUR"), text("2.00 EUR")),
                ("/gone".to_owned(), text("true"), None),
                ("/list/1".to_owned(), text("2"), None),
                ("/new".to_owned(), None, text("x")),
                ("/title".to_owned(), text("a"), text("b")),
            ]
        );
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself_and_looking_back_mirrors(left in ".{0,5}", right in ".{0,5}") {
            let (a, b) = (json!({"x": left, "y": [left]}), json!({"x": right, "z": right}));
            prop_assert_eq!(differences(&a, &a), Vec::<FieldChange>::new());
            let back: Vec<FieldChange> = differences(&b, &a)
                .into_iter()
                .map(|one| FieldChange { pointer: one.pointer, before: one.after, after: one.before })
                .collect();
            prop_assert_eq!(differences(&a, &b), back);
        }
    }
}
