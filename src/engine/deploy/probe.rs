use std::fmt;
use std::pin::pin;
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;

use futures_util::future::{Either, join, select};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::revisions::StopSignal;
use crate::words::times;

/// What tells whether the application is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It answers there with a status from 200 to 299; other places it sends to are not asked. Without the feature `probe` it is
    /// refused.
    Url(ProbeUrl),
    /// `sh -c` says so by ending with 0.
    Command(String),
}

/// A URL to ask: `http` or `https`, without a password, which reports would show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeUrl(String);

/// Why the application is not known to be well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// It never said so.
    #[error("find the application well within {within:?}, asked {}: {probe}: {last}", times(*.attempts))]
    Unwell {
        /// What was asked.
        probe: Probe,
        /// For how long.
        within: Duration,
        /// How often.
        attempts: u32,
        /// What it said last.
        last: String,
    },
    /// There is no client to ask a URL with.
    #[error("ask {0}: this program was built without the feature `probe`; probe with a command")]
    NoClient(ProbeUrl),
    /// A stop was asked for.
    #[error("find the application well: a stop was asked for")]
    Stopped,
}

/// How long one question over HTTP may take.
#[cfg(feature = "probe")]
const ANSWER: Duration = Duration::from_secs(5);

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// What is kept of the end of a command's output.
const TAIL: usize = 4 << 10;

/// How many of its last lines a failure tells.
const LINES: usize = 8;

impl Probe {
    /// Whether it can be asked at all.
    pub(super) fn refuse_without_client(&self) -> Result<(), ProbeError> {
        match self {
            Self::Url(url) if cfg!(not(feature = "probe")) => Err(ProbeError::NoClient(url.clone())),
            _ => Ok(()),
        }
    }

    /// Asks once a second until the answer is yes. Returns after how many attempts it was.
    pub(super) async fn wait(&self, within: Duration, stop: &StopSignal) -> Result<u32, ProbeError> {
        self.refuse_without_client()?;
        let end = Instant::now() + within;
        let (mut attempts, mut last) = (0, String::new());
        while attempts == 0 || Instant::now() < end {
            attempts += 1;
            let asked = tokio::select! {
                asked = self.ask(end) => asked,
                () = stop.requested() => return Err(ProbeError::Stopped),
            };
            match asked {
                Ok(()) => return Ok(attempts),
                Err(said) => last = said,
            }
            tokio::select! {
                () = sleep(PAUSE.min(end.saturating_duration_since(Instant::now()))) => {}
                () = stop.requested() => return Err(ProbeError::Stopped),
            }
        }
        Err(ProbeError::Unwell { probe: self.clone(), within, attempts, last })
    }

    async fn ask(&self, end: Instant) -> Result<(), String> {
        match self {
            Self::Url(url) => get(&url.0, end).await,
            Self::Command(command) => run(command, end).await,
        }
    }
}

#[cfg(feature = "probe")]
async fn get(url: &str, end: Instant) -> Result<(), String> {
    let told = |error: reqwest::Error| {
        let error = error.without_url();
        let source = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
        format!("{error}{source}")
    };
    crate::db::choose_provider();
    let limit = ANSWER.min(end.saturating_duration_since(Instant::now()).max(PAUSE));
    let client = reqwest::Client::builder()
        .connect_timeout(limit)
        .timeout(limit)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("hardtack/", env!("CARGO_PKG_VERSION")));
    // A proxy knows another machine by this name.
    let client = if is_here(url) { client.no_proxy() } else { client };
    let answer = client.build().map_err(told)?.get(url).send().await.map_err(told)?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it answers {}", answer.status())) }
}

#[cfg(feature = "probe")]
fn is_here(url: &str) -> bool {
    let host = url.split("//").nth(1).unwrap_or_default();
    ["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here))
}

#[cfg(not(feature = "probe"))]
#[expect(clippy::unused_async, reason = "the same face with and without the feature")]
async fn get(_: &str, _: Instant) -> Result<(), String> {
    Err("this program has no client for it".to_owned())
}

/// Runs a command in a process group of its own, which does not outlive this call.
async fn run(command: &str, end: Instant) -> Result<(), String> {
    let spawned = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = spawned.map_err(|error| format!("sh does not start: {error}"))?;
    let group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
    let (mut output, mut errors) = (Tail::default(), Tail::default());
    let reading = join(output.read(child.stdout.take()), errors.read(child.stderr.take()));
    let status = match select(pin!(timeout_at(end, child.wait())), pin!(reading)).await {
        Either::Left((status, reading)) => {
            // What it has started holds its output open.
            drop(group);
            let _ = timeout(PAUSE, reading).await;
            status
        }
        Either::Right((_, waiting)) => waiting.await,
    };
    let said = if errors.0.is_empty() { output } else { errors };
    match status {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(said.behind(&status.to_string())),
        Ok(Err(error)) => Err(format!("its end cannot be waited for: {error}")),
        Err(_) => Err(said.behind("it had not ended, and was killed")),
    }
}

/// A process group that ends with this value.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        // An error means that nothing of it is left.
        let _ = self.0.map(|group| kill_process_group(group, Signal::KILL));
    }
}

/// The end of an output.
#[derive(Default)]
struct Tail(Vec<u8>);

impl Tail {
    async fn read(&mut self, stream: Option<impl AsyncRead + Unpin>) {
        let Some(mut stream) = stream else { return };
        let mut piece = vec![0; TAIL];
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            self.0.extend_from_slice(&piece[..read]);
            let before = self.0.len().saturating_sub(TAIL);
            self.0.drain(..before);
        }
    }

    /// Its last lines behind what became of the command.
    fn behind(&self, what: &str) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
        if last.is_empty() { what.to_owned() } else { format!("{what}; it said:\n  {}", last.join("\n  ")) }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => url.fmt(formatter),
            Self::Command(command) => write!(formatter, "`{command}`"),
        }
    }
}

