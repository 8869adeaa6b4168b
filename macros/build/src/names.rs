use crate::revision::Revision;

/// `v7_split_names`, for the stem `V7__split_names`.
pub(crate) fn module_name(revision: &Revision) -> String {
    let words: Vec<_> = words(revision).map(str::to_lowercase).collect();
    format!("{}{}_{}", revision.kind.to_string().to_lowercase(), revision.version, words.join("_"))
}

/// `V7SplitNames`, for the stem `V7__split_names`.
pub(crate) fn variant_name(revision: &Revision) -> String {
    let name: String = words(revision).map(capitalised).collect();
    // Else `V1__2fa` would read as version 12.
    let separator = if name.starts_with(|letter: char| letter.is_ascii_digit()) { "_" } else { "" };
    format!("{}{}{separator}{name}", revision.kind, revision.version)
}

/// The parts of the name. Letters that Rust takes for no part of an identifier divide it as well.
fn words(revision: &Revision) -> impl Iterator<Item = &str> {
    let is_divider = |letter: char| letter == '_' || !(letter.is_ascii() || is_identifier(letter));
    revision.name.split(is_divider).filter(|word| !word.is_empty())
}

pub(crate) fn is_identifier(letter: char) -> bool {
    // White space would be passed over.
    let text = format!("x{letter}");
    syn::parse_str::<syn::Ident>(&text).is_ok_and(|ident| ident == text)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::around::Around;
    use crate::revision::{Down, Kind, Script, Settings, Step};
    use crate::schema::Schema;

    fn revision(version: i64, name: &str) -> Revision {
        let settings = Settings::default();
        let script = Script {
            file: String::new(),
            text: String::new(),
            statements: Vec::new(),
            effects: Vec::new(),
            hazards: Vec::new(),
            settings,
        };
        Revision {
            version,
            kind: Kind::Versioned,
            name: name.to_owned(),
            up: Step::Sql(script),
            down: Down::Missing,
            around: Around::default(),
            sha256: String::new(),
            checksum: 0,
            replaces: None,
            schema: Schema::Unused,
        }
    }

    #[test]
    fn names_follow_rust_style() {
        for (version, name, module, variant) in [
            (7, "split_names", "v7_split_names", "V7SplitNames"),
            (1, "2fa", "v1_2fa", "V1_2fa"),
            (2, "Add__URL_", "v2_add_url", "V2AddURL"),
            (3, "größe", "v3_größe", "V3Größe"),
            (4, "a\u{24b6}b", "v4_a_b", "V4AB"),
            (5, "_", "v5_", "V5"),
        ] {
            let revision = revision(version, name);
            assert_eq!(
                (module_name(&revision).as_str(), variant_name(&revision).as_str()),
                (module, variant)
            );
        }
    }
}
