//! `ops/ci/verify.sh` on pull requests as CI has them, what its comment says to somebody who has never met hardtack, and `start.sh`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{
    Folder, GATE, Output, SLEEPING, TestDatabase, find_program, hardtack, hardtack_command, output_of,
    patiently,
};

const SHIPPED: &[(&str, &str)] = &[
    ("V1__people.sql", "create table people (id bigint primary key, email text);\n"),
    ("V1__people.down.sql", "drop table people;\n"),
];

/// A repository with a branch `main`, and a clone of it with a pull request's branch.
struct PullRequest {
    origin: Folder,
    clone: Folder,
    database: TestDatabase,
}

/// What a run of the script left.
struct Verified {
    output: Output,
    /// The comment as it reads on the page.
    comment: String,
    summary: String,
}

impl PullRequest {
    /// None where a program is missing, which is told.
    async fn new() -> Option<Self> {
        find_program("git", &[])?;
        find_program("bash", &[])?;
        let (origin, clone) = (Folder::new(&[]), Folder::new(&[]));
        git(origin.path(), &["init", "-q", "-b", "main"]);
        std::fs::create_dir(origin.path().join("migrations")).unwrap();
        write(&origin, SHIPPED);
        assert_eq!(hardtack(origin.path(), None, &["lock"]).code, 0);
        commit(&origin);
        let request = Self { origin, clone, database: TestDatabase::empty().await };
        git(request.clone.path(), &["clone", "-q", &request.origin.path().to_string_lossy(), "."]);
        git(request.clone.path(), &["checkout", "-q", "-b", "topic"]);
        Some(request)
    }

    /// Commits these files on the branch.
    fn push(&self, files: &[(&str, &str)]) {
        write(&self.clone, files);
        commit(&self.clone);
    }

    /// Somebody else's pull request was merged meanwhile.
    fn main_gets(&self, files: &[(&str, &str)]) {
        write(&self.origin, files);
        commit(&self.origin);
        git(self.clone.path(), &["fetch", "-q"]);
    }

    /// Runs the script as GitHub Actions does.
    fn verify(&self) -> Verified {
        let mut script = self.script(&[]);
        script.env("GITHUB_ACTIONS", "true").env("GITHUB_BASE_REF", "main");
        self.verified(&mut script)
    }

    fn script(&self, arguments: &[&str]) -> Command {
        let mut script = script("bash", self.clone.path());
        script.arg(repository().join("ops/ci/verify.sh")).args(arguments);
        script.env("HARDTACK", env!("CARGO_BIN_EXE_hardtack")).env("DATABASE_URL", self.database.url());
        script
    }

    fn verified(&self, script: &mut Command) -> Verified {
        let [comment, summary] =
            ["comment.md", "summary.md"].map(|name| self.clone.path().join(".git").join(name));
        // Each step of a workflow has a summary of its own.
        let _ = std::fs::remove_file(&summary);
        script.env("HARDTACK_COMMENT", &comment).env("GITHUB_STEP_SUMMARY", &summary);
        let output = output_of(script);
        let text =
            |path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{error}: {}", output.stderr));
        let (comment, summary) = (text(&comment), text(&summary));
        assert_eq!(comment, summary);
        assert!(comment.starts_with("<!-- hardtack verify -->\n"), "{comment}");
        Verified { comment: as_read(&comment), summary, output }
    }
}

impl Verified {
    /// It failed, and the comment says these things.
    fn refuses(&self, parts: &[&str]) {
        assert_eq!(self.output.code, 1, "{}{}", self.output.stdout, self.output.stderr);
        for part in [parts, &["🔴 failed: ", "The same on your machine: `git fetch && "]].concat() {
            assert!(self.comment.contains(part), "{part}\n\n{}", self.comment);
        }
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A program with nothing in its environment that names a database or a pipeline.
fn script(program: &str, folder: &Path) -> Command {
    let mut script = Command::new(program);
    for (name, value) in hardtack_command(folder).get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("GITHUB_") || name.starts_with("CI_"))
    {
        script.env_remove(name);
    }
    script.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    script
}

fn write(folder: &Folder, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(folder.path().join("migrations").join(name), text).unwrap();
    }
}

