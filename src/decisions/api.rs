//! Decisions, as they are pushed and shown.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::applications::{Condition, Line, Resolution};
use crate::db::Json;
use crate::error::{Error, Fault, FaultCode, Result};
use crate::http::{ETag, verdict};
use crate::types::{
    ApplicationId, CallId, ClientId, CoFunderId, CommitteeSessionId, Credits, Firmness, Instant, Money,
};

/// What a co-funder pushes: the whole line as it now is. Sending the same again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "holds_together"))]
#[schema(example = json!({
    "firmness": "voted", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream",
    "actReference": "CA-2023-014", "actDate": "2023-03-16", "partnerReference": "DOS-778"
}))]
pub struct DecisionInput {
    pub firmness: Firmness,
    /// What the co-funder means to give, while it only intends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Money>,
    /// What it gives; required from `agreed` on, absent below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
    /// Out of which money it pays.
    pub credits: Credits,
    /// What other co-funders must do for the grant to take effect: all of it. Judged again on every change; meanwhile the
    /// grant reserves the envelope. Not on a line that gives nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub conditions: Vec<Condition>,
    /// What the applicant must do for it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub applicant_conditions: Option<String>,
    /// The reference of the act that grants; required from `voted` on (rule D5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, format = "reference")]
    pub act_reference: Option<String>,
    /// The day of that act; required from `voted` on (rule D5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_date: Option<NaiveDate>,
    /// The co-funder's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, format = "reference")]
    pub partner_reference: Option<String>,
    /// Why; required to go down the ladder or to lower a voted amount (rule D6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// What the co-funder answers the council; required to vote for what the council finds unfavourable, and to refuse what
    /// it finds favourable (rule O2). The council reads it once the line is voted, or refused by an act that
    /// `actReference` and `actDate` name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reply_to_council: Option<String>,
}

/// The members of a line that are pushed.
const PUSHED: [&str; 11] = [
    "firmness",
    "proposed",
    "granted",
    "credits",
    "conditions",
    "applicantConditions",
    "actReference",
    "actDate",
    "partnerReference",
    "reason",
    "replyToCouncil",
];

impl DecisionInput {
    /// What was pushed, out of the line that an event tells.
    pub fn of_event(line: &Value) -> Result<Self> {
        let pushed = PUSHED.iter().filter_map(|name| Some(((*name).to_owned(), line.get(*name)?.clone())));
        serde_json::from_value(pushed.collect()).map_err(Error::internal)
    }

    /// What it commits of the envelope.
    pub fn committed(&self) -> Money {
        self.granted.filter(|_| self.firmness.is_committing()).unwrap_or_default()
    }

    /// What an amount, an act and conditions need of each other.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.stance_faults();
        for (pointer, there) in
            [("/actReference", self.act_reference.is_some()), ("/actDate", self.act_date.is_some())]
        {
            if self.firmness.is_public() && !there {
                let (en, fr) = ("is required from voted on", "est obligatoire à partir de « voted »");
                faults.push(Fault::new(pointer, FaultCode::Required, en, fr));
            }
        }
        faults
    }

    /// What amounts and conditions need, acts aside.
    pub fn stance_faults(&self) -> Vec<Fault> {
        let committing = self.firmness.is_committing();
        let mut faults = Vec::new();
        match self.granted {
            None if committing => faults.push(Fault::new(
                "/granted",
                FaultCode::Required,
                "is required from agreed on",
                "est obligatoire à partir de « agreed »",
            )),
            Some(_) if !committing => faults.push(Fault::new(
                "/granted",
                FaultCode::AmountNotAllowed,
                "has no place below agreed",
                "n’a pas lieu d’être en deçà de « agreed »",
            )),
            Some(Money::ZERO) => faults.push(Fault::new(
                "/granted",
                FaultCode::TooSmall,
                "is nothing: that is a refusal",
                "est nul : c’est un refus",
            )),
            _ => {}
        }
        if self.firmness == Firmness::Intended && self.proposed.is_none() {
            let (en, fr) = ("is required when intended", "est obligatoire pour une intention");
            faults.push(Fault::new("/proposed", FaultCode::Required, en, fr));
        }
        if !self.conditions.is_empty() && !committing && self.firmness != Firmness::Intended {
            let (en, fr) = ("has no place on a line that gives nothing", "n’a pas lieu d’être sans montant");
            faults.push(Fault::new("/conditions", FaultCode::NotApplicable, en, fr));
        }
        for (place, condition) in self.conditions.iter().enumerate() {
            if condition.amount() == Money::ZERO {
                let at = format!("/conditions/{place}/amount");
                faults.push(Fault::new(at, FaultCode::TooSmall, "asks for nothing", "ne demande rien"));
            }
            if self.conditions.iter().take(place).any(|before| before == condition) {
                let (en, fr) = ("is given twice", "est donnée deux fois");
                faults.push(Fault::new(format!("/conditions/{place}"), FaultCode::Duplicate, en, fr));
            }
        }
        faults
    }
}

