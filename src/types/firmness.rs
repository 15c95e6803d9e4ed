//! How firm a co-funder's line is. Envelopes, funding, decisions and the open data all stand on this ladder.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::words;

/// The ladder `intended < agreed < voted < notified < paid`, and the two words beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Firmness {
    Intended,
    Agreed,
    Voted,
    Notified,
    Paid,
    Refused,
    Deferred,
}

words!(Firmness {
    Intended = "intended" | "envisagée": "proposed, reserves nothing",
    Agreed = "agreed" | "accordée": "reserves the envelope",
    Voted = "voted" | "votée": "by the act named; seen by the applicant and the public from here on",
    Notified = "notified" | "notifiée": "told to the applicant",
    Paid = "paid" | "payée",
    Refused = "refused" | "refusée",
    Deferred = "deferred" | "ajournée",
});

impl Firmness {
    /// What reserves an envelope (rule D3).
    pub const COMMITTING: [Self; 4] = [Self::Agreed, Self::Voted, Self::Notified, Self::Paid];
    /// What the applicant and the public see, and what makes a funded project (rules D9, P1).
    pub const PUBLIC: [Self; 3] = [Self::Voted, Self::Notified, Self::Paid];

    /// The rung on the ladder; a refused or deferred line stands on none.
    pub const fn rung(self) -> u8 {
        match self {
            Self::Refused | Self::Deferred => 0,
            Self::Intended => 1,
            Self::Agreed => 2,
            Self::Voted => 3,
            Self::Notified => 4,
            Self::Paid => 5,
        }
    }

    pub fn is_committing(self) -> bool {
        self.rung() >= Self::Agreed.rung()
    }

    pub fn is_public(self) -> bool {
        self.rung() >= Self::Voted.rung()
    }
}
