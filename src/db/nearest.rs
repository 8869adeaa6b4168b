//! Which word somebody meant.

use strsim::levenshtein;

/// The candidate at most two letters away from `word`, and closer than half of it.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = candidates.into_iter().map(|candidate| (levenshtein(word, candidate), candidate)).min();
    near.filter(|(steps, candidate)| *steps <= 2 && steps * 2 < candidate.len()).map(|(_, found)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_words_are_found() {
        let words = ["sslmode", "port", "user"];
        assert_eq!(nearest("sslmod", words), Some("sslmode"));
        assert_eq!(nearest("ssl_moed", words), None);
        assert_eq!(nearest("prot", words), None);
        assert_eq!(nearest("usr", words), Some("user"));
        assert_eq!(nearest("schema", words), None);
    }
}