fn commit(folder: &Folder) {
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "step"]);
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"];
    let output = output_of(Command::new("git").current_dir(folder).args(identity).args(arguments));
    assert_eq!(output.code, 0, "git {arguments:?}: {}", output.stderr);
}

/// Markdown and HTML as a reader sees them.
fn as_read(comment: &str) -> String {
    let mut text = comment.replace("<code>", "`").replace("</code>", "`").replace("<br>", "\n");
    for letter in "&<>\"'`*_[]|\\~#@$".chars() {
        text = text.replace(&format!("&#{};", u32::from(letter)), &letter.to_string());
    }
    text
}

/// A part of a comment that is a command, between backticks, carried out as its reader would.
fn obey(request: &PullRequest, verified: &Verified, begins: &str) {
    let mut commands = verified.comment.split('`').filter(|part| part.starts_with(begins));
    let command = commands.next().unwrap_or_else(|| panic!("{begins}\n\n{}", verified.comment));
    let output = output_of(script("bash", request.clone.path()).args(["-c", command]));
    assert_eq!(output.code, 0, "{command}: {}", output.stderr);
    commit(&request.clone);
}

const NAME: &[(&str, &str)] = &[
    ("V2__name.sql", "alter table people add column name text;\n"),
    ("V2__name.down.sql", "alter table people drop column name;\n"),
];

#[tokio::test]
async fn a_good_one_passes() {
    let Some(request) = PullRequest::new().await else { return };
    request.push(NAME);
    let good = request.verify();
    assert_eq!(good.output.code, 0, "{}{}", good.output.stdout, good.output.stderr);
    for part in
        ["🟢 nothing failed", "1 new revision since origin/main", "1 revision went up, down and up again"]
    {
        assert!(good.comment.contains(part), "{part}\n\n{}", good.comment);
    }
    // By hand it is judged alike.
    let by_hand = request.verified(&mut request.script(&["origin/main"]));
    assert_eq!((by_hand.output.code, &by_hand.comment), (0, &good.comment));
    assert!(
        by_hand.output.stdout.contains("ok       lint: 1 new revision since origin/main"),
        "{}",
        by_hand.output.stdout
    );
}

#[tokio::test]
async fn an_edited_revision_that_has_shipped() {
    let Some(request) = PullRequest::new().await else { return };
    request
        .push(&[("V1__people.sql", "create table people (id bigint primary key, email text not null);\n")]);
    let edited = request.verify();
    edited.refuses(&[
        "🔴 **lock file** failed",
        "`pinned-edited` `migrations/V1__people.sql:1`: V1__people has shipped, and its text was changed\n",
        "→ put it back: `git checkout origin/main -- migrations/V1__people.down.sql migrations/V1__people.sql`; what you want to \
         change goes into a new revision: `hardtack generate NAME`",
    ]);
    assert!(
        edited.output.stdout.starts_with(
            "::error file=migrations/V1__people.sql,line=1,title=lock-file%3A pinned-edited::V1__people has shipped"
        ),
        "{}",
        edited.output.stdout
    );
    obey(&request, &edited, "git checkout");
    assert_eq!(request.verify().output.code, 0);
    // To unpin it with the edit, or to remove it, is no way round.
    request.push(&[("V1__people.sql", "create table people ();\n"), ("hardtack.lock", "")]);
    request.verify().refuses(&[
        "`shipped-edited` `migrations/V1__people.sql`",
        "→ put it back: `git checkout origin/main -- ",
    ]);
    git(request.clone.path(), &["rm", "-q", "migrations/V1__people.sql", "migrations/V1__people.down.sql"]);
    request.push(NAME);
    let removed = request.verify();
    removed.refuses(&["V1__people is gone, and origin/main has it pinned as shipped"]);
    obey(&request, &removed, "git checkout");
    let mended = request.verify();
    assert_eq!(mended.output.code, 0, "{}", mended.summary);
}

