use strsim::levenshtein;

/// The candidate that a mistyped word most likely meant, as a sentence to put before the help; empty if none
/// is close.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let near = candidates.into_iter().map(|candidate| (levenshtein(word, candidate), candidate));
    match near.min() {
        Some((steps, candidate)) if steps * 3 <= candidate.len() => format!("did you mean `{candidate}`? "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_words_are_suggested() {
        assert_eq!(
            did_you_mean("no-transation", ["allow", "no-transaction"]),
            "did you mean `no-transaction`? "
        );
        assert_eq!(did_you_mean("speed", ["allow", "no-transaction"]), "");
    }
}
