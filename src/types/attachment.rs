//! What the pieces of an application are.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::words;

/// What a piece of an application is, after Cerfa 12156.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum AttachmentKind {
    Statutes,
    Officers,
    ActivityReport,
    AnnualAccounts,
    AuditorReport,
    Mandate,
    ActionBudget,
    Quote,
    Other,
}

words!(AttachmentKind {
    Statutes = "statutes" | "statuts",
    Officers = "officers" | "liste des personnes chargées de l’administration": "it names people: for those who instruct and fund",
    ActivityReport = "activityReport" | "rapport d’activité",
    AnnualAccounts = "annualAccounts" | "comptes annuels approuvés",
    AuditorReport = "auditorReport" | "rapport du commissaire aux comptes",
    Mandate = "mandate" | "pouvoir de signature": "it names people: for those who instruct and fund",
    ActionBudget = "actionBudget" | "budget de l’action",
    Quote = "quote" | "devis",
    Other = "other" | "autre pièce": "never bank details (RIB): they are not collected here; each co-funder asks for them when it pays",
});

impl AttachmentKind {
    /// What it is called in an English sentence.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Statutes => "statutes",
            Self::Officers => "list of officers",
            Self::ActivityReport => "activity report",
            Self::AnnualAccounts => "annual accounts",
            Self::AuditorReport => "auditor's report",
            Self::Mandate => "power of signature",
            Self::ActionBudget => "budget of the action",
            Self::Quote => "quote",
            Self::Other => "other document",
        }
    }

    /// Whether it is made of names of people.
    pub const fn names_people(self) -> bool {
        matches!(self, Self::Officers | Self::Mandate)
    }
}
