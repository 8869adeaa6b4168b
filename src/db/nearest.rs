//! Which word somebody meant. The baking crate has the like, but is not linked without the command line.

/// The candidate at most two letters away from `word`, and closer than half of it.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate)).min();
    near.filter(|(steps, candidate)| *steps <= 2 && steps * 2 < candidate.len()).map(|(_, found)| found)
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
    fn only_close_words_are_found() {
        let words = ["sslmode", "port", "user"];
        assert_eq!(nearest("sslmod", words), Some("sslmode"));
        assert_eq!(nearest("ssl_moed", words), None);
        assert_eq!(nearest("prot", words), None);
        assert_eq!(nearest("usr", words), Some("user"));
        assert_eq!(nearest("schema", words), None);
    }
}
