//! Out of which money a co-funder pays.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::words;

/// Out of which money a co-funder pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Credits {
    /// Crédits spécifiques of the politique de la ville.
    Specific,
    /// Droit commun.
    Mainstream,
    /// The social landlords' agreement on the property-tax abatement (abattement TFPB).
    TfpbAbatement,
}

words!(Credits { Specific = "specific", Mainstream = "mainstream", TfpbAbatement = "tfpbAbatement" });
