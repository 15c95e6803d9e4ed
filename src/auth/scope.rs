//! Scopes, and the roles that are named sets of them.

use std::fmt;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Serialize, Serializer};

use crate::words;

/// What a token allows. Every operation declares those it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    ContractsWrite,
    ContractsSign,
    CommitmentsWrite,
    CallsWrite,
    OrganisationsRead,
    OrganisationsWrite,
    ApplicationsRead,
    ApplicationsWrite,
    DecisionsRead,
    DecisionsWrite,
    OpinionsWrite,
    ProgrammeWrite,
    EvaluationsRead,
    EvaluationsWrite,
    AuditRead,
}

words!(Scope {
    ContractsWrite = "contracts:write",
    ContractsSign = "contracts:sign",
    CommitmentsWrite = "commitments:write",
    CallsWrite = "calls:write",
    OrganisationsRead = "organisations:read",
    OrganisationsWrite = "organisations:write",
    ApplicationsRead = "applications:read",
    ApplicationsWrite = "applications:write",
    DecisionsRead = "decisions:read",
    DecisionsWrite = "decisions:write",
    OpinionsWrite = "opinions:write",
    ProgrammeWrite = "programme:write",
    EvaluationsRead = "evaluations:read",
    EvaluationsWrite = "evaluations:write",
    AuditRead = "audit:read",
});

impl Scope {
    /// What the scope allows, for the contract.
    pub const fn about(self) -> &'static str {
        match self {
            Self::ContractsWrite => "Draft contracts, amendments and co-funders, set councils",
            Self::ContractsSign => "Sign a contract or an amendment for one's own institution",
            Self::CommitmentsWrite => "Report on one's own institution's commitments",
            Self::CallsWrite => "Draft and publish calls for projects, set envelopes",
            Self::OrganisationsRead => "Read the organisations one may see",
            Self::OrganisationsWrite => {
                "Change one's own organisation; as staff, create and change those one works with"
            }
            Self::ApplicationsRead => "Read the applications one may see",
            Self::ApplicationsWrite => {
                "Write one's own applications; as an instructor, return them and judge admissibility"
            }
            Self::DecisionsRead => "Read the decision lines one may see",
            Self::DecisionsWrite => "Write one's own decision lines and one's own envelope",
            Self::OpinionsWrite => {
                "Give an opinion on an application, as the council or as a service of a co-funder"
            }
            Self::ProgrammeWrite => "Prepare and hold committee sessions, record positions in them",
            Self::EvaluationsRead => "Read evaluations",
            Self::EvaluationsWrite => "Give an evaluation",
            Self::AuditRead => "Read who changed what, and when",
        }
    }
}

/// A set of scopes, in the order of the table above.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Reads a space-separated list; the first word that is no scope is the error.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut scopes = Vec::new();
        for word in text.split_ascii_whitespace() {
            let scope = Scope::parse(word).ok_or_else(|| word.to_owned())?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok(Self(scopes))
    }

    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether all of `self` is in `others`.
    pub fn within(&self, others: &Self) -> bool {
        self.0.iter().all(|scope| others.has(*scope))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

/// A kind of client, with the scopes it is given unless fewer are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Role {
    Administrator,
    Instructor,
    CoFunder,
    Applicant,
    Council,
}

words!(Role {
    Administrator = "administrator",
    Instructor = "instructor",
    CoFunder = "co-funder",
    Applicant = "applicant",
    Council = "council",
});

impl Role {
    pub fn scopes(self) -> Scopes {
        use Scope::{
            ApplicationsRead, ApplicationsWrite, AuditRead, CallsWrite, CommitmentsWrite, ContractsSign,
            ContractsWrite, DecisionsRead, DecisionsWrite, EvaluationsRead, EvaluationsWrite, OpinionsWrite,
            OrganisationsRead, OrganisationsWrite, ProgrammeWrite,
        };
        Scopes(match self {
            Self::Administrator => vec![
                ContractsWrite,
                CallsWrite,
                OrganisationsRead,
                OrganisationsWrite,
                ApplicationsRead,
                DecisionsRead,
                ProgrammeWrite,
                EvaluationsRead,
                AuditRead,
            ],
            Self::Instructor => vec![
                CallsWrite,
                OrganisationsRead,
                OrganisationsWrite,
                ApplicationsRead,
                ApplicationsWrite,
                DecisionsRead,
                ProgrammeWrite,
                EvaluationsRead,
                AuditRead,
            ],
            Self::CoFunder => vec![
                ContractsSign,
                CommitmentsWrite,
                OrganisationsRead,
                ApplicationsRead,
                DecisionsRead,
                DecisionsWrite,
                OpinionsWrite,
                EvaluationsRead,
                EvaluationsWrite,
            ],
            Self::Applicant => vec![
                OrganisationsRead,
                OrganisationsWrite,
                ApplicationsRead,
                ApplicationsWrite,
                DecisionsRead,
                EvaluationsRead,
            ],
            Self::Council => {
                vec![
                    OrganisationsRead,
                    ApplicationsRead,
                    DecisionsRead,
                    OpinionsWrite,
                    EvaluationsRead,
                    EvaluationsWrite,
                ]
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_what_they_write() {
        for role in Role::ALL {
            assert_eq!(Scopes::parse(&role.scopes().to_string()), Ok(role.scopes()));
            assert!(role.scopes().within(&role.scopes()));
        }
        assert_eq!(Scopes::parse("decisions:write root"), Err("root".to_owned()));
    }
}
