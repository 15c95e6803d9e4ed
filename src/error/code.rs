//! The one table of problem codes: status, titles, documentation.

/// What went wrong, as a word clients can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    MalformedJson,
    MalformedCsv,
    InvalidParameter,
    InvalidCursor,
    InvalidToken,
    InsufficientScope,
    NotYourLine,
    NotYourInstitution,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Conflict,
    IdempotencyInProgress,
    EnvelopeExceeded,
    BudgetExceeded,
    PublicShareExceeded,
    PaymentExceeded,
    ConditionsUnmet,
    BatchRefused,
    InvalidTransition,
    ContractInForce,
    AmendmentSigned,
    CallNotOpen,
    NotAdmissible,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    IdempotencyKeyReused,
    PreconditionRequired,
    Internal,
    Unavailable,
}

/// A row of the table.
pub struct Entry {
    pub slug: &'static str,
    pub status: u16,
    pub title_en: &'static str,
    pub title_fr: &'static str,
    /// What it means and what to do about it.
    pub about_en: &'static str,
    pub about_fr: &'static str,
}

const fn entry(
    slug: &'static str,
    status: u16,
    title_en: &'static str,
    title_fr: &'static str,
    about_en: &'static str,
    about_fr: &'static str,
) -> Entry {
    Entry { slug, status, title_en, title_fr, about_en, about_fr }
}

