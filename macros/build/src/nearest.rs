/// The candidate that a mistyped word most likely meant, as a sentence to put before the help; empty if none
/// is close.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let near = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    match near.min() {
        Some((steps, candidate)) if steps * 3 <= candidate.len() => format!("did you mean `{candidate}`? "),
        _ => String::new(),
    }
}

/// Levenshtein's edit distance.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, &other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
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
