use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::Result;
use crate::workload::Revision;

/// What a crate carries its revisions with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Nothing: it connects and sends one query.
    Floor,
    Ours,
    Refinery,
    Sqlx,
    /// Tests, each with a database of its own.
    OursTests,
    SqlxTests,
}

/// A crate of the scratch workspace.
#[derive(Debug)]
pub(crate) struct Krate {
    pub(crate) name: String,
    pub(crate) tool: Tool,
    pub(crate) revisions: Vec<Revision>,
}

impl Krate {
    pub(crate) fn new(name: impl Into<String>, tool: Tool, revisions: Vec<Revision>) -> Self {
        Self { name: name.into(), tool, revisions }
    }

    /// Writes its files, and leaves equal ones alone so that cargo does. Files of migrations that do not belong to
    /// it are removed.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let mut files = BTreeMap::new();
        for revision in &self.revisions {
            files.extend(self.tool.files(revision));
        }
        let migrations = folder.join("migrations");
        fs::create_dir_all(&migrations)?;
        for entry in fs::read_dir(&migrations)? {
            let entry = entry?;
            if entry.file_name().to_str().is_none_or(|name| !files.contains_key(name)) {
                fs::remove_file(entry.path())?;
            }
        }
        for (name, text) in files {
            write_if_changed(&migrations.join(name), &text)?;
        }
        write_if_changed(&folder.join("Cargo.toml"), &self.manifest())?;
        write_if_changed(&folder.join("src/main.rs"), self.tool.main())?;
        match self.tool {
            Tool::Ours | Tool::OursTests => {
                write_if_changed(&folder.join("build.rs"), include_str!("crates/ours_build.rs"))
            }
            _ => Ok(()),
        }
    }

    fn manifest(&self) -> String {
        format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n{}",
            self.name,
            self.tool.dependencies()
        )
    }
}

impl Tool {
    /// The names and texts of a revision's files.
    pub(crate) fn files(self, revision: &Revision) -> Vec<(String, String)> {
        let Revision { version, name, up, down } = revision;
        match self {
            Self::Floor => Vec::new(),
            Self::Ours | Self::OursTests => vec![
                (format!("V{version}__{name}.sql"), up.clone()),
                (format!("V{version}__{name}.down.sql"), down.clone()),
            ],
            Self::Refinery => vec![(format!("V{version}__{name}.sql"), up.clone())],
            Self::Sqlx | Self::SqlxTests => vec![(format!("{version}_{name}.sql"), up.clone())],
        }
    }

    pub(crate) fn main(self) -> &'static str {
        match self {
            Self::Floor => include_str!("crates/floor.rs"),
            Self::Ours => include_str!("crates/ours.rs"),
            Self::Refinery => include_str!("crates/refinery.rs"),
            Self::Sqlx => include_str!("crates/sqlx.rs"),
            Self::OursTests => include_str!("crates/ours_tests.rs"),
            Self::SqlxTests => include_str!("crates/sqlx_tests.rs"),
        }
    }

    fn dependencies(self) -> String {
        let root = env!("CARGO_MANIFEST_DIR");
        match self {
            Self::Floor => "tokio-postgres = \"0.7\"\n".to_owned(),
            Self::Ours | Self::OursTests => {
                let (more, features) = match self {
                    Self::OursTests => ("tokio-postgres = \"0.7\"\n", "\"testing\", \"tls\""),
                    _ => ("clap = { version = \"4\", features = [\"derive\"] }\n", "\"cli\", \"tls\""),
                };
                format!(
                    "{more}hardtack = {{ path = {root:?}, default-features = false, features = [{features}] }}\n\n\
                     [build-dependencies]\nhardtack-build = {{ path = {:?} }}\n",
                    format!("{root}/macros/build")
                )
            }
            Self::Refinery => "refinery = { version = \"0.10\", features = [\"tokio-postgres\"] }\n\
                               tokio-postgres = \"0.7\"\n"
                .to_owned(),
            Self::Sqlx | Self::SqlxTests => {
                "sqlx = { version = \"0.9\", default-features = false, features = [\"macros\", \
                           \"migrate\", \"postgres\", \"runtime-tokio\"] }\n"
                    .to_owned()
            }
        }
    }
}

/// Leaves an equal file alone.
pub(crate) fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    match fs::read(path) {
        Ok(old) if old == text.as_bytes() => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::write(path, text)?)
}
