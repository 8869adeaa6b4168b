/// Where a clause begins in a text that the server deparsed: outside of parentheses, literals and quoted names.
pub(super) fn clause(text: &str, word: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), _) => {}
            _ if depth == 0 && text[at..].starts_with(word) => return Some(at),
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_no_part_of_an_expression() {
        let index = "btree (((a || ' WHERE '::text)), \"b WHERE \") WITH (fillfactor='70') WHERE deleted";
        assert_eq!(clause(index, " WHERE ").map(|at| &index[at..]), Some(" WHERE deleted"));
        assert_eq!(clause(index, " WITH (").map(|at| &index[at..at + 17]), Some(" WITH (fillfactor"));
        assert_eq!(clause("btree (((a || ' WITH (x)'::text)))", " WITH ("), None);
    }
}