impl Code {
    pub const ALL: [Self; 33] = [
        Self::MalformedJson,
        Self::MalformedCsv,
        Self::InvalidParameter,
        Self::InvalidCursor,
        Self::InvalidToken,
        Self::InsufficientScope,
        Self::NotYourLine,
        Self::NotYourInstitution,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::RequestTimeout,
        Self::Conflict,
        Self::IdempotencyInProgress,
        Self::EnvelopeExceeded,
        Self::BudgetExceeded,
        Self::PublicShareExceeded,
        Self::PaymentExceeded,
        Self::ConditionsUnmet,
        Self::BatchRefused,
        Self::InvalidTransition,
        Self::ContractInForce,
        Self::AmendmentSigned,
        Self::CallNotOpen,
        Self::NotAdmissible,
        Self::PreconditionFailed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationFailed,
        Self::IdempotencyKeyReused,
        Self::PreconditionRequired,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The code that a slug names.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.entry().slug == slug)
    }

    /// The general code of a status the framework chose by itself.
    pub fn from_status(status: u16) -> Self {
        match status {
            401 => Self::InvalidToken,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            406 => Self::NotAcceptable,
            408 => Self::RequestTimeout,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            503 => Self::Unavailable,
            400..=499 => Self::InvalidParameter,
            _ => Self::Internal,
        }
    }

    #[expect(clippy::too_many_lines, reason = "one table, read as a table")]
    pub const fn entry(self) -> Entry {
        match self {
            Self::MalformedJson => entry(
                "malformed-json",
                400,
                "The body is not JSON",
                "Le corps n’est pas du JSON",
                "The body could not be read as JSON (RFC 8259). Correct it; nothing was changed.",
                "Le corps n’a pas pu être lu comme du JSON (RFC 8259). Corrigez-le ; rien n’a été modifié.",
            ),
            Self::MalformedCsv => entry(
                "malformed-csv",
                400,
                "The body is not a table",
                "Le corps n’est pas un tableau",
                "The body could not be read as CSV (RFC 4180, UTF-8): every row has as many cells as the first. Nothing was changed.",
                "Le corps n’a pas pu être lu comme du CSV (RFC 4180, UTF-8) : chaque ligne a autant de cellules que la première. Rien n’a été modifié.",
            ),
            Self::InvalidParameter => entry(
                "invalid-parameter",
                400,
                "A parameter is wrong",
                "Un paramètre est incorrect",
                "A path, query or header parameter is unknown, repeated or malformed. `errors` names it.",
                "Un paramètre de chemin, de requête ou d’en-tête est inconnu, répété ou mal formé. `errors` le nomme.",
            ),
            Self::InvalidCursor => entry(
                "invalid-cursor",
                400,
                "The cursor is not one of ours",
                "Le curseur n’est pas valide",
                "A cursor is opaque: take it from `next`, with the same filters, and do not change it.",
                "Un curseur est opaque : prenez-le dans `next`, avec les mêmes filtres, sans le modifier.",
            ),
            Self::InvalidToken => entry(
                "invalid-token",
                401,
                "A valid access token is needed",
                "Un jeton d’accès valide est nécessaire",
                "The token is absent, expired, or not issued by this service. Ask /oauth/token for one.",
                "Le jeton est absent, expiré ou n’a pas été émis par ce service. Demandez-en un à /oauth/token.",
            ),
            Self::InsufficientScope => entry(
                "insufficient-scope",
                403,
                "The token does not allow this",
                "Le jeton ne permet pas cet acte",
                "The token lacks the scope named in `scope`. Ask the administrator for a client that has it.",
                "Il manque au jeton la portée nommée dans `scope`. Demandez à l’administrateur un client qui l’a.",
            ),
            Self::NotYourLine => entry(
                "not-your-line",
                403,
                "This line belongs to another co-funder",
                "Cette ligne appartient à un autre cofinanceur",
                "A co-funder writes only its own decisions and its own envelope (rule D1).",
                "Un cofinanceur n’écrit que ses propres décisions et sa propre enveloppe (règle D1).",
            ),
            Self::NotYourInstitution => entry(
                "not-your-institution",
                403,
                "This is for another institution to do",
                "Cet acte revient à une autre institution",
                "A signature is given by the signatory's own client; an application by its own organisation's.",
                "Une signature est donnée par le client du signataire ; un dossier par celui de son organisation.",
            ),
            Self::NotFound => entry(
                "not-found",
                404,
                "There is nothing here",
                "Il n’y a rien ici",
                "No such resource, or none this client may see.",
                "Cette ressource n’existe pas, ou ce client ne peut pas la voir.",
            ),
            Self::MethodNotAllowed => entry(
                "method-not-allowed",
                405,
                "This method is not allowed here",
                "Cette méthode n’est pas permise ici",
                "The `Allow` header lists the methods of this path.",
                "L’en-tête `Allow` énumère les méthodes de ce chemin.",
            ),
            Self::NotAcceptable => entry(
                "not-acceptable",
                406,
                "No representation matches Accept",
                "Aucune représentation ne convient à Accept",
                "The service answers `application/json`, and `text/csv` where the contract says so.",
                "Le service répond en `application/json`, et en `text/csv` là où le contrat le dit.",
            ),
            Self::RequestTimeout => entry(
                "request-timeout",
                408,
                "The body did not arrive in time",
                "Le corps n’est pas arrivé à temps",
                "Send the whole body within the time limit; nothing was changed.",
                "Envoyez tout le corps dans le délai ; rien n’a été modifié.",
            ),
            Self::Conflict => entry(
                "conflict",
                409,
                "This conflicts with what exists",
                "Ceci est en conflit avec l’existant",
                "Another resource already holds this identifier, or the state of things forbids the act. `detail` says which.",
                "Une autre ressource porte déjà cet identifiant, ou l’état des choses interdit cet acte. `detail` dit lequel.",
            ),
            Self::IdempotencyInProgress => entry(
                "idempotency-in-progress",
                409,
                "The first request with this key is still running",
                "La première requête portant cette clé est encore en cours",
                "Wait for `Retry-After` seconds and send the same request again: it will get the first one's reply.",
                "Attendez `Retry-After` secondes et renvoyez la même requête : elle recevra la réponse de la première.",
            ),
            Self::EnvelopeExceeded => entry(
                "envelope-exceeded",
                409,
                "The envelope does not suffice",
                "L’enveloppe ne suffit pas",
                "The sum of what the co-funder grants (agreed or firmer) would exceed the part of its envelope that is for these credits and this strand (rule D3): `remaining` is what is left for this line. Or the envelope would go below what is granted out of a part: `committed` is that sum.",
                "La somme de ce que le cofinanceur accorde (ferme à partir de « agreed ») dépasserait la part de son enveloppe destinée à ces crédits et à ce volet (règle D3) : `remaining` est ce qui reste pour cette ligne. Ou l’enveloppe descendrait sous ce qui est déjà accordé sur l’une de ses parts : `committed` est cette somme.",
            ),
            Self::BudgetExceeded => entry(
                "budget-exceeded",
                409,
                "More than the action costs",
                "Plus que le coût de l’action",
                "The total granted would exceed the budgeted charges (rule D4). `remaining` is what is left for this line.",
                "Le total accordé dépasserait les charges budgétées (règle D4). `remaining` est ce qui reste pour cette ligne.",
            ),
            Self::PublicShareExceeded => entry(
                "public-share-exceeded",
                409,
                "The public share would be too large",
                "La part publique serait trop grande",
                "Public money would exceed the ceiling the call sets, in percent of the charges (rule D4). `remaining` is what is left for this line.",
                "L’argent public dépasserait le plafond fixé par l’appel, en pourcentage des charges (règle D4). `remaining` est ce qui reste pour cette ligne.",
            ),
            Self::PaymentExceeded => entry(
                "payment-exceeded",
                409,
                "The payments would not add up",
                "Le total des paiements ne convient pas",
                "Payments add up to at most what is granted, and no more is given back than was paid (rule D8). `remaining` is what this one may be.",
                "Le total des paiements ne dépasse pas le montant accordé, et il n’est pas reversé plus qu’il n’a été payé (règle D8). `remaining` est ce que celui-ci peut valoir.",
            ),
            Self::ConditionsUnmet => entry(
                "conditions-unmet",
                409,
                "The grant is not in effect",
                "La subvention n’a pas pris effet",
                "The line sets conditions that are not met, or waits in a circle of lines: nothing is paid on it. `resolution` of the line says which.",
                "La ligne pose des conditions qui ne sont pas remplies, ou fait partie d’un cercle de lignes qui s’attendent : rien n’est payé sur elle. `resolution` de la ligne dit ce qu’il en est.",
            ),
            Self::BatchRefused => entry(
                "batch-refused",
                409,
                "Some lines are refused, and all were to be kept or none",
                "Certaines lignes sont refusées, et toutes devaient être gardées, ou aucune",
                "`results` has a result for each line, with the problem of those that are refused. Nothing was changed: mend them, or send the batch line by line.",
                "`results` donne un résultat par ligne, avec le problème de celles qui sont refusées. Rien n’a été modifié : corrigez-les, ou envoyez le lot ligne par ligne.",
            ),
            Self::InvalidTransition => entry(
                "invalid-transition",
                409,
                "This cannot follow from the present state",
                "L’état présent ne le permet pas",
                "The resource is in a state from which this act is not possible. `detail` names both.",
                "La ressource est dans un état qui ne permet pas cet acte. `detail` nomme les deux.",
            ),
            Self::ContractInForce => entry(
                "contract-in-force",
                409,
                "A contract with a signature changes only by amendment",
                "Un contrat signé ne change que par avenant",
                "From the first signature on, draft an amendment instead (rule C2).",
                "À partir de la première signature, préparez un avenant (règle C2).",
            ),
            Self::AmendmentSigned => entry(
                "amendment-signed",
                409,
                "A signed amendment never changes",
                "Un avenant signé ne change jamais",
                "Draft another amendment (rule A1).",
                "Préparez un autre avenant (règle A1).",
            ),
            Self::CallNotOpen => entry(
                "call-not-open",
                409,
                "The call is not open",
                "L’appel n’est pas ouvert",
                "Applications are received between opensAt and closesAt, by the server's clock (rule S4).",
                "Les dossiers sont reçus entre opensAt et closesAt, à l’horloge du serveur (règle S4).",
            ),
            Self::NotAdmissible => entry(
                "not-admissible",
                409,
                "The application is not admissible",
                "Le dossier n’est pas recevable",
                "Decisions are recorded on admissible applications only, by co-funders of the call (rule D2).",
                "Les décisions ne portent que sur des dossiers recevables, par les cofinanceurs de l’appel (règle D2).",
            ),
            Self::PreconditionFailed => entry(
                "precondition-failed",
                412,
                "It has changed since you read it",
                "La ressource a changé depuis votre lecture",
                "Read it again, decide again, and send the new ETag in If-Match. Nothing was changed.",
                "Relisez-la, décidez de nouveau et envoyez le nouvel ETag dans If-Match. Rien n’a été modifié.",
            ),
            Self::PayloadTooLarge => entry(
                "payload-too-large",
                413,
                "The body is too large",
                "Le corps est trop volumineux",
                "Send less at a time; the limit is in `detail`.",
                "Envoyez moins à la fois ; la limite est dans `detail`.",
            ),
            Self::UnsupportedMediaType => entry(
                "unsupported-media-type",
                415,
                "This media type is not read here",
                "Ce type de contenu n’est pas lu ici",
                "Send the Content-Type that the contract gives for this operation.",
                "Envoyez le Content-Type que le contrat indique pour cette opération.",
            ),
            Self::ValidationFailed => entry(
                "validation-failed",
                422,
                "Some of it is not valid",
                "Certains éléments ne sont pas valides",
                "`errors` lists every fault found, each with a JSON pointer into the body. Nothing was changed.",
                "`errors` énumère toutes les fautes trouvées, chacune avec un pointeur JSON dans le corps. Rien n’a été modifié.",
            ),
            Self::IdempotencyKeyReused => entry(
                "idempotency-key-reused",
                422,
                "This Idempotency-Key was used for another request",
                "Cette Idempotency-Key a servi à une autre requête",
                "One key, one request. Use a new key for a new request.",
                "Une clé, une requête. Prenez une nouvelle clé pour une nouvelle requête.",
            ),
            Self::PreconditionRequired => entry(
                "precondition-required",
                428,
                "Say which version you change",
                "Dites quelle version vous modifiez",
                "Send If-Match with the ETag you read, so that nobody's work is overwritten unseen.",
                "Envoyez If-Match avec l’ETag que vous avez lu, afin de n’écraser le travail de personne.",
            ),
            Self::Internal => entry(
                "internal",
                500,
                "Something failed on our side",
                "Une erreur est survenue de notre côté",
                "Nothing was changed. Quote the request id when you report it.",
                "Rien n’a été modifié. Citez l’identifiant de requête en le signalant.",
            ),
            Self::Unavailable => entry(
                "unavailable",
                503,
                "The service cannot answer now",
                "Le service ne peut pas répondre",
                "Try again after `Retry-After` seconds; retries are safe with the same Idempotency-Key or If-Match.",
                "Réessayez après `Retry-After` secondes ; c’est sans risque avec la même Idempotency-Key ou le même If-Match.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_and_statuses_are_distinct_words_and_errors() {
        for code in Code::ALL {
            assert_eq!(Code::from_slug(code.entry().slug), Some(code));
            assert!((400..600).contains(&code.entry().status));
        }
    }
}
