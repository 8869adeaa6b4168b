use std::path::Path;

use time::OffsetDateTime;

use super::generate::Numbered;
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
            // Last, for what stands in it is no place to fill in.
            ("{sql}", sql.trim_end()),
        ];
        let filled = values.iter().fold(template, |text, (place, value)| text.replace(place, value));
        Ok(format!("{directives}{filled}"))
    }

    fn text(self, folder: &Path) -> Result<String, Failure> {
        let (file, ours) = match self {
            Self::Up => ("up.sql", "-- {title}\n"),
            Self::Down => ("down.sql", "-- Undoes {stem}.sql\n"),
            Self::Rust => ("rust.rs", RUST),
        };
        let path = folder.join("templates").join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.replace("\r\n", "\n")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ours.to_owned()),
            Err(error) => Err(Failure::usage(format!("read the template {}: {error}", path.display()))),
        }
    }
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
