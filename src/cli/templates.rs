use std::path::Path;

use time::OffsetDateTime;

use super::generate::Numbered;
use super::output::remark;
use super::session::Failure;

/// What a new file is made of: the team's own template in `templates/` of the folder, or else ours.
#[derive(Clone, Copy, Debug)]
pub(super) enum Template {
    Up,
    Down,
    Rust,
}

impl Template {
    /// The text of a file. `{title}`, `{name}`, `{stem}`, `{version}`, `{date}` and `{sql}` are filled in, and everything else is
    /// as it stands; SQL for which the template has no place comes last. Directives come first, for only there
    /// they count.
    pub(super) fn fill(
        self,
        folder: &Path,
        revision: &Numbered,
        directives: &str,
        sql: &str,
    ) -> Result<String, Failure> {
        let mut template = self.text(folder)?;
        if !sql.is_empty() && !template.contains("{sql}") {
            template.push_str("\n{sql}\n");
        }
        let (version, date) = (revision.version.to_string(), OffsetDateTime::now_utc().date().to_string());
        let values = [
            ("{title}", &*revision.title),
            ("{name}", &*revision.name),
            ("{stem}", &*revision.stem),
            ("{version}", &*version),
            ("{date}", &*date),
            ("{sql}", sql.trim_end()),
        ];
        Ok(format!("{directives}{}", filled(&template, &values)))
    }

    fn text(self, folder: &Path) -> Result<String, Failure> {
        let (file, ours) = match self {
            Self::Up => (UP, "-- {title}\n"),
            Self::Down => (DOWN, "-- Undoes {stem}.sql\n"),
            Self::Rust => (RUST_FILE, RUST),
        };
        let path = folder.join("templates").join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.replace("\r\n", "\n")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ours.to_owned()),
            Err(error) => Err(Failure::usage(format!("read the template {}: {error}", path.display()))),
        }
    }
}

const UP: &str = "up.sql";
const DOWN: &str = "down.sql";
const RUST_FILE: &str = "rust.rs";

/// A file of another name may be a typing error.
pub(super) fn tell_unknown(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder.join("templates")) else { return };
    for entry in
        entries.flatten().filter(|entry| ![UP, DOWN, RUST_FILE].iter().any(|name| entry.file_name() == *name))
    {
        remark(&format!(
            "{} is no template: their names are {UP}, {DOWN} and {RUST_FILE}",
            entry.path().display()
        ));
    }
}

/// A template with its places filled in; what is put there is not looked at again.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(brace) = rest.find('{') {
        let (before, from) = rest.split_at(brace);
        text.push_str(before);
        let found = values.iter().find(|(place, _)| from.starts_with(place));
        let (place, value) = found.copied().unwrap_or(("{", "{"));
        text.push_str(value);
        rest = &from[place.len()..];
    }
    text + rest
}

const RUST: &str = r#"//! {title}

use hardtack::prelude::*;

#[hardtack::up]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context.execute("select 1", &[]).await?;
    Ok(())
}

#[hardtack::down]
async fn down(context: &mut Context<'_>) -> Result<()> {
    context.execute("select 1", &[]).await?;
    Ok(())
}
"#;
