use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Daemon, PATIENCE, find_program, patiently};

/// The name that `WebDriver` has for an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A real Chromium, spoken to as `WebDriver` describes it.
pub(super) struct Browser {
    port: u16,
    session: String,
    _profile: TempDir,
    _daemon: Daemon,
}

impl Browser {
    /// One with a profile of its own. None where there is no such program.
    pub(super) async fn start(with_script: bool) -> Option<Self> {
        let program = find_program("chromedriver", &[])?;
        let profile = tempfile::Builder::new().prefix("hardtack-browser-").tempdir().unwrap();
        let daemon = Daemon::start(profile.path(), "TERM", &program, &["--port=0"]);
        let port = port(&profile.path().join("log")).await;
        let mut browser = Self { port, session: String::new(), _profile: profile, _daemon: daemon };
        let data = browser._profile.path().join("data");
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--user-data-dir={}", data.display()),
        ];
        let preferences = if with_script {
            json!({})
        } else {
            json!({ "profile.managed_default_content_settings.javascript": 2 })
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": arguments, "prefs": preferences },
        } } });
        let opened = browser.ask("POST", "/session", &wanted).await;
        browser.session = opened["sessionId"].as_str().unwrap().to_owned();
        Some(browser)
    }

    pub(super) async fn go(&self, address: &str) {
        self.command("/url", &json!({ "url": address })).await;
    }

    /// The path and the query of where it is.
    pub(super) async fn place(&self) -> String {
        let url = self.ask("GET", &self.path("/url"), &Value::Null).await;
        let url = url.as_str().unwrap().to_owned();
        url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default()
    }

    /// Waits until it is at a path that begins like this.
    pub(super) async fn arrive(&self, path: &str) {
        let started = Instant::now();
        while !self.place().await.starts_with(path) {
            let place = self.place().await;
            assert!(started.elapsed() < PATIENCE, "at {place}, not {path}: {}", self.text("body").await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) async fn has(&self, selector: &str) -> bool {
        !self.find(selector).await.is_empty()
    }

    /// The text of the first such element, as it is seen.
    pub(super) async fn text(&self, selector: &str) -> String {
        self.texts(selector).await.into_iter().next().unwrap_or_else(|| panic!("there is no {selector}"))
    }

    pub(super) async fn texts(&self, selector: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.find(selector).await {
            let path = self.path(&format!("/element/{element}/text"));
            // A page that loads itself again takes its elements away.
            if let Ok(text) = self.try_ask("GET", &path, &Value::Null).await {
                texts.push(text.as_str().unwrap_or_default().to_owned());
            }
        }
        texts
    }

    /// Waits until the text of the first such element holds this.
    pub(super) async fn until(&self, selector: &str, text: &str) {
        let started = Instant::now();
        while !self.texts(selector).await.iter().any(|found| found.contains(text)) {
            if started.elapsed() > PATIENCE {
                panic!("{selector} never said {text:?}: {}", self.text("body").await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses what is seen as this: a button or a link; or what a selector names.
    pub(super) async fn press(&self, what: &str) {
        let started = Instant::now();
        loop {
            let named = format!(
                "//*[self::button or self::a or self::summary][normalize-space()={what:?} or starts-with(normalize-space(), {what:?})]"
            );
            let mut found = self.find_by("xpath", &named).await;
            if found.is_empty() && what.starts_with(['#', '.']) {
                found = self.find(what).await;
            }
            if let [first, ..] = &*found {
                let path = self.path(&format!("/element/{first}/click"));
                match self.try_ask("POST", &path, &json!({})).await {
                    Ok(_) => return,
                    Err(error) if started.elapsed() > PATIENCE => panic!("{what}: {error}"),
                    Err(_) => {}
                }
            }
            let is_late = started.elapsed() > PATIENCE;
            assert!(!is_late, "there is no {what:?} to press: {}", self.text("body").await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) async fn type_into(&self, selector: &str, text: &str) {
        let found = async || self.find(selector).await.into_iter().next();
        let element = patiently(async || found().await.ok_or_else(|| format!("no {selector}"))).await;
        self.command(&format!("/element/{element}/clear"), &json!({})).await;
        self.command(&format!("/element/{element}/value"), &json!({ "text": text })).await;
    }

    /// Strikes a key; the text of what has the focus then.
    pub(super) async fn key(&self, key: &str) -> String {
        let strike = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let actions = json!({ "actions": [{ "type": "key", "id": "keys", "actions": strike }] });
        self.command("/actions", &actions).await;
        let focus = self.script("return document.activeElement.textContent").await;
        focus.as_str().unwrap_or_default().to_owned()
    }

    pub(super) async fn script(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// What the console has that is not the status of an answer, which tests want to see: errors of the script, and of the policy.
    pub(super) async fn is_silent(&self) {
        let log = self.command("/se/log", &json!({ "type": "browser" })).await;
        let said: Vec<&Value> =
            log.as_array().unwrap().iter().filter(|entry| entry["source"] != "network").collect();
        assert_eq!(said, Vec::<&Value>::new());
    }

    /// As on a screen of that size, in light or dark.
    pub(super) async fn look(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", &size).await;
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &scheme).await;
    }

    /// A picture of what is seen, as the bytes of a PNG.
    pub(super) async fn picture(&self) -> Vec<u8> {
        let picture = self.ask("GET", &self.path("/screenshot"), &Value::Null).await;
        decoded(picture.as_str().unwrap())
    }

    async fn devtools(&self, command: &str, parameters: &Value) {
        self.command("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await;
    }

    async fn find(&self, selector: &str) -> Vec<String> {
        self.find_by("css selector", selector).await
    }

    async fn find_by(&self, using: &str, value: &str) -> Vec<String> {
        let found = self.command("/elements", &json!({ "using": using, "value": value })).await;
        let name = |element: &Value| element[ELEMENT].as_str().unwrap().to_owned();
        found.as_array().unwrap().iter().map(name).collect()
    }

    async fn command(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &self.path(path), body).await
    }

    fn path(&self, path: &str) -> String {
        format!("/session/{}{path}", self.session)
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_ask(method, path, body).await.unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }

    async fn try_ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let answer = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
            stream.write_all(request(method, path, body).as_bytes()).await.unwrap();
            body_of(&mut stream).await
        };
        let answer = tokio::time::timeout(2 * PATIENCE, answer).await.expect("the driver answers");
        let mut body: Value = serde_json::from_str(&answer).unwrap();
        let value = body["value"].take();
        if value.get("error").is_some_and(Value::is_string) { Err(value) } else { Ok(value) }
    }
}

/// The browser itself is no child of ours: it goes when its session does.
impl Drop for Browser {
    fn drop(&mut self) {
        if let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.write_all(request("DELETE", &self.path(""), &Value::Null).as_bytes());
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.read(&mut [0; 1024]);
        }
    }
}

fn request(method: &str, path: &str, body: &Value) -> String {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The driver keeps a connection, whatever is said of that.
async fn body_of(stream: &mut TcpStream) -> String {
    let (mut answer, mut piece) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "it hung up");
        answer.extend_from_slice(&piece[..read]);
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
        let body = &answer[end + 4..];
        if body.len() >= length.trim().parse().unwrap() {
            return String::from_utf8(body.to_vec()).unwrap();
        }
    }
}

/// The port that the driver has found for itself.
async fn port(log: &Path) -> u16 {
    patiently(async || {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let port = text.split("started successfully on port ").nth(1);
        let port = port.and_then(|text| text.split(['.', '\n']).next()?.parse().ok());
        port.ok_or_else(|| format!("the driver does not start: {text}"))
    })
    .await
}

/// What base64 says.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|four| {
        let bits =
            four.iter().fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit)) << (6 * (4 - four.len()));
        bits.to_be_bytes()[1..four.len()].to_vec()
    });
    bytes.collect()
}
