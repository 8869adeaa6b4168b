use std::fmt;

use super::{Difference, Kind, ObjectId};

/// What is not to count as drift: patterns over the names of objects as messages have them, perhaps for some of their
/// attributes only.
///
/// `*` stands for any number of characters, `?` for one, and `\` takes their meaning from both. What is part of a table goes
/// with the table.
///
/// ```
/// use hardtack::catalog::{Ignore, Kind, ObjectId};
///
/// let ignore = Ignore::new(["table public.events_2026*", "extension *", "* : grants, owner"])?;
/// assert!(ignore.object(&ObjectId::new(Kind::Table, "public", "events_2026_01")));
/// assert!(ignore.object(&ObjectId::part(Kind::Column, "public", "events_2026_01", "id")));
/// assert!(!ignore.object(&ObjectId::new(Kind::Table, "public", "events")));
/// # Ok::<(), hardtack::catalog::IgnoreError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pattern:?}: {reason}")]
pub struct IgnoreError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it, and how to write it.
    pub reason: &'static str,
}

#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    object: Glob,
    /// The attributes that it is for; none for all of the object.
    attributes: Option<Vec<Glob>>,
}

const NO_ATTRIBUTES: &str =
    "behind \" : \" stand attributes as messages have them, such as \"* : grants, owner\"";

/// What objects without DDL here are called.
const WITHOUT_DDL: &[&str] = &[
    "access method",
    "cast",
    "conversion",
    "language",
    "operator",
    "operator class",
    "operator family",
    "security label",
    "subscription",
    "text search configuration",
    "text search dictionary",
    "text search parser",
    "text search template",
    "transform",
    "type",
];

/// What is left of differences.
#[derive(Clone, Debug, Default)]
pub struct Sifted {
    /// What counts.
    pub differences: Vec<Difference>,
    /// How many do not count at all.
    pub ignored: usize,
    /// The patterns for which there was nothing to match.
    pub unused: Vec<String>,
}

impl Ignore {
    /// Reads patterns: `table public.events_2026*`, or `* : grants, comment` for attributes.
    ///
    /// # Errors
    /// The first pattern that is malformed.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, IgnoreError> {
        let patterns = patterns.into_iter().map(Pattern::parse).collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// Whether nothing of an object counts.
    #[must_use]
    pub fn object(&self, id: &ObjectId) -> bool {
        self.patterns.iter().any(|pattern| pattern.attributes.is_none() && pattern.matches(id))
    }

    /// Leaves out what does not count. A pattern is unused where it matches none of the `objects`, and none of an object's
    /// attributes that differ.
    #[must_use]
    pub fn sift(&self, differences: Vec<Difference>, objects: &[&ObjectId]) -> Sifted {
        let total = differences.len();
        let mut used: Vec<bool> = self
            .patterns
            .iter()
            .map(|pattern| pattern.attributes.is_none() && objects.iter().any(|id| pattern.matches(id)))
            .collect();
        let kept = differences.into_iter().filter_map(|difference| self.kept(difference, &mut used));
        let differences: Vec<Difference> = kept.collect();
        let unused = self.patterns.iter().zip(&used).filter(|(_, used)| !**used);
        Sifted {
            ignored: total - differences.len(),
            differences,
            unused: unused.map(|(pattern, _)| pattern.text.clone()).collect(),
        }
    }

    fn kept(&self, mut difference: Difference, used: &mut [bool]) -> Option<Difference> {
        if self.object(difference.object()) {
            return None;
        }
        let Difference::Different { object, fields } = &mut difference else { return Some(difference) };
        for (pattern, used) in self.patterns.iter().zip(used) {
            let Some(attributes) = pattern.attributes.as_ref().filter(|_| pattern.matches(object)) else {
                continue;
            };
            let before = fields.len();
            fields.retain(|field| !attributes.iter().any(|attribute| attribute.matches(&field.name)));
            *used |= fields.len() < before;
        }
        (!fields.is_empty()).then_some(difference)
    }
}

