//! Every route of the page refuses whoever may not, and forms that another page has sent.

use hardtack::admin::auth::{Action, Role};

use super::REVISIONS;
use super::client::{Answer, Request};
use super::doors::token_of;
use super::house::{House, Server};

/// Every route of the page that stands for an action.
const ROUTES: [(&str, &str, Action); 23] = [
    ("get", "/admin", Action::View),
    ("get", "/admin/revisions/{version}", Action::View),
    ("get", "/admin/plan", Action::View),
    ("get", "/admin/plan/confirm", Action::View),
    ("post", "/admin/rehearse", Action::DryRun),
    ("post", "/admin/upgrade", Action::Upgrade),
    ("post", "/admin/downgrade", Action::Downgrade),
    ("get", "/admin/jobs", Action::View),
    ("get", "/admin/jobs/{id}", Action::View),
    ("post", "/admin/jobs/{id}/stop", Action::StopJob),
    ("get", "/admin/runs", Action::View),
    ("get", "/admin/backfills", Action::View),
    ("post", "/admin/backfills/{name}/steer", Action::SteerBackfill),
    ("post", "/admin/backfills/{name}/cancel", Action::CancelBackfill),
    ("get", "/admin/drift", Action::View),
    ("post", "/admin/drift", Action::Drift),
    ("get", "/admin/backups", Action::View),
    ("post", "/admin/backups", Action::Backup),
    ("post", "/admin/backups/{name}/verify", Action::VerifyBackup),
    ("get", "/admin/audit", Action::ViewAudit),
    ("get", "/admin/tokens", Action::ViewTokens),
    ("post", "/admin/tokens", Action::ManageTokens),
    ("post", "/admin/tokens/{name}/revoke", Action::ManageTokens),
];

/// The routes as the page's own source has them: an address, and behind it who is let in for what.
fn of_source() -> Vec<String> {
    let source = include_str!("../../src/admin/page/mod.rs");
    let mut routes = Vec::new();
    let mut address = "";
    for piece in source.split("guarded(Action::").map(|piece| piece.split_once(", ")) {
        let Some((action, rest)) = piece else { continue };
        if let Some((method, _)) =
            rest.split_once('(').filter(|_| action.bytes().all(|byte| byte.is_ascii_alphabetic()))
        {
            routes.push(format!("{method} {address} {action}"));
        }
        if let Some(start) = rest.rfind("\"/admin") {
            address = rest[start + 1..].split('"').next().unwrap();
        }
    }
    routes
}

#[test]
fn the_table_has_every_route_of_the_page() {
    let mut of_source = of_source();
    let mut table: Vec<_> =
        ROUTES.iter().map(|(method, address, action)| format!("{method} {address} {action:?}")).collect();
    table.push("any /admin/{*rest} View".to_owned());
    of_source.sort_unstable();
    table.sort_unstable();
    assert_eq!(table, of_source);
}

/// A request as a browser sends it: a form has the token of its session in a field, and says from which page it is.
struct Sent<'a> {
    server: &'a Server,
    method: &'a str,
    address: String,
}

impl Sent<'_> {
    async fn with(&self, cookie: Option<&str>, csrf: Option<&str>, origin: &str) -> Answer {
        let request = Request::new(self.method, &self.address);
        let request = match self.method {
            "post" => {
                let form = csrf.map_or("x=1".to_owned(), |csrf| format!("x=1&csrf={csrf}"));
                request.text("application/x-www-form-urlencoded", &form).header("origin", origin)
            }
            _ => request,
        };
        let request = cookie.into_iter().fold(request, |request, cookie| request.header("cookie", cookie));
        self.server.send(request).await
    }
}

#[tokio::test]
async fn every_route_of_the_page_refuses_who_may_not_and_forms_that_are_not_its_own() {
    let house = House::of(&REVISIONS).await;
    for (method, address, action) in ROUTES {
        let server = &house.another().await;
        let address = address.replace("{name}", "nobody").replace("{id}", "0").replace("{version}", "1");
        let own = format!("http://{}", server.address);
        let sent = Sent { server, method, address: address.clone() };

        let answer = sent.with(None, None, &own).await;
        assert_eq!(answer.status, 303, "{method} {address}: {answer:?}");
        assert!(answer.header("location").unwrap().starts_with("/admin/login"), "{answer:?}");
        for role in [Role::Viewer, Role::Operator].into_iter().filter(|role| *role < action.least()) {
            let (cookie, csrf) = server.log_in(token_of(&house.texts, role)).await;
            let answer = sent.with(Some(&cookie), Some(&csrf), &own).await;
            assert_eq!(answer.status, 403, "{method} {address} as {role}: {answer:?}");
        }
        let (cookie, csrf) = server.log_in(token_of(&house.texts, action.least())).await;
        let cookie = Some(&*cookie);
        if method == "post" {
            let (evil, other) = ("https://evil.example", "c0ffee");
            for (csrf, origin) in
                [(None, &*own), (Some(other), &own), (Some(&csrf), evil), (Some(&csrf), "null")]
            {
                let answer = sent.with(cookie, csrf, origin).await;
                assert_eq!(answer.status, 403, "{address} {csrf:?} {origin}: {answer:?}");
            }
        }
        let answer = sent.with(cookie, Some(&csrf), &own).await;
        assert!(
            ![401, 403].contains(&answer.status) && answer.status < 500,
            "{method} {address}: {answer:?}"
        );
        assert!(!answer.header("location").unwrap_or_default().starts_with("/admin/login"), "{answer:?}");
    }
}
