use std::path::Path;

use super::config_file::{ConfigFile, Values};
use super::settings::{Setting, SettingsError};

/// Tables of one kind in `hardtack.toml` that apply, the more special first: `[environments.NAME.gates]`, then `[gates]`.
pub(super) struct Tables<'a, T> {
    tables: Vec<(String, &'a T)>,
    path: &'a Path,
}

impl<'a, T> Tables<'a, T> {
    pub(super) fn new(
        (file, path, environment): (&'a ConfigFile, &'a Path, Option<&str>),
        kind: &str,
        (own, of_environment): (&'a T, fn(&Values) -> &T),
    ) -> Self {
        let special = environment.and_then(|name| {
            Some((format!("[environments.{name}.{kind}]"), of_environment(file.environments.get(name)?)))
        });
        let tables = special.into_iter().chain([(format!("[{kind}]"), own)]).collect();
        Self { tables, path }
    }

    /// The first that sets a key decides about it alone.
    pub(super) fn get<G: ?Sized, V>(
        &self,
        name: &'static str,
        default: V,
        of: impl Fn(&T) -> Option<&G>,
        parse: impl Fn(&G) -> Result<V, (String, String)>,
    ) -> Result<Setting<V>, SettingsError> {
        let found = self.tables.iter().find_map(|(table, values)| Some((table, of(values)?)));
        let Some((table, given)) = found else {
            return Ok(Setting { value: default, source: "default".to_owned() });
        };
        let source = format!("{} {table}", self.path.display());
        match parse(given) {
            Ok(value) => Ok(Setting { value, source }),
            Err((value, reason)) => Err(SettingsError::Value { name, value, source_name: source, reason }),
        }
    }
}