impl fmt::Display for Ignore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<&str> = self.patterns.iter().map(|pattern| pattern.text.as_str()).collect();
        formatter.write_str(&texts.join("; "))
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, IgnoreError> {
        let wrong = |reason| IgnoreError { pattern: text.to_owned(), reason };
        let (object, attributes) = match text.rsplit_once(" : ") {
            Some((object, attributes)) => (object, Some(attributes)),
            None => (text, None),
        };
        let object = object.trim();
        if object.is_empty() {
            return Err(wrong(
                "it names no object; write a kind and a name, such as \"table public.events_*\"",
            ));
        }
        let word = object.split(' ').next().unwrap_or_default();
        if ["grant", "grants", "comment", "owner"].contains(&word) {
            return Err(wrong("that is an attribute of objects, not an object; write it as \"* : grants\""));
        }
        if object.ends_with(" :") {
            return Err(wrong(NO_ATTRIBUTES));
        }
        let attributes = attributes.map(|attributes| attributes.split(',').map(str::trim).map(Glob::parse));
        let attributes = attributes
            .map(|attributes| attributes.map(|glob| glob.filter(Glob::is_attribute)).collect::<Option<_>>());
        if attributes == Some(None) {
            return Err(wrong(NO_ATTRIBUTES));
        }
        let object = Glob::parse(object).ok_or_else(|| wrong("it ends in a lone backslash"))?;
        let kinds = Kind::ALL.iter().map(|kind| kind.name()).chain(WITHOUT_DDL.iter().copied());
        if !kinds.into_iter().any(|kind| object.may_begin(&format!("{kind} "))) {
            return Err(wrong(
                "it begins with no kind of object; write one in lowercase as messages do, such as \"table public.events_*\", or `*` for all",
            ));
        }
        Ok(Self { text: text.to_owned(), object, attributes: attributes.flatten() })
    }

    /// Whether it is for this object, or for the table of which it is part.
    fn matches(&self, id: &ObjectId) -> bool {
        self.object.matches(&id.to_string())
            || id.relations().iter().any(|relation| self.object.matches(&relation.to_string()))
    }
}

/// A text with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Letter(char),
}