#[tokio::test]
async fn a_missing_down() {
    let Some(request) = PullRequest::new().await else { return };
    request.push(&NAME[..1]);
    request.verify().refuses(&[
        "🔴 **lint** failed: 1 new revision since origin/main",
        "`missing-down` `migrations/V2__name.sql:1`: no way back: nothing undoes it\n",
        "→ write V2__name.down.sql, which undoes it; or, where nothing can, put `-- hardtack: irreversible \"reason\"` at the top",
    ]);
    request.push(&NAME[1..]);
    assert_eq!(request.verify().output.code, 0);
}

#[tokio::test]
async fn a_down_that_leaves_something() {
    let Some(request) = PullRequest::new().await else { return };
    request.push(&[NAME[0], ("V2__name.down.sql", "select 1;\n")]);
    request.verify().refuses(&[
        "🔴 **up, down and up again** failed",
        "`stairway` `migrations/V2__name.down.sql:1`: V2__name: its down leaves another catalog",
        "→ let the down take back what the up does, and nothing else",
    ]);
}

#[tokio::test]
async fn a_new_hazard() {
    let Some(request) = PullRequest::new().await else { return };
    request.push(&[
        ("V2__by_email.sql", "-- People are looked up by it.\ncreate index by_email on people (email);\n"),
        ("V2__by_email.down.sql", "drop index by_email;\n"),
    ]);
    let hazard = request.verify();
    hazard.refuses(&[
        "`require-concurrent-index-creation` `migrations/V2__by_email.sql:2`: ",
        "→ the safe way: CREATE INDEX CONCURRENTLY in a revision with `no-transaction`; or, where it does no harm, put \
         `-- hardtack: allow require-concurrent-index-creation \"reason\"` at the top",
    ]);
    // Either way is one.
    let accepted = "-- hardtack: allow require-concurrent-index-creation \"a few hundred people\"\n\
                    create index by_email on people (email);\n";
    request.push(&[("V2__by_email.sql", accepted)]);
    let accepted = request.verify();
    assert_eq!(accepted.output.code, 0, "{}", accepted.summary);
    assert!(accepted.comment.contains("accepted: a few hundred people"), "{}", accepted.comment);
    let safe = "-- hardtack: no-transaction\ncreate index concurrently by_email on people (email);\n";
    request.push(&[("V2__by_email.sql", safe)]);
    let safe = request.verify();
    assert_eq!(safe.output.code, 0, "{}", safe.summary);
}

#[tokio::test]
async fn a_version_that_another_branch_took() {
    let Some(request) = PullRequest::new().await else { return };
    request.push(NAME);
    assert_eq!(request.verify().output.code, 0);
    request.main_gets(&[
        ("V2__phone.sql", "alter table people add column phone text;\n"),
        ("V2__phone.down.sql", "alter table people drop column phone;\n"),
    ]);
    let taken = request.verify();
    taken.refuses(&[
        "🔴 **collisions** failed: 1 revision came to origin/main meanwhile",
        "`version-collision` `migrations/V2__name.sql`: V2__name has the version of V2__phone in origin/main\n",
        "→ give it a version from 3 on: `git mv migrations/V2__name.down.sql migrations/V3__name.down.sql && \
         git mv migrations/V2__name.sql migrations/V3__name.sql`",
    ]);
    // The merge that CI may have checked out is refused too, and with the new name it passes, merged or not.
    git(request.clone.path(), &["merge", "-q", "--no-edit", "origin/main"]);
    request.verify().refuses(&[
        "`repeated-version`",
        "version 2 is taken by ",
        "→ give the newer of the two the next version, 3",
    ]);
    git(request.clone.path(), &["reset", "-q", "--hard", "HEAD~1"]);
    obey(&request, &taken, "git mv");
    let renamed = request.verify();
    assert_eq!(renamed.output.code, 0, "{}", renamed.summary);
    git(request.clone.path(), &["merge", "-q", "--no-edit", "origin/main"]);
    assert_eq!(request.verify().output.code, 0);
}

