use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) text: String,
}

/// A request, before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Request {
    pub(super) fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_uppercase(), path: path.to_owned(), headers: Vec::new(), body: None }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(super) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    pub(super) fn text(self, content_type: &str, body: &str) -> Self {
        Self { body: Some(body.to_owned()), ..self.header("content-type", content_type) }
    }

    /// Sends it on a connection of its own.
    pub(super) async fn begin(&self, address: &str) -> TcpStream {
        let Self { method, path, headers, body } = self;
        // Of this version answers end with their connection, and are not cut into chunks.
        let mut text = format!("{method} {path} HTTP/1.0\r\n");
        if !headers.iter().any(|(name, _)| name == "host") {
            text += &format!("host: {address}\r\n");
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = body {
            text += &format!("content-length: {}\r\n", body.len());
        }
        text += "\r\n";
        text += body.as_deref().unwrap_or_default();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    pub(super) async fn send(&self, address: &str) -> Answer {
        let mut text = Vec::new();
        // A server that has read enough hangs up on the rest.
        let _ = self.begin(address).await.read_to_end(&mut text).await;
        Answer::of(&String::from_utf8(text).unwrap())
    }
}

impl Answer {
    fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("there is an answer");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        };
        Self { status, headers: lines.map(header).collect(), text: body.to_owned() }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What a failure says.
    pub(super) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(header, _)| header == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} twice: {self:?}");
        Some(value)
    }

    /// Every answer has what browsers heed.
    pub(super) fn is_hardened(&self) -> bool {
        let all = [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"),
        ];
        let policy = self.header("content-security-policy").unwrap_or_default();
        policy.contains("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && all.iter().all(|(name, value)| self.header(name) == Some(value))
    }
}
