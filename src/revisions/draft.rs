use std::fs;

use hardtack_build::{Finding, Level, ResolveError as BuildError};

use super::resolve::{ResolveError, policy};

/// A revision that is not yet in its folder.
#[derive(Clone, Debug)]
pub struct Draft {
    /// `V8__name`.
    pub stem: String,
    /// The up's text.
    pub up: String,
    /// The down's.
    pub down: Option<String>,
}

impl Draft {
    /// The files: their names below the folder, and their texts.
    pub fn files(&self) -> impl Iterator<Item = (String, &str)> {
        let up = (format!("{}.sql", self.stem), self.up.as_str());
        let down = self.down.as_deref().map(|down| (format!("{}.down.sql", self.stem), down));
        std::iter::once(up).chain(down)
    }

    /// The lint rules that the build wants to see allowed in it.
    ///
    /// # Errors
    /// As [`resolve`](super::resolve).
    pub fn hazards(&self) -> Result<Vec<String>, ResolveError> {
        let findings = self.findings()?;
        let mut rules: Vec<String> =
            findings.iter().filter(|one| is_hazard(one)).map(|one| one.code.to_string()).collect();
        rules.sort();
        rules.dedup();
        Ok(rules)
    }

    /// What the build would refuse in it.
    ///
    /// # Errors
    /// As [`resolve`](super::resolve).
    pub fn faults(&self) -> Result<Vec<String>, ResolveError> {
        let errors = self.findings()?.into_iter().filter(|finding| finding.level == Level::Error);
        Ok(errors.map(|finding| finding.to_string()).collect())
    }

    /// What the resolver says of it alone, in a folder that is removed again.
    fn findings(&self) -> Result<Vec<Finding>, ResolveError> {
        let folder = std::env::temp_dir().join(format!("hardtack-draft-{:016x}", fastrand::u64(..)));
        let laid_out = fs::create_dir(&folder)
            .and_then(|()| self.files().try_for_each(|(name, text)| fs::write(folder.join(name), text)));
        let findings = match laid_out {
            Ok(()) => policy()
                .map_err(ResolveError::from)
                .and_then(|policy| Ok(hardtack_build::resolve(&folder, &policy)?.findings)),
            Err(source) => Err(BuildError::Read { path: folder.clone(), source }.into()),
        };
        if let Err(error) = fs::remove_dir_all(&folder) {
            tracing::warn!(path = %folder.display(), %error, "a temporary folder is still there");
        }
        let place = format!("{}/", folder.display());
        let in_folder = |finding: Finding| Finding { file: finding.file.replace(&place, ""), ..finding };
        findings.map(|findings| findings.into_iter().map(in_folder).collect())
    }
}

fn is_hazard(finding: &Finding) -> bool {
    finding.help.contains("`-- hardtack: allow ")
}
