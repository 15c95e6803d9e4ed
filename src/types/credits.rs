//! Out of which money a co-funder pays.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::words;

/// Out of which money a co-funder pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Credits {
    Specific,
    Mainstream,
    TfpbAbatement,
}

words!(Credits {
    Specific = "specific" | "crédits spécifiques": "money of the politique de la ville itself",
    Mainstream = "mainstream" | "droit commun": "money of ordinary policies",
    TfpbAbatement = "tfpbAbatement" | "abattement TFPB": "a social landlord's, under its agreement on the property-tax abatement",
});
