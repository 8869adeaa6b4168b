//! An application that knows its operators by itself, and has a router of its own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use futures_util::future::BoxFuture;
use hardtack::admin::auth::{Audit, Authenticate, Denied, Door, Origins, Principal, Role};
use hardtack::admin::routes;
use http::request::Parts;
use serde_json::json;

use super::REVISIONS;
use super::client::Request;
use super::house::{House, api};

/// Rests on a header that a proxy sets.
struct Proxy;

impl Authenticate for Proxy {
    fn authenticate<'a>(
        &'a self,
        request: &'a Parts,
        _: Option<IpAddr>,
    ) -> BoxFuture<'a, Result<Principal, Denied>> {
        let user = request.headers.get("x-user").and_then(|user| user.to_str().ok());
        let role = if user == Some("ada") { Role::Admin } else { Role::Viewer };
        let principal = user.map(|user| Principal::of_application(user, role)).ok_or(Denied::Missing);
        Box::pin(async move { principal })
    }
}

#[tokio::test]
async fn an_application_merges_the_routes_behind_its_own_layer() {
    let house = House::of(&[REVISIONS[0]]).await;
    let door =
        Door::of_application(Arc::new(Proxy), Origins::loopback(), Audit::new(&house.migrator).unwrap());
    let server = house.behind(door).await;
    let own = Router::new().route("/", get(async || "the application")).merge(routes(&server.portal));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let service = own.into_make_service_with_connect_info::<SocketAddr>();
    let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let send = async |request: Request| request.send(&address).await;
    let ada = |method: &str, path: &str| Request::new(method, &api(path)).header("x-user", "ada");
    assert_eq!(send(Request::new("get", "/")).await.text, "the application");
    assert_eq!(send(Request::new("get", "/nothing")).await.status, 404);
    let who = send(ada("get", "/session")).await.json();
    assert_eq!(who, json!({"name": "ada", "role": "admin", "via": "application"}));
    // Hardtack's own tokens count for nothing here, and there are none to make.
    assert_eq!(send(Request::new("get", &api("/session")).token(&house.texts.admin)).await.status, 401);
    for request in
        [ada("get", "/tokens"), ada("post", "/tokens").json(&json!({"name": "a", "role": "viewer"}))]
    {
        assert_eq!(send(request).await.status, 404);
    }
    let log_in = Request::new("post", &api("/session")).json(&json!({"token": house.texts.admin}));
    assert_eq!(send(log_in.header("origin", &format!("http://{address}"))).await.status, 401);
    assert_eq!(send(ada("delete", "/session")).await.status, 204);
    assert_eq!(send(ada("post", "/drift").header("origin", "https://evil.example")).await.status, 403);
    assert_eq!(send(ada("get", "/status").header("host", "evil.example")).await.status, 403);
    let jo = Request::new("post", &api("/drift")).header("x-user", "jo");
    assert_eq!(send(jo).await.status, 403);
    let plan = send(ada("get", "/plan")).await.json()["plan"].clone();
    let body = json!({"database": house.name(), "plan": plan});
    assert_eq!(send(ada("post", "/upgrade").json(&body)).await.status, 202);
    house.database.wait_for("select to_regclass('one') is not null").await;
    house.database.wait_for("select exists (select from hardtack.audit where outcome = 'succeeded' and action = 'upgrade' and via = 'application')").await;
    task.abort();
}
