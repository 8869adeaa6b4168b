//! What is there to see.

#![expect(unused_qualifications, reason = "utoipa's macro qualifies what it is given")]

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::extract::{Path, Query, page, version};
use crate::admin::Portal;
use crate::admin::auth::{Principal, Role, Via};
use crate::admin::failure::{Failure, FailureBody};
use crate::admin::guard::Caller;
use crate::engine::AppliedRevision;
use crate::engine::dry_run::{Depth, DryRunOptions};
use crate::health::Phase;
use crate::history::{Applied, LoggedRun, milliseconds};
use crate::plan::{Back, Target, Way};
use crate::revisions::{Direction, Revision, Step};
use crate::safety::{Verdict, hazard};

type Answer<T> = Result<axum::Json<T>, Failure>;

/// Where the database stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusView {
    /// What this process is at.
    #[schema(value_type = Object)]
    pub(crate) phase: Phase,
    /// Where the database stands against this binary.
    #[schema(value_type = Object)]
    pub(crate) status: Value,
}

/// A revision, and how it is with it.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevisionView {
    /// Its version.
    pub(crate) version: i64,
    /// Its stem.
    pub(crate) stem: String,
    /// `sql` or `rust`.
    pub(crate) language: &'static str,
    /// `applied` or `pending`; where this binary has not got it, `replaced` by a squashed one that it has, `ahead` of all that it has, or
    /// `missing`.
    pub(crate) state: &'static str,
    /// When it was applied.
    pub(crate) applied_at: Option<String>,
    /// How long that took, in milliseconds, where hardtack did it.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    #[schema(value_type = Option<f64>)]
    pub(crate) duration: Option<std::time::Duration>,
    /// What of its text can be dangerous.
    pub(crate) hazards: Vec<HazardView>,
}

/// A hazard in a revision's text.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct HazardView {
    /// Its name.
    pub(crate) name: String,
    /// What it does to an application at work, where the live database says nothing milder.
    pub(crate) verdict: &'static str,
    /// What it is about.
    pub(crate) object: String,
    /// What is dangerous.
    pub(crate) danger: &'static str,
    /// The safe way.
    pub(crate) recipe: &'static str,
    /// The reason with which its author accepted it.
    pub(crate) allowed: Option<String>,
}

/// The texts of a revision.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevisionTexts {
    #[serde(flatten)]
    pub(crate) revision: RevisionView,
    /// The up: its SQL; of a Rust function, none.
    pub(crate) up: Option<String>,
    /// The down, where it is SQL.
    pub(crate) down: Option<String>,
    /// Why there is no way back.
    pub(crate) irreversible: Option<String>,
    /// The file of the up.
    pub(crate) file: String,
    /// The SHA-256 of the up.
    pub(crate) sha256: String,
}

/// Which plan is wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanQuery {
    /// An upgrade up to and with this version; where nothing is said, up to the newest.
    #[param(nullable = false)]
    pub(crate) to: Option<i64>,
    /// A downgrade of so many revisions, from 1.
    #[param(nullable = false, minimum = 1)]
    pub(crate) steps: Option<usize>,
    /// A downgrade to this version, which stays.
    #[param(nullable = false)]
    pub(crate) back_to: Option<i64>,
}

/// Which page of a list is wanted.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// Older than the one of this number: the last of the page before.
    #[param(nullable = false)]
    before: Option<i64>,
    /// How many at the most.
    #[param(nullable = false, minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct WhoView {
    /// The name of their token, or as the application says.
    name: String,
    /// What they may do.
    #[schema(value_type = Role)]
    role: &'static str,
    /// `token`, `session` or `application`.
    via: &'static str,
}

impl PlanQuery {
    pub(crate) fn way(self) -> Result<Way, Failure> {
        Ok(match (self.to, self.steps, self.back_to) {
            (to, None, None) => Way::Up(to.map_or(Target::Head, Target::Version)),
            (None, Some(steps @ 1..), None) => Way::Down(Back::Steps(steps)),
            (None, None, Some(version)) => Way::Down(Back::To(version)),
            (None, Some(0), None) => return Err(Failure::bad_request("steps: write 1 or more")),
            _ => return Err(Failure::bad_request("give one of to, steps and back_to")),
        })
    }
}

/// Where the database stands, and what this process is at
#[utoipa::path(get, path = "/admin/api/status", tag = "look", responses(
    (status = 200, body = StatusView),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn status(State(portal): State<Portal>) -> Answer<StatusView> {
    let status = portal.monitor().status().await?;
    let status = serde_json::to_value(&*status).unwrap_or_default();
    Ok(axum::Json(StatusView { phase: portal.monitor().phase(), status }))
}

/// All revisions, applied and pending, the oldest first
#[utoipa::path(get, path = "/admin/api/revisions", tag = "look", responses(
    (status = 200, body = Vec<RevisionView>),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn revisions(State(portal): State<Portal>) -> Answer<Vec<RevisionView>> {
    Ok(axum::Json(all(&portal).await?))
}

/// All revisions that the database or this binary has, in order of version.
pub(crate) async fn all(portal: &Portal) -> Result<Vec<RevisionView>, Failure> {
    Ok(views(portal, portal.migrator().status().await?.applied))
}

