//! The two files that pages load.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::report::STYLES;
use crate::words::hex;

const SCRIPT: &str = include_str!("page.js");

/// The look of reports, and what the page has beside it.
static STYLE: LazyLock<String> = LazyLock::new(|| [STYLES[0], STYLES[1], include_str!("style.css")].concat());

/// Changes with the files, so that a browser may keep them for as long as it likes.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::new().chain_update(STYLE.as_bytes()).chain_update(SCRIPT).finalize();
    hex(&digest[..6])
});

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", &STYLE)
}

pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")], text).into_response()
}
