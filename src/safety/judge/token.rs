/// A piece of an SQL text: a word, folded unless it is quoted, or a symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    /// Whether it may be a name, and never a keyword.
    pub(super) quoted: bool,
}

/// The words and symbols of a text, without comments. A string is the symbol `'`, whatever it holds.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '"' | '\'' => quoted(rest, first, None),
            'e' | 'E' if rest[1..].starts_with('\'') => 1 + quoted(&rest[1..], '\'', Some('\\')),
            '$' => dollar_quoted(rest).unwrap_or(1),
            _ if is_in_word(first) => {
                rest.find(|letter| !is_in_word(letter) && letter != '$').unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        let (piece, behind) = rest.split_at(length);
        tokens.extend(token(piece, first));
        rest = behind;
    }
    tokens
}

fn token(piece: &str, first: char) -> Option<Token> {
    let (text, is_quoted) = match first {
        '-' | '/' if piece.len() > 1 => return None,
        _ if first.is_whitespace() => return None,
        '"' => (piece.trim_matches('"').replace("\"\"", "\""), true),
        '\'' | '$' => ("'".to_owned(), false),
        'e' | 'E' if piece.contains('\'') => ("'".to_owned(), false),
        _ => (piece.to_lowercase(), false),
    };
    Some(Token { text, quoted: is_quoted })
}

fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Comments nest.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(text: &str, quote: char, escape: Option<char>) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if Some(letter) == escape {
            letters.next();
        } else if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

fn dollar_quoted(text: &str) -> Option<usize> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let is_tag = tag[1..end - 1].chars().all(is_in_word);
    let closing = is_tag.then(|| text[end..].find(tag)).flatten()?;
    Some(end + closing + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_symbols_and_nothing_of_strings_and_comments() {
        let text = "ALTER table/* a /* b */ c */ \"My\"\"T\".x -- end\n set 'it''s' = $a$ drop $a$, $1;é";
        let words: Vec<_> = tokens(text).into_iter().map(|token| token.text).collect();
        let expected = ["alter", "table", "My\"T", ".", "x", "set", "'", "=", "'", ",", "'", "1", ";", "é"];
        assert_eq!(words, expected);
    }

    #[test]
    fn a_backslash_counts_in_an_escape_string_alone() {
        for (text, expected) in [
            (r"set a = E'it\'s', b", ["set", "a", "=", "'", ",", "b"]),
            (r"set a = e'\\''', b", ["set", "a", "=", "'", ",", "b"]),
            (r"set fee'a\' , b e", ["set", "fee", "'", ",", "b", "e"]),
        ] {
            let words: Vec<_> = tokens(text).into_iter().map(|token| token.text).collect();
            assert_eq!(words, expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        for text in ["'abc", "e'abc\\", "\"abc", "/* abc", "$a$ abc", "-- abc", "$", "a$b$"] {
            assert!(tokens(text).len() <= 4, "{text}");
        }
    }
}