/// What keeps it from judging is in the comment too, and is another exit code.
#[tokio::test]
async fn a_base_that_is_not_there() {
    let Some(request) = PullRequest::new().await else { return };
    let script = &mut request.script(&[]);
    let lost = request.verified(script.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "no-such"));
    assert_eq!(lost.output.code, 2, "{}", lost.comment);
    let reason = "compare with origin/no-such: git knows no such revision here; fetch it";
    assert!(lost.output.stderr.contains(reason), "{}", lost.output.stderr);
    assert!(
        lost.comment.contains("🔴 nobody can tell:") && lost.comment.contains(reason),
        "{}",
        lost.comment
    );
}

#[tokio::test]
async fn start_says_what_is_missing() {
    if find_program("sh", &[]).is_none() {
        return;
    }
    let folder = Folder::new(&[]);
    let start = |variables: &[(&str, &str)]| {
        let mut start = script("sh", folder.path());
        output_of(start.arg(repository().join("start.sh")).envs(variables.iter().copied()))
    };
    let binary = ("HARDTACK_BIN", env!("CARGO_BIN_EXE_hardtack"));
    for (variables, words) in [
        (&[binary][..], "start.sh: DATABASE_URL is not set: name the database"),
        (
            &[("HARDTACK_BIN", "no-such-program")],
            "start.sh: there is no program no-such-program: put it beside this script",
        ),
    ] {
        let output = start(variables);
        assert!(output.code == 2 && output.stderr.starts_with(words), "{}", output.stderr);
    }
    // A migration that fails ends it, with its code and before it serves.
    let refused =
        start(&[binary, ("DATABASE_URL", "postgres://x@127.0.0.1:1/x"), ("HARDTACK_WAIT_TIMEOUT", "0")]);
    assert!(
        refused.code == 1 && !refused.stderr.contains("listening"),
        "{}: {}",
        refused.code,
        refused.stderr
    );
}

/// `start.sh` on this database, with the revisions of this folder.
fn started(folder: &Folder, database: &TestDatabase, arguments: &[&str]) -> Child {
    let mut start = script("sh", folder.path());
    start.arg(repository().join("start.sh")).args(arguments);
    start.env("HARDTACK_BIN", env!("CARGO_BIN_EXE_hardtack")).env("DATABASE_URL", database.url());
    start.env("HARDTACK_DIR", ".").spawn().unwrap()
}

fn terminate(child: &Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
}

const ONE: (&str, &str) = ("V1__one.sql", "create table one ();");

#[cfg(feature = "axum")]
fn answer(address: &str, path: &str) -> String {
    use std::io::{Read, Write};

    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn start_migrates_and_serves_until_it_is_stopped() {
    use std::io::{BufRead, BufReader};

    if find_program("sh", &[]).is_none() {
        return;
    }
    let (folder, database) = (Folder::new(&[ONE]), TestDatabase::empty().await);
    let mut child = started(&folder, &database, &["--listen", "127.0.0.1:0"]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let address =
        lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned)).unwrap();
    patiently(async || match answer(&address, "/health/ready") {
        ready if ready.starts_with("HTTP/1.1 200") => Ok(()),
        other => Err(other),
    })
    .await;
    assert_eq!(database.applied().await, [1]);
    // The server stands in the script's own place.
    terminate(&child);
    lines.for_each(drop);
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn start_hands_a_signal_to_the_migration() {
    if find_program("sh", &[]).is_none() {
        return;
    }
    let folder = Folder::new(&[ONE, ("V2__slow.sql", GATE), ("V3__three.sql", "select 1;")]);
    let database = TestDatabase::empty().await;
    database.close_gate().await;
    let child = started(&folder, &database, &[]);
    database.wait_for(SLEEPING).await;
    terminate(&child);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    database.open_gate().await;
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{said}");
    assert!(!said.contains("listening"), "{said}");
    assert_eq!(database.applied().await, [1, 2]);
}
