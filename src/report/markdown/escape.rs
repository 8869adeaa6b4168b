use std::fmt::Write;

use super::super::words::turns;

/// A text that no character makes markup: neither Markdown's, nor HTML's, nor a mention. In entities, because they mean the same
/// in a paragraph, in a table and within HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let letters: Vec<char> = text.chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        match letter {
            // GitHub looks for mentions in the text that comes of it, where an entity is none.
            '@' => escaped.push_str("@<!-- -->"),
            '_' if is_within_word(&letters, place) => escaped.push('_'),
            letter => push(&mut escaped, letter),
        }
    }
    escaped
}

/// A name in the type of code, where nothing is a mention.
pub(super) fn code(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 13);
    escaped.push_str("<code>");
    let letters: Vec<char> = text.chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        if letter == '_' && is_within_word(&letters, place) {
            escaped.push('_');
        } else {
            push(&mut escaped, letter);
        }
    }
    escaped.push_str("</code>");
    escaped
}

/// A sentence in which names and commands stand between backticks.
pub(super) fn sentence(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part =
        |(place, part): (usize, &&str)| if place.is_multiple_of(2) { escaped(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

/// A block of code, behind a fence that does not occur in it.
pub(super) fn fenced(text: &str, language: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let text: String = text.chars().map(harmless).collect();
    format!("{fence}{language}\n{}\n{fence}", text.trim_end())
}

fn push(escaped: &mut String, letter: char) {
    match harmless(letter) {
        '\n' | '\t' => escaped.push(' '),
        letter if "&<>\"'`*_[]|\\~#@$".contains(letter) => {
            let _ = write!(escaped, "&#{};", u32::from(letter));
        }
        letter => escaped.push(letter),
    }
}

/// Letters within a word are no emphasis, whatever lines are between them.
fn is_within_word(letters: &[char], place: usize) -> bool {
    let before = letters[..place].iter().rev().find(|letter| **letter != '_');
    let after = letters[place..].iter().find(|letter| **letter != '_');
    before.is_some_and(|letter| letter.is_alphanumeric())
        && after.is_some_and(|letter| letter.is_alphanumeric())
}

/// Neither steers a terminal nor makes a text read as another one.
fn harmless(letter: char) -> char {
    match letter {
        '\n' | '\t' => letter,
        letter if letter.is_control() || turns(letter) => '\u{fffd}',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_markup() {
        assert_eq!(escaped("a|b <i> *c* _d_"), "a&#124;b &#60;i&#62; &#42;c&#42; &#95;d&#95;");
        assert_eq!(escaped("@all\nnow"), "@<!-- -->all now");
        assert_eq!(escaped("V7__split_names"), "V7__split_names");
    }

    #[test]
    fn code_is_a_name() {
        assert_eq!(code("V7__x"), "<code>V7__x</code>");
        assert_eq!(code("a`</code>@b"), "<code>a&#96;&#60;/code&#62;&#64;b</code>");
    }

    #[test]
    fn a_command_is_code() {
        assert_eq!(sentence("run `git mv a b`, *now*"), "run <code>git mv a b</code>, &#42;now&#42;");
        assert_eq!(sentence("a ` alone"), "a &#96; alone");
        assert_eq!(sentence("``<b>`@all`"), "<code></code>&#60;b&#62;<code>&#64;all</code>");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("select 1\n", "sql"), "```sql\nselect 1\n```");
        assert_eq!(fenced("a ```` b", "sql"), "`````sql\na ```` b\n`````");
        assert_eq!(fenced("a\u{1b}b", ""), "```\na\u{fffd}b\n```");
    }
}
