//! A contract folded from scratch at every question, over plain JSON: slow, and simple enough to be believed.

use chrono::NaiveDate;
use serde_json::{Value, json};

/// An amendment that could be drafted.
pub struct Drafted {
    pub id: String,
    pub effective_on: NaiveDate,
    pub changes: Vec<Value>,
    /// Who signed, on which day.
    pub signed: Vec<(String, NaiveDate)>,
    /// Once everyone has signed.
    pub in_force_from: Option<NaiveDate>,
}

/// What becomes of changes.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    Applies,
    /// The pointers of those that cannot apply.
    Refused(Vec<String>),
    /// They can, but then this later amendment could not.
    Conflict(String),
}

/// The original and its amendments, in the order they were drafted.
pub struct Reference {
    original: Value,
    pub drafted: Vec<Drafted>,
}

/// A day, a place among the drafts, an id and its changes: what is to be folded in, in the order of all that.
type Step<'a> = (String, usize, &'a str, &'a [Value]);

impl Reference {
    pub fn new(contract: &Value) -> Self {
        let mut original = json!({"commitments": [], "used": [], "included": []});
        for member in ["endsOn", "challenges", "neighbourhoods", "signatories"] {
            original[member] = contract[member].clone();
        }
        Self { original, drafted: Vec::new() }
    }

    fn signed(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        for (place, one) in self.drafted.iter().enumerate() {
            if let Some(from) = one.in_force_from {
                steps.push((from.to_string(), place, one.id.as_str(), one.changes.as_slice()));
            }
        }
        steps
    }

    fn fold(&self, mut steps: Vec<Step<'_>>, mut refused: impl FnMut(usize, &str, String)) -> Value {
        steps.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let mut state = self.original.clone();
        for (_, place, id, changes) in steps {
            for (nth, change) in changes.iter().enumerate() {
                match refusal(&state, change) {
                    Some(member) => refused(place, id, format!("/changes/{nth}/{member}")),
                    None => perform(&mut state, change),
                }
            }
            state["included"].as_array_mut().unwrap().push(json!(id));
        }
        state
    }

    /// What the contract says on a day.
    pub fn read(&self, day: &str) -> Value {
        let mut steps = self.signed();
        steps.retain(|step| step.0.as_str() <= day);
        self.fold(steps, |_, id, at| panic!("{id} was accepted, but {at} cannot apply"))
    }

    /// Whether the changes of the draft at `place` can be in force from that day on.
    pub fn judge(&self, place: usize, from: &str, changes: &[Value]) -> Verdict {
        let mut steps = self.signed();
        steps.push((from.to_owned(), place, "", changes));
        let (mut own, mut others) = (Vec::new(), Vec::new());
        self.fold(steps, |of, id, at| if of == place { own.push(at) } else { others.push(id.to_owned()) });
        match (own.is_empty(), others.first()) {
            (false, _) => Verdict::Refused(own),
            (true, Some(first)) => Verdict::Conflict(first.clone()),
            (true, None) => Verdict::Applies,
        }
    }

    /// Who must sign the draft at `place`: the signatories of the soonest day it can be in force, its own included.
    pub fn required(&self, place: usize, today: NaiveDate) -> Vec<String> {
        let draft = &self.drafted[place];
        let soonest = draft.effective_on.max(today).to_string();
        let mut steps = self.signed();
        steps.retain(|step| step.0 <= soonest);
        steps.push((soonest, place, "", &draft.changes));
        let state = self.fold(steps, |_, _, _| {});
        let ids = state["signatories"].as_array().unwrap().iter();
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    }
}

/// The member of the change for which it cannot apply, if it cannot.
pub fn refusal(state: &Value, change: &Value) -> Option<&'static str> {
    let list = |name: &str| state[name].as_array().unwrap();
    let has = |name: &str, key: &str, value: &Value| list(name).iter().any(|one| one[key] == *value);
    let when = |refused: bool, member: &'static str| if refused { Some(member) } else { None };
    match change["type"].as_str().unwrap() {
        "extendPeriod" => when(change["endsOn"].as_str() <= state["endsOn"].as_str(), "endsOn"),
        "addChallenge" => {
            when(has("challenges", "number", &change["challenge"]["number"]), "challenge/number")
        }
        "reviseChallenge" => {
            when(!has("challenges", "number", &change["challenge"]["number"]), "challenge/number")
        }
        "retireChallenge" => {
            let number = &change["number"];
            let served = has("commitments", "challenge", number);
            when(served || !has("challenges", "number", number), "number")
        }
        "addNeighbourhood" => {
            when(has("neighbourhoods", "code", &change["neighbourhood"]["code"]), "neighbourhood/code")
        }
        "removeNeighbourhood" => when(!has("neighbourhoods", "code", &change["code"]), "code"),
        "addSignatory" => when(list("signatories").contains(&change["coFunderId"]), "coFunderId"),
        "addCommitment" => {
            let commitment = &change["commitment"];
            when(list("used").contains(&commitment["code"]), "commitment/code")
                .or(when(!has("challenges", "number", &commitment["challenge"]), "commitment/challenge"))
                .or(when(!list("signatories").contains(&commitment["coFunderId"]), "commitment/coFunderId"))
        }
        "retireCommitment" => when(!has("commitments", "code", &change["code"]), "code"),
        other => panic!("{other}"),
    }
}

fn perform(state: &mut Value, change: &Value) {
    let mut edit = |name: &str, gone: Option<(&str, &Value)>, come: Option<&Value>| {
        let items = state[name].as_array_mut().unwrap();
        if let Some((key, value)) = gone {
            items.retain(|one| one[key] != *value);
        }
        items.extend(come.cloned());
    };
    match change["type"].as_str().unwrap() {
        "extendPeriod" => state["endsOn"] = change["endsOn"].clone(),
        "addChallenge" | "reviseChallenge" => {
            let challenge = &change["challenge"];
            edit("challenges", Some(("number", &challenge["number"])), Some(challenge));
            // Challenges stand in the order of their numbers, everything else as it came.
            let challenges = state["challenges"].as_array_mut().unwrap();
            challenges.sort_by_key(|one| one["number"].as_i64());
        }
        "retireChallenge" => edit("challenges", Some(("number", &change["number"])), None),
        "addNeighbourhood" => edit("neighbourhoods", None, Some(&change["neighbourhood"])),
        "removeNeighbourhood" => edit("neighbourhoods", Some(("code", &change["code"])), None),
        "addSignatory" => edit("signatories", None, Some(&change["coFunderId"])),
        "addCommitment" => {
            edit("used", None, Some(&change["commitment"]["code"]));
            edit("commitments", None, Some(&change["commitment"]));
        }
        "retireCommitment" => edit("commitments", Some(("code", &change["code"])), None),
        other => panic!("{other}"),
    }
}