/// The same of what is applied.
pub(crate) fn views(portal: &Portal, applied: Vec<AppliedRevision>) -> Vec<RevisionView> {
    let known = portal.migrator().revisions();
    let head = known.iter().map(|revision| revision.version).max();
    let state = |row: &Applied| match known.iter().find(|revision| row.is_replaced_by(revision)) {
        Some(_) => "replaced",
        None if Some(row.version) > head => "ahead",
        None => "missing",
    };
    let mut all: Vec<RevisionView> = known.iter().map(RevisionView::pending).collect();
    for applied in applied {
        let row = applied.row;
        if let Some(view) = all.iter_mut().find(|view| view.version == row.version) {
            (view.state, view.applied_at, view.duration) = ("applied", Some(row.applied_at), row.duration);
            continue;
        }
        all.push(RevisionView {
            version: row.version,
            stem: format!("V{}__{}", row.version, row.name),
            language: "unknown",
            state: state(&row),
            applied_at: Some(row.applied_at),
            duration: row.duration,
            hazards: Vec::new(),
        });
    }
    all.sort_by_key(|view| view.version);
    all
}

/// The texts of one revision
#[utoipa::path(get, path = "/admin/api/revisions/{version}", tag = "look",
    params(("version" = i64, Path, description = "its version")), responses(
    (status = 200, body = RevisionTexts),
    (status = 404, description = "there is no such revision in this binary", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn revision(
    State(portal): State<Portal>,
    Path(text): Path<String>,
) -> Answer<RevisionTexts> {
    let wanted = version(&text)?;
    Ok(axum::Json(texts(&portal, wanted).await?))
}

pub(crate) async fn texts(portal: &Portal, wanted: i64) -> Result<RevisionTexts, Failure> {
    let missing = || Failure::not_found(format!("this binary has no revision of version {wanted}"));
    let revision = portal.migrator().revisions().get(wanted).ok_or_else(missing)?;
    let view = all(portal).await?.into_iter().find(|view| view.version == wanted).ok_or_else(missing)?;
    let text = |direction| match revision.step(direction) {
        Some(Step::Sql(script)) => Some(script.text.clone().into_owned()),
        _ => None,
    };
    let irreversible = match &revision.down {
        crate::revisions::Down::Irreversible(reason) => Some(reason.clone().into_owned()),
        _ => None,
    };
    Ok(RevisionTexts {
        revision: view,
        up: text(Direction::Up),
        down: text(Direction::Down),
        irreversible,
        file: revision.file().to_owned(),
        sha256: revision.sha256.clone().into_owned(),
    })
}

/// What an upgrade or a downgrade would do, with its hazards; nothing runs. The `plan` of the answer is the hash that `upgrade` and `downgrade` want
#[utoipa::path(get, path = "/admin/api/plan", tag = "look", params(PlanQuery), responses(
    (status = 200, body = Object),
    (status = 400, description = "the query makes no sense", body = FailureBody),
    (status = 409, description = "history and binary disagree", body = FailureBody),
    (status = 422, description = "there is no plan to there", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn plan(State(portal): State<Portal>, Query(query): Query<PlanQuery>) -> Answer<Value> {
    let planned = planned(&portal, query.way()?).await?;
    Ok(axum::Json(serde_json::to_value(&planned).unwrap_or_default()))
}

pub(crate) async fn planned(portal: &Portal, way: Way) -> Result<crate::engine::dry_run::DryRun, Failure> {
    let options = DryRunOptions { way, depth: Depth::Plan, ..DryRunOptions::default() };
    Ok(portal.migrator().dry_run(&options).await?)
}

/// The runs of the run log, the newest first
#[utoipa::path(get, path = "/admin/api/runs", tag = "look", params(PageQuery), responses(
    (status = 200, body = Vec<LoggedRun>),
    (status = 400, description = "the query makes no sense", body = FailureBody),
    (status = 503, description = "the database does not answer", body = FailureBody)))]
pub(super) async fn runs(
    State(portal): State<Portal>,
    Query(PageQuery { before, limit }): Query<PageQuery>,
) -> Answer<Vec<LoggedRun>> {
    Ok(axum::Json(portal.migrator().runs(before, page(limit)?.unwrap_or(50)).await?))
}

/// Who asks, and what they may do
#[utoipa::path(get, path = "/admin/api/session", tag = "session", responses((status = 200, body = WhoView)))]
pub(super) async fn who(caller: Caller) -> axum::Json<WhoView> {
    let Principal { name, role, via } = caller.principal();
    axum::Json(WhoView { name: name.clone(), role: Role::name(*role), via: Via::name(via) })
}

impl RevisionView {
    fn pending(revision: &Revision) -> Self {
        Self {
            version: revision.version,
            stem: revision.stem(),
            language: revision.up.language(),
            state: "pending",
            applied_at: None,
            duration: None,
            hazards: hazards(revision),
        }
    }
}

fn hazards(revision: &Revision) -> Vec<HazardView> {
    let Step::Sql(script) = &revision.up else { return Vec::new() };
    let view = |found: &crate::revisions::StaticHazard| {
        let row = hazard(&found.rule);
        HazardView {
            name: found.rule.clone().into_owned(),
            verdict: row.map_or(Verdict::Unknown, |row| row.verdict).name(),
            object: found.object.clone().into_owned(),
            danger: row.map_or("", |row| row.danger),
            recipe: row.map_or("", |row| row.recipe),
            allowed: found.allowed.clone().map(std::borrow::Cow::into_owned),
        }
    };
    script.hazards.iter().map(view).collect()
}
