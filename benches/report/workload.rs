//! The revisions that are measured.

/// One revision, before it is laid out for a tool.
#[derive(Clone, Debug)]
pub(crate) struct Revision {
    pub(crate) version: usize,
    pub(crate) name: String,
    pub(crate) up: String,
    pub(crate) down: String,
}

/// Nine of ten create a table of five columns with an index and a foreign key to the table before; each tenth adds
/// a column with a comment.
pub(crate) fn history(size: usize) -> Vec<Revision> {
    (1..=size).map(|version| if version % 10 == 0 { alter(version) } else { create(version) }).collect()
}

/// As short as a revision can be: what grows is the history, and not the schema.
pub(crate) fn tiny(size: usize) -> Vec<Revision> {
    let revision = |version| Revision {
        version,
        name: "tiny".to_owned(),
        up: format!("select {version};\n"),
        down: format!("select -{version};\n"),
    };
    (1..=size).map(revision).collect()
}

fn create(version: usize) -> Revision {
    let before = if version % 10 == 1 { version.saturating_sub(2) } else { version - 1 };
    let reference = if before == 0 { String::new() } else { format!(" references t{before} (id)") };
    Revision {
        version,
        name: format!("create_t{version}"),
        up: format!(
            "create table t{version} (\n    \
                 id bigint generated always as identity primary key,\n    \
                 parent_id bigint{reference},\n    \
                 name text not null,\n    \
                 amount numeric not null default 0,\n    \
                 created_at timestamptz not null default now()\n\
             );\n\n\
             create index t{version}_name_idx on t{version} (name);\n"
        ),
        down: format!("drop table t{version};\n"),
    }
}

fn alter(version: usize) -> Revision {
    let table = version - 1;
    Revision {
        version,
        name: format!("extend_t{table}"),
        up: format!(
            "alter table t{table} add column note text;\n\n\
             comment on column t{table}.note is 'what revision {version} added';\n"
        ),
        down: format!("alter table t{table} drop column note;\n"),
    }
}
