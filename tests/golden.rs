//! From one schema to another by DDL: the pairs of `tests/golden/diff`, random schemas, and whole applications. Each target is
//! reached from the other side and from nothing, and compared by fingerprint and by `pg_dump`.
//!
//! A pair is a folder with `before.sql` and `after.sql`; `data.sql` holds rows for the first that must survive, `options`
//! what `diff` is told, and `plan.sql` the plan for reviewers, which `HARDTACK_GOLDEN=write` writes anew. A first line `-- needs: 15`
//! names the oldest server that takes the file, `-- needs: icu` one with ICU.

mod dump;
mod schemas;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use hardtack::catalog::ddl::{DdlPlan, DiffOptions, Rename, diff};
use hardtack::catalog::{Catalog, ObjectId, Snapshot, differences};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::support::{TestDatabase, cluster};
use dump::Dump;

/// How many pairs are under way at a time.
const AT_ONCE: usize = 4;

/// The server whose spelling the plans are kept in.
const PLANS_OF: u32 = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_pair_is_turned_into_the_other() {
    let only = std::env::var("HARDTACK_GOLDEN_CASE").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/diff");
    let mut pairs: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pairs.retain(|path| path.to_string_lossy().contains(&only));
    pairs.sort();
    assert!(!pairs.is_empty());
    roles().await;
    let has_icu = has_icu().await;
    let pairs = pairs.iter().map(|folder| Pair::read(folder)).filter(|pair| pair.fits(has_icu));
    let checks = pairs.map(async |pair| (pair.name.clone(), pair.check().await));
    let faults: BTreeMap<_, _> = futures_util::stream::iter(checks)
        .buffer_unordered(AT_ONCE)
        .filter(|(_, faults)| std::future::ready(!faults.is_empty()))
        .collect()
        .await;
    let lines = faults.iter().map(|(name, faults)| format!("{name}\n  {}\n", faults.join("\n  ")));
    assert!(faults.is_empty(), "{}\n{} pairs have faults", lines.collect::<String>(), faults.len());
}