impl Glob {
    /// Reads a pattern; none where nothing stands behind a backslash.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut tokens = Vec::with_capacity(text.len());
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            tokens.push(match letter {
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => Token::Letter(letters.next()?),
                letter => Token::Letter(letter),
            });
        }
        Some(Self(tokens))
    }

    /// Whether some text that begins so matches.
    fn may_begin(&self, start: &str) -> bool {
        let (mut tokens, mut letters) = (self.0.iter(), start.chars());
        loop {
            match (letters.next(), tokens.next()) {
                (None, _) | (_, Some(Token::Any)) => return true,
                (Some(_), Some(Token::One)) => {}
                (Some(letter), Some(&Token::Letter(token))) if letter == token => {}
                _ => return false,
            }
        }
    }

    fn is_attribute(&self) -> bool {
        let of_name = |token: &Token| match token {
            Token::Letter(letter) => letter.is_ascii_lowercase() || *letter == '_',
            Token::Any | Token::One => true,
        };
        !self.0.is_empty() && self.0.iter().all(of_name)
    }

    /// Goes back to the last `*` alone: what an earlier one could take, that one can as well.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let (tokens, text) = (&self.0, text.chars().collect::<Vec<_>>());
        let (mut token, mut at, mut back) = (0, 0, None);
        while at < text.len() {
            match tokens.get(token) {
                Some(Token::Any) => {
                    back = Some((token, at));
                    token += 1;
                }
                Some(Token::One) => (token, at) = (token + 1, at + 1),
                Some(&Token::Letter(letter)) if letter == text[at] => (token, at) = (token + 1, at + 1),
                _ => {
                    let Some((any, from)) = back else { return false };
                    back = Some((any, from + 1));
                    (token, at) = (any + 1, from + 1);
                }
            }
        }
        tokens[token..].iter().all(|token| *token == Token::Any)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::{Field, Kind};

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::parse(pattern).unwrap().matches(text)
    }

    #[test]
    fn wildcards_match_as_in_a_shell() {
        for (pattern, text, expected) in [
            ("table a.b", "table a.b", true),
            ("table a.b", "table a.bc", false),
            ("table a.b*", "table a.bc", true),
            ("table a.b*", "table a.b", true),
            ("*b*c*", "abxbcx", true),
            ("*b*cd", "abcbce", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("*", "", true),
            ("operator public.\\*(*", "operator public.*(integer, integer)", true),
            ("operator public.\\*(*", "operator public.+(integer, integer)", false),
            ("größe_??", "größe_öä", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_may_be_for_several_kinds() {
        for pattern in
            ["*", "* public.x", "*view public.*", "t?ble public.x", "operator class public.x", "index * on *"]
        {
            assert!(Ignore::new([pattern]).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn malformed_patterns_are_errors() {
        for (pattern, expected) in [
            ("", "it names no object"),
            ("  ", "it names no object"),
            (" : grants", "it names no object"),
            ("grant *", "write it as \"* : grants\""),
            ("* : ", "behind \" : \" stand attributes"),
            ("* : grants,", "behind \" : \" stand attributes"),
            ("* : Grants!", "behind \" : \" stand attributes"),
            ("table public.x :", "behind \" : \" stand attributes"),
            ("table a\\", "a lone backslash"),
            ("tabel public.x", "no kind of object"),
            ("TABLE public.x", "no kind of object"),
            ("public.x", "no kind of object"),
            ("table", "no kind of object"),
        ] {
            let error = Ignore::new([pattern]).unwrap_err().to_string();
            assert!(error.contains(expected), "{pattern}: {error}");
        }
    }

    fn extra(kind: Kind, name: &str, part: &str) -> Difference {
        Difference::Extra { object: ObjectId::part(kind, "public", name, part) }
    }

    fn different(name: &str, fields: &[&str]) -> Difference {
        let field = |name: &&str| Field { name: (*name).to_owned(), expected: Value::Null, found: json!(1) };
        let object = ObjectId::new(Kind::Table, "public", name);
        Difference::Different { object, fields: fields.iter().map(field).collect() }
    }

    fn sift(patterns: &[&str], differences: Vec<Difference>) -> Sifted {
        let objects: Vec<ObjectId> =
            differences.iter().map(|difference| difference.object().clone()).collect();
        let objects: Vec<&ObjectId> = objects.iter().collect();
        Ignore::new(patterns.iter().copied()).unwrap().sift(differences, &objects)
    }

    #[test]
    fn a_table_takes_its_parts_with_it() {
        let sifted = sift(
            &["table public.events_*"],
            vec![
                extra(Kind::Table, "events_1", ""),
                extra(Kind::Column, "events_1", "id"),
                extra(Kind::Index, "events_1", "by_id"),
                extra(Kind::Table, "event", ""),
                extra(Kind::View, "events_2", ""),
            ],
        );
        assert_eq!(sifted.ignored, 3);
        assert_eq!(sifted.differences, [extra(Kind::Table, "event", ""), extra(Kind::View, "events_2", "")]);
        assert!(sifted.unused.is_empty());
    }

    #[test]
    fn attributes_are_left_out_one_by_one() {
        let differences = || vec![different("a", &["grants", "comment"]), different("b", &["grants"])];
        let sifted = sift(&["* : grants"], differences());
        assert_eq!((sifted.differences, sifted.ignored), (vec![different("a", &["comment"])], 1));
        let sifted = sift(&["table public.b : *"], differences());
        assert_eq!(sifted.differences, [different("a", &["grants", "comment"])]);
        let sifted = sift(&["* : grants, comment"], vec![extra(Kind::Table, "c", "")]);
        assert_eq!(sifted.differences, [extra(Kind::Table, "c", "")]);
    }

    #[test]
    fn what_matched_nothing_is_told() {
        let patterns = ["table public.a", "table public.x", "* : owner"];
        let sifted = sift(&patterns, vec![different("a", &["grants"])]);
        assert_eq!(sifted.unused, ["table public.x", "* : owner"]);
    }
}
