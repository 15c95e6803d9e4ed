//! What the fields of an application are called, in both languages: a refusal names the field it is about.

use crate::error::Fault;
use crate::types::Text;

/// The fields that rules speak of: pointer, English, French. The longest pointer that fits is the one that names.
const FIELDS: [(&str, &str, &str); 18] = [
    ("/attachments", "attachments", "pièces jointes"),
    ("/audiences", "audiences", "publics"),
    ("/budget", "budget", "budget"),
    ("/budget/charges", "charges of the budget", "charges du budget"),
    ("/budget/products", "products of the budget", "produits du budget"),
    ("/challenges", "challenges", "enjeux"),
    ("/endsOn", "last day of the action", "fin de l’action"),
    ("/furtherYears", "budgets of the further years", "budgets des années suivantes"),
    ("/multiYear", "multi-year agreement", "convention pluriannuelle"),
    ("/neighbourhoods", "neighbourhoods", "quartiers"),
    ("/objectives", "objectives", "objectifs"),
    ("/operationalPriorities", "operational priorities", "priorités opérationnelles"),
    ("/requests", "requests to co-funders", "demandes aux cofinanceurs"),
    ("/startsOn", "first day of the action", "début de l’action"),
    ("/statements", "cross-cutting statements", "priorités transversales"),
    ("/strand", "strand", "volet"),
    ("/title", "title of the action", "intitulé de l’action"),
    (
        "/viabilityFloor",
        "amount below which the action cannot take place",
        "montant en deçà duquel l’action ne peut avoir lieu",
    ),
];

/// The name of the field at `pointer`; the pointer itself where it has no other.
pub(super) fn name(pointer: &str) -> Text {
    let fits = |field: &&(&str, &str, &str)| {
        pointer.strip_prefix(field.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let named = FIELDS.iter().filter(fits).max_by_key(|(field, _, _)| field.len());
    named.map_or_else(|| Text::new(pointer, pointer), |(_, en, fr)| Text::new(*en, *fr))
}

/// The fault, its sentence preceded by the name of its field.
pub(super) fn named(fault: Fault) -> Fault {
    let name = name(&fault.pointer);
    let said = match Fault::required("").detail == fault.detail {
        // Names are of either gender and number: nothing that follows them agrees with them.
        true => Text::new("to be filled in", "à renseigner"),
        false => fault.detail,
    };
    let detail = Text::new(format!("{}: {}", name.en, said.en), format!("{} : {}", name.fr, said.fr));
    Fault { detail, ..fault }
}