fn holds_together(input: &DecisionInput) -> std::result::Result<(), ValidationError> {
    verdict(input.faults())
}

/// The line of a co-funder on an application (décision).
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::decisions)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "revision": 2, "firmness": "voted", "requested": {"amount": "5000.00", "currency": "EUR"}, "proposed": null,
    "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream",
    "conditions": [{
        "type": "coFunderGrants", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8064",
        "amount": {"amount": "3000.00", "currency": "EUR"}
    }],
    "resolution": {"state": "met", "circle": []}, "applicantConditions": null,
    "actReference": "CA-2023-014", "actDate": "2023-03-16", "partnerReference": "DOS-778", "reason": null,
    "replyToCouncil": null, "paid": {"amount": "0.00", "currency": "EUR"},
    "recordedBy": "01890a5d-ac96-774b-bcce-b302099a8062", "sessionId": null,
    "standing": true, "createdAt": "2023-01-20T10:00:00Z", "updatedAt": "2023-03-17T10:00:00Z"
}))]
pub struct Decision {
    pub application_id: ApplicationId,
    #[serde(skip)]
    pub call_id: CallId,
    #[serde(skip)]
    pub strand: String,
    pub co_funder_id: CoFunderId,
    #[serde(skip)]
    pub version: i64,
    /// 1 for the first push, one more for each that changed the line; null for those who see a line from `voted` on.
    #[diesel(select_expression = crate::db::schema::decisions::revision.nullable())]
    #[schema(required, minimum = 1, maximum = 1_000_000)]
    pub revision: Option<i64>,
    pub firmness: Firmness,
    /// What the application asks of this co-funder.
    pub requested: Money,
    #[schema(required)]
    pub proposed: Option<Money>,
    #[schema(required)]
    pub granted: Option<Money>,
    pub credits: Credits,
    #[schema(max_items = 10, value_type = Vec<Condition>)]
    pub conditions: Json<Vec<Condition>>,
    /// Where its conditions stand, by the lines this reader may see; null without conditions. Until they are met nothing of
    /// the grant is counted as agreed or published, though it reserves the envelope. While money is paid on it they count as
    /// met.
    #[schema(required, value_type = Option<Resolution>)]
    pub resolution: Option<Json<Resolution>>,
    #[serde(skip)]
    pub public_resolution: Option<Json<Resolution>>,
    #[schema(required, max_length = 2000)]
    pub applicant_conditions: Option<String>,
    #[schema(required, max_length = 100)]
    pub act_reference: Option<String>,
    #[schema(required)]
    pub act_date: Option<NaiveDate>,
    #[schema(required, max_length = 100)]
    pub partner_reference: Option<String>,
    #[schema(required, max_length = 2000)]
    pub reason: Option<String>,
    #[schema(required, max_length = 2000)]
    pub reply_to_council: Option<String>,
    /// The sum of its payments, less what was given back.
    pub paid: Money,
    /// The client that pushed it; null for those who see a line from `voted` on.
    #[diesel(select_expression = crate::db::schema::decisions::recorded_by.nullable())]
    #[schema(required)]
    pub recorded_by: Option<ClientId>,
    /// The committee session in which it was recorded, if one did.
    #[schema(required)]
    pub session_id: Option<CommitteeSessionId>,
    /// False once its application was withdrawn: it reserves nothing any more.
    pub standing: bool,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl Decision {
    /// The tag of the line as its co-funder reads it: its version; a digest where it also shows what others did.
    pub fn etag(&self) -> Result<ETag> {
        if self.standing && self.resolution.is_none() {
            Ok(ETag::version(self.version))
        } else {
            ETag::of(self)
        }
    }

    /// The line as those see it who see it from `voted` on: nothing tells what came before, nor what others have not voted
    /// yet (rule D9).
    pub fn without_its_past(mut self) -> Self {
        (self.revision, self.proposed, self.reason) = (None, None, None);
        (self.recorded_by, self.session_id) = (None, None);
        self.resolution = self.public_resolution.take();
        self.created_at = self.updated_at;
        self
    }

    /// What was pushed to make it what it is.
    pub fn input(&self) -> DecisionInput {
        DecisionInput {
            firmness: self.firmness,
            proposed: self.proposed,
            granted: self.granted,
            credits: self.credits,
            conditions: self.conditions.to_vec(),
            applicant_conditions: self.applicant_conditions.clone(),
            act_reference: self.act_reference.clone(),
            act_date: self.act_date,
            partner_reference: self.partner_reference.clone(),
            reason: self.reason.clone(),
            reply_to_council: self.reply_to_council.clone(),
        }
    }

    /// Whether its institution has voted it, or refused it by an act.
    pub fn is_voted(&self) -> bool {
        self.firmness.is_public() || self.act_reference.is_some()
    }

    /// Whether the council reads what the line answers it: it is voted, or refused by an act that it names. Its opinions are
    /// read by the same rule (`opinions::store`).
    pub fn shows_reply_to_council(&self) -> bool {
        let by_act = self.act_reference.is_some() && self.act_date.is_some();
        self.firmness.is_public() || self.firmness == Firmness::Refused && by_act
    }

    /// Whether the line says already what is pushed.
    pub fn says(&self, input: &DecisionInput) -> bool {
        self.input() == *input
    }

    /// The line, as far as funding goes.
    pub fn as_line(&self) -> Line {
        Line {
            co_funder_id: self.co_funder_id,
            firmness: self.firmness,
            proposed: self.proposed,
            granted: self.granted,
            credits: self.credits,
            paid: self.paid,
            conditions: self.conditions.to_vec(),
        }
    }
}

/// A line as it was pushed once: nothing is overwritten (rule D6).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "revision": 1, "recordedBy": "01890a5d-ac96-774b-bcce-b302099a8062", "recordedAt": "2023-01-20T10:00:00Z",
    "sessionId": null,
    "line": {"firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"}
}))]
pub struct Revision {
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub revision: i64,
    /// What was pushed.
    pub line: DecisionInput,
    /// The client that pushed it.
    pub recorded_by: ClientId,
    /// The committee session in which it was recorded, if one did.
    #[schema(required)]
    pub session_id: Option<CommitteeSessionId>,
    pub recorded_at: Instant,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn every_member_that_is_pushed_is_found_again_in_the_history() {
        let whole = json!({
            "firmness": "voted", "proposed": {"amount": "1.00", "currency": "EUR"},
            "granted": {"amount": "1.00", "currency": "EUR"}, "credits": "specific",
            "conditions": [{"type": "totalReaches", "amount": {"amount": "1.00", "currency": "EUR"}}],
            "applicantConditions": "a", "actReference": "b", "actDate": "2023-01-01", "partnerReference": "c",
            "reason": "d", "replyToCouncil": "e"
        });
        let input: DecisionInput = serde_json::from_value(whole.clone()).unwrap();
        let members = DecisionInput::schema();
        let members = serde_json::to_value(members).unwrap()["properties"].as_object().unwrap().len();
        assert_eq!(members, PUSHED.len(), "the schema and the list of what is pushed differ");
        assert_eq!(serde_json::to_value(&input).unwrap(), whole);
        assert_eq!(DecisionInput::of_event(&whole).unwrap(), input);
    }
}
