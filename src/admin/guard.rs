//! Every route goes through the door, with the action that it stands for.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

use super::Portal;
use super::auth::{Action, Admission, Principal, security_headers};
use super::failure::Failure;

/// The longest body of a request: names and numbers.
pub(super) const LONGEST_BODY: usize = 16 << 10;

/// How long a body may take: it is short, and whoever sends it piece by piece holds a place of somebody else's.
const BODY: Duration = Duration::from_secs(10);

/// What reads a body.
pub(super) async fn in_time<T>(reading: impl Future<Output = T>) -> Result<T, Failure> {
    let late = |_| Failure::new(StatusCode::REQUEST_TIMEOUT, "the body has not come in 10 s");
    tokio::time::timeout(BODY, reading).await.map_err(late)
}

/// Whom the door has let in. A handler whose work goes on behind its answer [takes](Self::take) the admission, and says itself what became of it.
#[derive(Clone)]
pub(super) struct Caller {
    principal: Principal,
    admission: Arc<Mutex<Option<Admission>>>,
}

impl Caller {
    pub(super) fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What it was let in for; none once that is taken.
    pub(super) fn action(&self) -> Option<Action> {
        let admission = self.admission.lock().unwrap_or_else(PoisonError::into_inner);
        admission.as_ref().map(Admission::action)
    }

    pub(super) fn take(&self) -> Option<Admission> {
        self.admission.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        // A route without the guard answers nobody.
        let missing = || Failure::new(StatusCode::FORBIDDEN, "this route lets nobody in");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// The same routes, for whoever the door lets in for that action. What a handler answers with is what the audit has of it.
pub(super) fn guarded(portal: &Portal, action: Action, routes: MethodRouter<Portal>) -> MethodRouter<Portal> {
    routes.layer(from_fn_with_state((portal.clone(), action), admit))
}

async fn admit(State((portal, action)): State<(Portal, Action)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let target = parts.uri.path().to_owned();
    let admitted = portal.door().admit(&parts, address(&parts), (action, Some(&target))).await;
    let admission = match admitted {
        Ok(admission) => admission,
        Err(denied) => return Failure::from(denied).into_response(),
    };
    let caller =
        Caller { principal: admission.principal().clone(), admission: Arc::new(Mutex::new(Some(admission))) };
    parts.extensions.insert(caller.clone());
    let answer = answered(portal, caller, next.run(Request::from_parts(parts, body)));
    if !action.is_audited() {
        return answer.await;
    }
    // What is in the audit has its end there, also where the sender has hung up.
    let panicked = "the work panicked; the log says where";
    let answer = tokio::spawn(answer).await;
    answer.unwrap_or_else(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, panicked).into_response())
}

/// The answer in its turn, and what became of it for the audit.
async fn answered(portal: Portal, caller: Caller, answer: impl Future<Output = Response>) -> Response {
    let mut response = match portal.turn().await {
        Ok(_turn) => answer.await,
        Err(busy) => busy.into_response(),
    };
    if let Some(admission) = caller.take() {
        let status = response.status();
        let said = response.extensions().get::<Said>().map_or(status.as_str(), |said| &said.0);
        // A form that was done leads on to another page.
        let is_done = status.is_success() || status.is_redirection();
        admission.ended(if is_done { Ok("") } else { Err(said) }).await;
    }
    // For a page that tells of a failure.
    response.extensions_mut().insert(caller);
    response
}

/// What a failure has said, for the audit.
#[derive(Clone)]
pub(super) struct Said(pub(super) String);

/// From where a request comes; none where the server was not told to look.
pub(super) fn address(parts: &Parts) -> Option<std::net::IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// What holds for all answers.
pub(super) fn around(router: Router<Portal>) -> Router<Portal> {
    router.layer(DefaultBodyLimit::max(LONGEST_BODY)).layer(from_fn(with_headers))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in security_headers() {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
