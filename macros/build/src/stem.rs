use std::fmt;

use crate::revision::Kind;

/// A revision's stem, `V7__split_names`; ordered by version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Stem {
    pub(crate) version: i64,
    pub(crate) kind: Kind,
    pub(crate) name: String,
}

/// Which of a revision's files a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `.sql`
    Up,
    /// `.down.sql`
    Down,
    /// `.rs`
    Rust,
}

impl Stem {
    /// Reads a file name; the error says what is wrong with it.
    pub(crate) fn parse(file_name: &str) -> Result<(Self, Part), &'static str> {
        let (stem, part) = split_extension(file_name);
        let kind = match stem.chars().next() {
            Some('V') => Kind::Versioned,
            Some('U') => Kind::Unversioned,
            _ => return Err("the name does not start with `V` or `U`"),
        };
        let digits = stem[1..].bytes().take_while(u8::is_ascii_digit).count();
        let (version, name) = stem[1..].split_at(digits);
        if digits == 0 {
            return Err("the name has no version behind its first letter");
        }
        let name = name.strip_prefix("__").ok_or("the version is not followed by two underscores")?;
        let version = version.parse().map_err(|_| "the version does not fit 64 bits")?;
        if name.is_empty() || !name.chars().all(is_word) {
            return Err("the name has a character that is no letter, digit or underscore");
        }
        Ok((Self { version, kind, name: name.to_owned() }, part))
    }
}

impl fmt::Display for Stem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}__{}", self.kind, self.version, self.name)
    }
}

/// The stem and the version of a revision's file, `("V7__split_names", 7)` of `accounts/V7__split_names.down.sql`: by its
/// name alone. None where the name is not one of a revision.
#[must_use]
pub fn stem_of(file: &str) -> Option<(String, i64)> {
    let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
    let is_of_revision = [".sql", ".rs"].iter().any(|extension| name.ends_with(extension));
    let (stem, _) = Stem::parse(name).ok().filter(|_| is_of_revision)?;
    Some((stem.to_string(), stem.version))
}

/// A revision's name made of free text, `split_the_names` of `Split the names!`: lower case, words joined by
/// single underscores, no character that a file name may not have. None where nothing is left of the text.
#[must_use]
pub fn name_of(text: &str) -> Option<String> {
    let words = text.split(|letter: char| !is_word(letter) || letter == '_');
    // The small form of a letter may come with an accent that is a character of its own and no letter.
    let words = words.map(|word| word.to_lowercase().chars().filter(|&letter| is_word(letter)).collect());
    let words: Vec<String> = words.filter(|word: &String| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join("_"))
}

/// What a wrongly named file should be called, as a sentence.
pub(crate) fn suggestion(file_name: &str) -> String {
    if file_name == "mod.rs" {
        return "delete it: `hardtack::embed!()` needs no module file".to_owned();
    }
    let shape = "name it `V<version>__<words_and_underscores>`, as in `V7__split_names.sql`";
    let (stem, _) = split_extension(file_name);
    let extension = &file_name[stem.len()..];
    match corrected(stem) {
        Some(stem) => format!("did you mean `{stem}{extension}`? {shape}"),
        None => shape.to_owned(),
    }
}

/// The stem with the usual slips mended: a small or missing letter, one underscore, hyphens.
fn corrected(stem: &str) -> Option<String> {
    let letter = if stem.starts_with(['u', 'U']) { 'U' } else { 'V' };
    let rest = stem.trim_start_matches(['v', 'V', 'u', 'U']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (version, name) = rest.split_at(digits);
    let name: String = name.chars().map(|letter| if is_word(letter) { letter } else { '_' }).collect();
    let name = name.trim_matches('_');
    let candidate = format!("{letter}{version}__{name}");
    Stem::parse(&candidate).is_ok().then_some(candidate)
}

fn split_extension(file_name: &str) -> (&str, Part) {
    let endings = [(".down.sql", Part::Down), (".sql", Part::Up), (".rs", Part::Rust)];
    let found = endings.iter().find_map(|&(ending, part)| Some((file_name.strip_suffix(ending)?, part)));
    found.unwrap_or((file_name, Part::Up))
}

/// Refinery's `\w`: it silently cuts a name at the first character that is none.
fn is_word(letter: char) -> bool {
    letter.is_alphabetic() || letter.is_ascii_digit() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_stem() {
        let (stem, part) = Stem::parse("V7__split_names.down.sql").unwrap();
        assert_eq!((stem.to_string().as_str(), part), ("V7__split_names", Part::Down));
        assert_eq!(Stem::parse("U007__größe.rs").unwrap().0.version, 7);
    }

    #[test]
    fn free_text_becomes_a_name() {
        for (text, name) in [
            ("Normalise e-mails", "normalise_e_mails"),
            ("  __x  ", "x"),
            ("Größe", "größe"),
            ("m² area", "m_area"),
            ("İstanbul", "istanbul"),
            ("2FA", "2fa"),
            ("ΌΔΟΣ", "όδος"),
        ] {
            assert_eq!(name_of(text).as_deref(), Some(name));
        }
        for nothing in ["", "--", "_", "²", "\u{301}"] {
            assert_eq!(name_of(nothing), None, "{nothing:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_name_is_accepted(text: String) {
            if let Some(name) = name_of(&text) {
                let stem = Stem::parse(&format!("V1__{name}.sql")).map(|(stem, _)| stem.name);
                proptest::prop_assert_eq!(stem, Ok(name));
            }
        }
    }

    #[test]
    fn slips_are_mended() {
        for (wrong, right) in [
            ("v1_x.sql", "V1__x.sql"),
            ("V1_x.down.sql", "V1__x.down.sql"),
            ("V1__a-b.sql", "V1__a_b.sql"),
            ("20240101_x.rs", "V20240101__x.rs"),
            ("U2x.sql", "U2__x.sql"),
        ] {
            assert!(Stem::parse(wrong).is_err(), "{wrong}");
            assert!(suggestion(wrong).starts_with(&format!("did you mean `{right}`?")), "{wrong}");
        }
        assert!(suggestion("notes.sql").starts_with("name it"));
    }
}