impl fmt::Display for ProbeUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ProbeUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let rest = rest.ok_or("write http://HOST/PATH or https://HOST/PATH")?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match authority {
            "" => Err("write http://HOST/PATH or https://HOST/PATH"),
            _ if authority.contains('@') => Err(
                "leave the password out, which reports would show; probe with a command where one is needed",
            ),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Probe {
        Probe::Command(text.to_owned())
    }

    async fn wait(probe: &Probe, within: u64) -> Result<u32, ProbeError> {
        probe.wait(Duration::from_millis(within), &StopSignal::new()).await
    }

    fn last_of(failed: Result<u32, ProbeError>) -> String {
        match failed {
            Err(ProbeError::Unwell { last, .. }) => last,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_command_that_ends_well_is_asked_once() {
        assert_eq!(wait(&command("true"), 5_000).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_command_is_asked_until_it_ends_well() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("asked");
        let text = format!("echo . >> {file}; test $(wc -l < {file}) -ge 3", file = file.display());
        assert_eq!(wait(&command(&text), 20_000).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_failure_tells_the_last_lines() {
        let said = last_of(wait(&command("seq 1 20000; exit 3"), 100).await);
        assert!(said.starts_with("exit status: 3; it said:\n  19993\n"), "{said}");
        assert!(said.ends_with("\n  20000"), "{said}");
        let said = last_of(wait(&command("echo out; echo not yet >&2; false"), 100).await);
        assert_eq!(said, "exit status: 1; it said:\n  not yet");
    }

    #[tokio::test]
    async fn at_the_end_the_whole_group_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("alive");
        let text = format!("(sleep 2; touch {file}) & echo waiting; wait", file = file.display());
        let begun = Instant::now();
        let said = last_of(wait(&command(&text), 300).await);
        assert_eq!(said, "it had not ended, and was killed; it said:\n  waiting");
        assert!(begun.elapsed() < Duration::from_millis(1_900), "{:?}", begun.elapsed());
        sleep(Duration::from_millis(2_500)).await;
        assert!(!file.exists(), "what it had started works on");
    }

    #[tokio::test]
    async fn what_a_command_leaves_running_does_not_hold_the_probe_up() {
        let begun = Instant::now();
        assert_eq!(wait(&command("sleep 30 & true"), 20_000).await.unwrap(), 1);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_stop_ends_the_waiting() {
        let stop = StopSignal::new();
        let (probe, asked) = (command("sleep 30"), stop.clone());
        let waiting = tokio::spawn(async move { probe.wait(Duration::from_secs(30), &asked).await });
        sleep(Duration::from_millis(200)).await;
        stop.request();
        let waited = timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
        assert!(matches!(waited, Err(ProbeError::Stopped)), "{waited:?}");
    }

    #[test]
    fn a_url_has_a_host_and_no_password() {
        for good in ["http://localhost:8080/health", "https://shop.example/health?deep=1@2"] {
            assert_eq!(good.parse::<ProbeUrl>().unwrap().to_string(), good);
        }
        for bad in ["localhost:8080", "ftp://x/y", "http://", "http:///x", "https://u:p@shop.example/health"]
        {
            assert!(bad.parse::<ProbeUrl>().is_err(), "{bad}");
        }
    }

    #[cfg(not(feature = "probe"))]
    #[tokio::test]
    async fn without_a_client_a_url_is_refused() {
        let probe = Probe::Url("http://localhost/".parse().unwrap());
        let said = wait(&probe, 100).await.unwrap_err().to_string();
        assert!(said.contains("probe with a command"), "{said}");
    }

    #[cfg(feature = "probe")]
    mod url {
        use std::io::{Read, Write};
        use std::net::TcpListener;

        use super::*;

        /// A server that answers with these statuses in turn, the last for ever; an empty one is no answer at all.
        fn serve(statuses: &'static [&'static str]) -> Probe {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            std::thread::spawn(move || {
                let mut statuses = statuses.iter().chain(statuses.last().into_iter().cycle());
                let mut silent = Vec::new();
                while let (Ok((mut client, _)), Some(status)) = (listener.accept(), statuses.next()) {
                    if status.is_empty() {
                        silent.push(client);
                        continue;
                    }
                    let _ = client.read(&mut [0; 1024]);
                    let _ = client.write_all(
                        format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nlocation: /\r\n\r\n").as_bytes(),
                    );
                }
            });
            Probe::Url(format!("http://127.0.0.1:{port}/health").parse().unwrap())
        }

        #[tokio::test]
        async fn a_url_is_asked_until_it_answers_well() {
            let probe = serve(&["503 Service Unavailable", "500 Internal Server Error", "204 No Content"]);
            assert_eq!(wait(&probe, 20_000).await.unwrap(), 3);
        }

        #[tokio::test]
        async fn another_place_is_no_good_answer() {
            let probe = serve(&["302 Found"]);
            let said = wait(&probe, 100).await.unwrap_err().to_string();
            assert!(said.contains("/health: it answers 302 Found"), "{said}");
        }

        #[tokio::test]
        async fn where_nobody_listens_or_answers_it_is_said() {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let nobody = Probe::Url(format!("http://127.0.0.1:{port}/").parse().unwrap());
            let said = wait(&nobody, 100).await.unwrap_err().to_string();
            assert!(said.contains("asked once") && said.to_lowercase().contains("connect"), "{said}");
            let begun = Instant::now();
            let said = wait(&serve(&[""]), 1_500).await.unwrap_err().to_string();
            assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
            assert!(said.contains("timed out"), "{said}");
        }
    }
}
