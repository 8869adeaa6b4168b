use serde::Serialize;

/// One row of another tool's history, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignRow {
    /// What the tool calls the migration.
    pub id: String,
    /// The number in it, where it has one that fits a version.
    pub version: Option<i64>,
    /// The name in it, where the tool keeps one.
    pub name: Option<String>,
    /// What the row says.
    pub state: ForeignState,
    /// When it was applied, as the server writes it.
    pub applied_at: Option<String>,
    /// Refinery's checksum; no other tool's can be compared with ours.
    pub checksum: Option<String>,
}

/// What a row of another tool's history says of its migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ForeignState {
    /// It is applied.
    Applied,
    /// It is applied, and so is everything before it: the tool keeps the newest alone.
    Head,
    /// Everything up to this version counts as applied, whether there is such a version or not.
    Baseline,
    /// It is applied, and needs no revision of ours; what it is.
    Optional(&'static str),
    /// Nothing follows from the row; why.
    Void(&'static str),
    /// It failed, or never ended; what to do with the tool before its history can be taken over.
    Broken(&'static str),
}

impl ForeignRow {
    /// A row that says that one migration is applied.
    pub(super) fn applied(id: impl Into<String>, applied_at: Option<&str>) -> Self {
        let id = id.into();
        let (version, name) = split(&id);
        let applied_at = applied_at.map(str::to_owned);
        Self { id, version, name, state: ForeignState::Applied, applied_at, checksum: None }
    }
}

/// A timestamp in a version has at least so many digits: the year to the minute.
const TIMESTAMP: usize = 12;

/// Takes `20240101100000_accounts`, `2024-01-01-100000_accounts` or `0007-accounts` apart, into number and name.
/// Numbers that separators part are one only where they make a timestamp together: `1.2.1` is none.
pub(crate) fn split(id: &str) -> (Option<i64>, Option<String>) {
    let words: Vec<&str> = id.split(['_', '-', '.', ' ']).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &&&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = words.iter().take_while(is_number).count();
    let mut digits = String::new();
    let of_timestamp = words[..numbers].iter().position(|word| {
        digits.push_str(word);
        digits.len() >= TIMESTAMP
    });
    let (number, rest) = match (of_timestamp, numbers) {
        (Some(last), _) => (Some(digits), last + 1),
        (None, 0) => (None, 0),
        // A lone `1.2.1` has no name behind it, and is no number either.
        (None, several @ 2..) if several == words.len() => (None, several),
        (None, _) => (Some(words[0].to_owned()), 1),
    };
    let name = words[rest..].join("_");
    (number.and_then(|digits| digits.parse().ok()), (!name.is_empty()).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_apart_into_number_and_name() {
        for (id, number, name) in [
            ("20240101100000_accounts", Some(20_240_101_100_000), Some("accounts")),
            ("2024-01-01-100000_accounts", Some(20_240_101_100_000), Some("accounts")),
            ("20240101_100000_2fa_tokens", Some(20_240_101_100_000), Some("2fa_tokens")),
            ("20240101100000_2_phases", Some(20_240_101_100_000), Some("2_phases")),
            ("20240101.100000", Some(20_240_101_100_000), None),
            ("0007-accounts", Some(7), Some("accounts")),
            ("0004_2_phases", Some(4), Some("2_phases")),
            ("00000000000000", Some(0), None),
            ("7", Some(7), None),
            ("1.2.1", None, None),
            ("586e05edd180", None, Some("586e05edd180")),
            ("accounts", None, Some("accounts")),
            ("99999999999999999999", None, None),
            ("", None, None),
        ] {
            assert_eq!(split(id), (number, name.map(str::to_owned)), "{id}");
        }
    }
}
