use std::fmt;

use serde::Serialize;

/// Why a row cannot be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MappingProblem {
    /// It failed, or never ended.
    Broken {
        /// What to do with the tool first.
        advice: &'static str,
    },
    /// No revision has its version or its name.
    Unknown,
    /// Its version belongs to one revision and its name to another, or its name to several.
    Ambiguous {
        /// The stems of those revisions.
        stems: Vec<String>,
    },
    /// The revision of its version has another name.
    NamedOtherwise {
        /// The revision's stem.
        stem: String,
    },
    /// The revision's text is not what refinery applied.
    Edited {
        /// The revision's stem.
        stem: String,
    },
    /// Several rows found the same revision.
    Shared {
        /// The revision's stem.
        stem: String,
    },
    /// One revision stands for a range in which its version lies, and the range's last is not applied there.
    InsideSquash {
        /// That revision's stem.
        stem: String,
    },
    /// The tool keeps the newest row alone, and there are several.
    SeveralHeads,
}

/// Why there is no mapping at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// No row has this id.
    #[error("map {id}: no row of {table} is called that; nothing was changed; `adopt --plan` lists them")]
    UnknownRow {
        /// The id as it was given.
        id: String,
        /// The table.
        table: String,
    },
    /// No revision has this version.
    #[error(
        "map {id} to version {version}: there is no such revision; nothing was changed; name another version, or \
         `none`"
    )]
    UnknownRevision {
        /// The row's id.
        id: String,
        /// The version as it was given.
        version: i64,
    },
}

impl MappingProblem {
    /// The revisions in question.
    pub(super) fn stems(&self) -> &[String] {
        match self {
            Self::Ambiguous { stems } => stems,
            Self::NamedOtherwise { stem }
            | Self::Edited { stem }
            | Self::Shared { stem }
            | Self::InsideSquash { stem } => std::slice::from_ref(stem),
            Self::Broken { .. } | Self::Unknown | Self::SeveralHeads => &[],
        }
    }

    /// What the one who reads it can do about the row of that id.
    #[must_use]
    pub fn advice(&self, id: &str) -> String {
        match self {
            Self::Broken { advice } => (*advice).to_owned(),
            Self::Unknown => format!(
                "bring its file here as a revision, say which revision stands for it with --map {id}=VERSION, or that \
                 none has to with --map {id}=none"
            ),
            Self::NamedOtherwise { .. } | Self::Ambiguous { .. } => {
                format!("see which revision it is, and say so with --map {id}=VERSION")
            }
            Self::Edited { .. } => format!(
                "restore the text as it was applied; or see that the schema is what the text makes, and say so with \
                 --map {id}=VERSION"
            ),
            Self::Shared { .. } => {
                format!("say for each of these rows what it is, with --map {id}=VERSION or --map {id}=none")
            }
            Self::InsideSquash { .. } => {
                "apply the rest of what it stands for with the old tool first".to_owned()
            }
            Self::SeveralHeads => format!(
                "merge the branches with the old tool first; or say for each head what it is, with --map \
                 {id}=VERSION or --map {id}=none: the newest revision that is named so, and everything before it, \
                 counts as applied"
            ),
        }
    }
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { .. } => formatter.write_str("it is not whole"),
            Self::Unknown => formatter.write_str("no revision here has its version or its name"),
            Self::Ambiguous { stems } => write!(formatter, "it may be any of {}", stems.join(", ")),
            Self::NamedOtherwise { stem } => {
                write!(formatter, "its version is that of {stem}, which has another name")
            }
            Self::Edited { stem } => write!(formatter, "the text of {stem} is not the one that was applied"),
            Self::Shared { stem } => write!(formatter, "another row is {stem} as well"),
            Self::InsideSquash { stem } => {
                write!(formatter, "{stem} stands for it and for later ones, the last of which is not applied")
            }
            Self::SeveralHeads => formatter.write_str("it is one of several heads"),
        }
    }
}
