use std::fmt::Write as _;

use crate::support::{Folder, cluster};

/// A hazard with what it needs to be one, and the way round it. Lines above the first section say what else it takes.
#[derive(Debug, Default)]
pub(super) struct Example {
    pub(super) rule: String,
    /// `-- needs: 17`: the oldest major version that takes it.
    pub(super) needs: u16,
    /// `-- fails: text`: the server refuses it with that.
    pub(super) fails: Option<String>,
    /// `-- beside: query`: a session with an open transaction has sent it, so that a statement that stands alone has to wait.
    pub(super) beside: Option<String>,
    /// `-- tablespace: name` and `-- database: name`: what has to be in the cluster.
    tablespace: Option<String>,
    database: Option<String>,
    pub(super) before: String,
    pub(super) hazard: String,
    /// Revision by revision.
    pub(super) recipe: Vec<String>,
}

impl Example {
    pub(super) fn all() -> Vec<Self> {
        let files = std::fs::read_dir(super::golden()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
        files.sort();
        let example = |path: &std::path::PathBuf| {
            let rule = path.file_stem().unwrap().to_string_lossy().into_owned();
            Self::parse(rule, &std::fs::read_to_string(path).unwrap())
        };
        files.iter().map(example).collect()
    }

    fn parse(rule: String, text: &str) -> Self {
        let mut example = Self { rule, ..Self::default() };
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next_if(|line| *line != "-- before") {
            let (name, value) = line.strip_prefix("-- ").and_then(|line| line.split_once(": ")).expect(line);
            let value = || Some(value.to_owned());
            match name {
                "needs" => example.needs = value().unwrap().parse().unwrap(),
                "fails" => example.fails = value(),
                "beside" => example.beside = value(),
                "tablespace" => example.tablespace = value(),
                "database" => example.database = value(),
                _ => panic!("{}: {line}", example.rule),
            }
        }
        example.read_sections(lines);
        example
    }

    fn read_sections<'t>(&mut self, lines: impl Iterator<Item = &'t str>) {
        let mut section = "";
        for line in lines {
            match line {
                "-- before" | "-- hazard" => section = line,
                _ if line.starts_with("-- recipe") => {
                    section = "-- recipe";
                    self.recipe.push(String::new());
                }
                _ => {
                    let text = match section {
                        "-- before" => &mut self.before,
                        "-- hazard" => &mut self.hazard,
                        _ => self.recipe.last_mut().unwrap(),
                    };
                    writeln!(text, "{line}").unwrap();
                }
            }
        }
    }

    /// A folder whose only revision is what was there before. It has shipped, so that nobody judges it.
    pub(super) fn shipped(&self) -> Folder {
        let folder = Folder::new(&[("V1__before.sql", &self.before)]);
        hardtack::revisions::pin(folder.path(), true).unwrap();
        folder
    }

    pub(super) fn write_recipe(&self, folder: &Folder) {
        for (version, text) in (2..).zip(&self.recipe) {
            folder.write(&format!("V{version}__recipe.sql"), text);
        }
    }

    /// Whether the hazard runs outside a transaction.
    pub(super) fn stands_alone(&self) -> bool {
        self.hazard.contains("-- hardtack: no-transaction")
    }

    /// Makes what the whole cluster has to have.
    pub(super) async fn prepare(&self) {
        if let Some(name) = &self.database {
            cluster().admin(&format!("create database {name}")).await;
        }
        if let Some(name) = &self.tablespace {
            let options = cluster().options().with_database("postgres");
            let connection = hardtack::db::connect(&options, "test").await.unwrap();
            for statement in
                ["set allow_in_place_tablespaces = on", &format!("create tablespace {name} location ''")]
            {
                connection.client.batch_execute(statement).await.expect(statement);
            }
        }
    }
}