/// More of them: `HARDTACK_GOLDEN_SCHEMAS=500 cargo test --test integration golden`.
#[test]
fn random_schemas_are_turned_into_each_other() {
    let cases = std::env::var("HARDTACK_GOLDEN_SCHEMAS").map_or(12, |cases| cases.parse().unwrap());
    let config = Config { cases, max_shrink_iters: 30, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let seeds = proptest::collection::vec(any::<u32>(), schemas::SLOTS);
    let changes = proptest::collection::vec((0..schemas::SLOTS, any::<u32>()), 1..12);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(roles());
    let result = runner.run(&(seeds, changes), |(seeds, changes)| {
        let mut changed = seeds.clone();
        changes.into_iter().for_each(|(slot, seed)| changed[slot] = seed);
        let (before, after) = (schemas::schema(&seeds), schemas::schema(&changed));
        let pair = Pair { name: "random".to_owned(), before, after, ..Pair::default() };
        let faults = runtime.block_on(pair.check());
        if faults.is_empty() {
            Ok(())
        } else {
            Err(TestCaseError::fail(format!(
                "{}\n-- before\n{}-- after\n{}",
                faults.join("\n"),
                pair.before,
                pair.after
            )))
        }
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(TestError::Abort(reason)) => panic!("aborted: {reason}"),
    }
}

#[tokio::test]
async fn the_reference_application_is_made_from_nothing() {
    let database = TestDatabase::reference().await;
    assert_eq!(made_from_nothing(&database).await, Vec::<String>::new());
}

/// Schemas of others: `HARDTACK_GOLDEN_SQL=crates_io.sql:kratos.sql cargo test --test integration golden`.
#[tokio::test]
async fn schemas_that_somebody_names_are_made_from_nothing() {
    let Some(files) = std::env::var_os("HARDTACK_GOLDEN_SQL") else {
        eprintln!("skipped: HARDTACK_GOLDEN_SQL names no files");
        return;
    };
    for file in std::env::split_paths(&files) {
        let database = TestDatabase::empty().await;
        database.execute(&std::fs::read_to_string(&file).unwrap()).await;
        assert_eq!(made_from_nothing(&database).await, Vec::<String>::new(), "{}", file.display());
    }
}

async fn made_from_nothing(original: &TestDatabase) -> Vec<String> {
    let scratch = TestDatabase::empty().await;
    let (target, nothing) = (Target::of(original).await.unwrap(), Target::of(&scratch).await.unwrap());
    let mut faults = Vec::new();
    faults.extend(transform(&scratch, &nothing, &target, &DiffOptions::default()).await.err());
    faults.extend(transform(&scratch, &target, &nothing, &DiffOptions::default()).await.err());
    faults
}

/// What privileges and owners are given to. Roles belong to the cluster.
async fn roles() {
    static ROLES: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    ROLES
        .get_or_init(async || cluster().admin("create role golden_reader; create role golden_writer").await)
        .await;
}

async fn has_icu() -> bool {
    let database = TestDatabase::empty().await;
    database.value("select exists (select from pg_collation where collprovider = 'i')").await == "t"
}

/// Two schemas, each to be made of the other.
#[derive(Default)]
struct Pair {
    name: String,
    before: String,
    after: String,
    data: Option<String>,
    /// `public.a=public.b`.
    renames: Vec<(String, String)>,
    /// Where the plan is kept.
    plan: Option<PathBuf>,
}

/// What a database is to become.
struct Target {
    catalog: Catalog,
    dump: Option<Dump>,
}

impl Target {
    async fn of(database: &TestDatabase) -> Result<Self, String> {
        let catalog = database.migrator(&crate::migrations::REVISIONS).catalog().await;
        Ok(Self { catalog: catalog.map_err(|error| format!("{error:?}"))?, dump: Dump::of(database).await })
    }
}

impl Pair {
    fn read(folder: &Path) -> Self {
        let optional = |name| std::fs::read_to_string(folder.join(name)).ok();
        let sql = |name| optional(name).unwrap_or_else(|| panic!("{}/{name}", folder.display()));
        let options = optional("options").unwrap_or_default();
        let renames = options.lines().map(|line| {
            let (from, to) =
                line.strip_prefix("--rename ").and_then(|rename| rename.split_once('=')).expect(line);
            (from.to_owned(), to.to_owned())
        });
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            before: sql("before.sql"),
            after: sql("after.sql"),
            data: optional("data.sql"),
            renames: renames.collect(),
            plan: Some(folder.join("plan.sql")),
        }
    }

    fn fits(&self, has_icu: bool) -> bool {
        let needs = [&self.before, &self.after].into_iter().filter_map(|sql| sql.strip_prefix("-- needs: "));
        needs.filter_map(|rest| rest.lines().next()).all(|need| match need {
            "icu" => has_icu,
            major => major.parse::<u32>().unwrap() <= cluster().major(),
        })
    }

    /// What is wrong with it.
    async fn check(&self) -> Vec<String> {
        let databases =
            [TestDatabase::empty().await, TestDatabase::empty().await, TestDatabase::empty().await];
        let faults = self.check_in(&databases).await.unwrap_or_else(|fault| vec![fault]);
        for database in databases {
            cluster().admin(&format!("drop database {} with (force)", database.options.database())).await;
        }
        faults
    }

    async fn check_in(&self, [one, two, three]: &[TestDatabase; 3]) -> Result<Vec<String>, String> {
        one.execute(&self.before).await;
        two.execute(&self.after).await;
        let (before, after) = (&Target::of(one).await?, &Target::of(two).await?);
        let nothing = &Target::of(three).await?;
        one.execute(self.data.as_deref().unwrap_or_default()).await;
        let (there, back) = (self.options(before, after), self.options(after, before));
        let (plain, online) = (DiffOptions::default(), DiffOptions { online: true, ..there.clone() });
        let plan = diff(&before.catalog, &after.catalog, &there).map_err(|error| error.to_string())?;
        let mut faults = Vec::from_iter(self.plan_is_kept(&plan));
        faults.extend(sees_what_pg_dump_sees(before, after));
        faults.extend(is_another_in_a_snapshot(&after.catalog));
        let there_before = rows(one).await;
        let mut last = Target::of(three).await?;
        for (step, database, from, to, options) in [
            ("before to after", one, Some(before), after, &there),
            ("after to before", two, Some(after), before, &back),
            ("nothing to before", three, Some(nothing), before, &plain),
            // From what is there, because what no DDL is known for is not.
            ("before to after, online", three, None, after, &online),
            ("after to nothing", three, None, nothing, &plain),
        ] {
            match transform(database, from.unwrap_or(&last), to, options).await {
                Ok(target) => last = target,
                Err(fault) => {
                    faults.push(format!("{step}: {fault}"));
                    // The third database is not where the next step begins.
                    if std::ptr::eq(database, three) {
                        break;
                    }
                }
            }
        }
        faults.extend(self.lost(&there_before, &rows(one).await));
        Ok(faults)
    }

    /// Rows and values that were there before, and whose place is there still.
    fn lost(&self, before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> Vec<String> {
        let now = |name: &String| {
            let renamed = self.renames.iter().find_map(|(from, to)| {
                let rest = name.strip_prefix(from)?;
                (rest.is_empty() || rest.starts_with('.')).then(|| format!("{to}{rest}"))
            });
            renamed.unwrap_or_else(|| name.clone())
        };
        let lost =
            before.iter().filter(|(name, count)| after.get(&now(name)).is_some_and(|kept| kept < *count));
        lost.map(|(name, _)| format!("rows or values of {name} are gone")).collect()
    }

    fn options(&self, from: &Target, to: &Target) -> DiffOptions {
        let renames = self.renames.iter().filter_map(|(one, two)| {
            renamed(&from.catalog, &to.catalog, one, two)
                .or_else(|| renamed(&from.catalog, &to.catalog, two, one))
        });
        DiffOptions { renames: renames.collect(), ..DiffOptions::default() }
    }

    /// The plan that a reviewer reads beside the pair, where the server is the one whose spelling it has.
    fn plan_is_kept(&self, plan: &DdlPlan) -> Option<String> {
        let path = self.plan.as_ref().filter(|_| cluster().major() == PLANS_OF)?;
        let text = plan_text(plan);
        if std::env::var_os("HARDTACK_GOLDEN").is_some_and(|what| what == "write") {
            std::fs::write(path, text).unwrap();
            return None;
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        (kept != text).then(|| format!("plan.sql is another (HARDTACK_GOLDEN=write writes it):\n{text}"))
    }
}

/// What no comparison with a snapshot may call drift.
fn is_another_in_a_snapshot(catalog: &Catalog) -> Option<String> {
    let snapshot = Snapshot { history: String::new(), catalog: catalog.clone() };
    match Snapshot::parse(&snapshot.to_text().unwrap()) {
        Ok(kept) if kept.catalog.objects == catalog.objects => None,
        Ok(_) => Some("a snapshot of it is another catalog".to_owned()),
        Err(error) => Some(format!("its snapshot cannot be read: {error}")),
    }
}

fn sees_what_pg_dump_sees(before: &Target, after: &Target) -> Option<String> {
    let same = before.catalog.fingerprint() == after.catalog.fingerprint();
    match (same, before.dump == after.dump) {
        (true, false) => Some("the catalog misses what pg_dump sees".to_owned()),
        (false, true) if before.dump.is_some() => Some("the catalog sees what pg_dump misses".to_owned()),
        _ => None,
    }
}

fn plan_text(plan: &DdlPlan) -> String {
    let mut text = String::new();
    for statement in &plan.statements {
        if !statement.hazards.is_empty() {
            let hazards: Vec<_> = statement.hazards.iter().map(|hazard| hazard.name()).collect();
            let _ = writeln!(text, "-- {}", hazards.join(", "));
        }
        let _ = writeln!(text, "{};", statement.sql);
    }
    for rename in &plan.likely_renames {
        let _ = writeln!(text, "-- renamed? {} to {}", rename.from, rename.to);
    }
    for unexpressed in &plan.unexpressed {
        let _ = writeln!(text, "-- stays: {}: {}", unexpressed.object, unexpressed.reason);
    }
    text
}

/// The objects of those names, `schema.name` or `schema.table.column`, of the first kind that has them.
fn renamed(before: &Catalog, after: &Catalog, one: &str, two: &str) -> Option<Rename> {
    let named = |id: &ObjectId, name: &str| {
        let parts: Vec<_> =
            [&id.schema, &id.name, &id.part].into_iter().filter(|part| !part.is_empty()).cloned().collect();
        parts.join(".") == name
    };
    before.objects.keys().filter(|id| named(id, one)).find_map(|from| {
        let to = after.objects.keys().find(|id| id.kind == from.kind && named(id, two))?;
        Some(Rename { from: from.clone(), to: to.clone() })
    })
}

/// Runs the plan from one to the other on a database, and compares what comes of it.
async fn transform(
    database: &TestDatabase,
    from: &Target,
    to: &Target,
    options: &DiffOptions,
) -> Result<Target, String> {
    let plan = diff(&from.catalog, &to.catalog, options).map_err(|error| error.to_string())?;
    run(database, &plan).await?;
    let found = Target::of(database).await?;
    let mut left = differences(&to.catalog, &found.catalog);
    left.retain(|difference| {
        !plan.unexpressed.iter().any(|unexpressed| unexpressed.object == *difference.object())
    });
    if !left.is_empty() {
        let lines: Vec<_> = left.iter().map(|difference| format!("\n    {difference}")).collect();
        return Err(format!("the catalog is another:{}\n{}", lines.concat(), plan_text(&plan)));
    }
    if plan.unexpressed.is_empty() && found.dump != to.dump {
        let (expected, dump) = (to.dump.as_ref().unwrap(), found.dump.as_ref().unwrap());
        let differences = expected.differences(dump).join("\n    ");
        return Err(format!("pg_dump sees another schema:\n    {differences}\n{}", plan_text(&plan)));
    }
    let again = diff(&found.catalog, &to.catalog, options)
        .or_else(|_| diff(&found.catalog, &to.catalog, &DiffOptions::default()));
    let again = again.map_err(|error| format!("again: {error}"))?;
    if again.statements.is_empty() { Ok(found) } else { Err(format!("not settled:\n{}", plan_text(&again))) }
}

async fn run(database: &TestDatabase, plan: &DdlPlan) -> Result<(), String> {
    let client = &database.connect().await.client;
    let told = |error: tokio_postgres::Error| {
        error.as_db_error().map_or_else(
            || error.to_string(),
            |error| {
                format!(
                    "{}{}",
                    error.message(),
                    error.detail().map_or(String::new(), |detail| format!(" ({detail})"))
                )
            },
        )
    };
    client.batch_execute(DdlPlan::SESSION).await.map_err(told)?;
    if plan.is_transactional() {
        client.batch_execute("begin").await.map_err(told)?;
    }
    for statement in &plan.statements {
        let done = client.batch_execute(&statement.sql).await;
        done.map_err(|error| format!("{}\n    in {}\n{}", told(error), statement.sql, plan_text(plan)))?;
    }
    if plan.is_transactional() {
        client.batch_execute("commit").await.map_err(told)?;
    }
    Ok(())
}

/// How many rows the tables have, and how many values their columns.
async fn rows(database: &TestDatabase) -> BTreeMap<String, i64> {
    let columns = "select concat_ws('.', n.nspname, c.relname, a.attname), \
            case when c.relispopulated \
                then format('select count(%s) from %I.%I', coalesce(quote_ident(a.attname), '*'), n.nspname, c.relname) \
                else 'select 0::bigint' end \
        from pg_class c join pg_namespace n on n.oid = c.relnamespace \
        left join lateral (select null as attname union all select attname from pg_attribute \
            where attrelid = c.oid and attnum > 0 and not attisdropped) a on true \
        where c.relkind in ('r', 'm') and n.nspname !~ '^(pg_|information_schema|hardtack)'";
    let connection = database.connect().await;
    let mut rows = BTreeMap::new();
    for row in connection.client.query(columns, &[]).await.unwrap() {
        let (name, query): (String, String) = (row.get(0), row.get(1));
        rows.insert(name, connection.client.query_one(&query, &[]).await.unwrap().get(0));
    }
    rows
}
