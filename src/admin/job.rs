use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::auth::Action;
use super::phase;
use super::product::Product;
use crate::engine::Event;
use crate::health::Phase;
use crate::report::event_text;
use crate::revisions::StopSignal;

/// How many lines of a job's log are kept.
const LINES: usize = 1_000;

/// Long work that goes on whoever watches it.
#[derive(Clone)]
pub(super) struct Job {
    shared: Arc<Shared>,
}

struct Shared {
    id: String,
    action: Action,
    title: String,
    by: String,
    started_at: OffsetDateTime,
    stop: StopSignal,
    told: Mutex<Told>,
    /// Counts what was told, for whoever watches.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Told {
    lines: VecDeque<Line>,
    phase: Phase,
    end: Option<End>,
}

struct End {
    at: OffsetDateTime,
    state: JobState,
    product: Arc<Product>,
    error: Option<String>,
}

/// A line of a job's log.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// When it was told.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String)]
    pub(super) at: OffsetDateTime,
    /// What happened.
    pub(super) text: String,
}

/// How it is with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum JobState {
    Running,
    Succeeded,
    Failed,
    /// It was asked to stop, and did at a safe point.
    Stopped,
}

/// A job as it is told.
#[derive(Serialize, ToSchema)]
pub(super) struct JobView {
    /// Its number.
    pub(super) id: String,
    /// What it does: the name of an action, as the audit has it.
    pub(super) action: &'static str,
    /// The same in words, with what it is about.
    pub(super) title: String,
    /// Who began it.
    pub(super) by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String)]
    pub(super) started_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>)]
    pub(super) finished_at: Option<OffsetDateTime>,
    /// How it is with it.
    pub(super) state: JobState,
    /// What it is at.
    #[schema(value_type = Object)]
    pub(super) phase: Phase,
    /// The same in words.
    pub(super) phase_text: String,
    /// How far it is, in per cent, where that is known.
    pub(super) percent: Option<u32>,
    /// What it came to; in a list of jobs, nothing.
    #[schema(value_type = Option<Object>)]
    pub(super) result: Value,
    /// Why it failed.
    pub(super) error: Option<String>,
}

impl Job {
    pub(super) fn new(id: String, action: Action, title: String, by: String) -> Self {
        let shared = Shared {
            id,
            action,
            title,
            by,
            started_at: OffsetDateTime::now_utc(),
            stop: StopSignal::new(),
            told: Mutex::default(),
            changes: watch::Sender::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    pub(super) fn id(&self) -> &str {
        &self.shared.id
    }

    pub(super) fn action(&self) -> Action {
        self.shared.action
    }

    /// What asks it to stop.
    pub(super) fn stop(&self) -> &StopSignal {
        &self.shared.stop
    }

    pub(super) fn is_running(&self) -> bool {
        self.told().end.is_none()
    }

    pub(super) async fn ended(&self) {
        let mut changes = self.changes();
        while self.is_running() && changes.changed().await.is_ok() {}
    }

    /// Takes an event of its work in.
    pub(super) fn tell(&self, event: &Event<'_>) {
        let mut told = self.told();
        let (phase, text) = (told.phase.after(event), event_text(event));
        if phase.is_none() && text.is_none() {
            return;
        }
        if let Some(phase) = phase {
            told.phase = phase;
        }
        // What is told many times a second is shown by the phase.
        if let Some(text) = text.filter(|_| !matches!(event, Event::Progress { .. } | Event::Backup { .. })) {
            told.push(text);
        }
        drop(told);
        self.changed();
    }

    /// Ends it.
    pub(super) fn end(&self, state: JobState, product: Product, error: Option<String>) {
        let mut told = self.told();
        told.push(error.clone().unwrap_or_else(|| state.name().to_owned()));
        told.end = Some(End { at: OffsetDateTime::now_utc(), state, product: Arc::new(product), error });
        drop(told);
        self.changed();
    }

    pub(super) fn view(&self) -> JobView {
        let product = self.product();
        JobView {
            result: product.and_then(|product| serde_json::to_value(&*product).ok()).unwrap_or_default(),
            ..self.summary()
        }
    }

    /// The same without what it came to, which may be long.
    pub(super) fn summary(&self) -> JobView {
        let told = self.told();
        let end = told.end.as_ref();
        JobView {
            id: self.shared.id.clone(),
            action: self.shared.action.name(),
            title: self.shared.title.clone(),
            by: self.shared.by.clone(),
            started_at: self.shared.started_at,
            finished_at: end.map(|end| end.at),
            state: end.map_or(JobState::Running, |end| end.state),
            phase: told.phase.clone(),
            phase_text: phase::words(&told.phase),
            percent: phase::percent(&told.phase),
            result: Value::Null,
            error: end.and_then(|end| end.error.clone()),
        }
    }

    /// What it came to; none before its end.
    pub(super) fn product(&self) -> Option<Arc<Product>> {
        self.told().end.as_ref().map(|end| Arc::clone(&end.product))
    }

    /// The lines behind that number, of those that are kept.
    pub(super) fn lines_after(&self, number: u64) -> Vec<Line> {
        self.told().lines.iter().filter(|line| line.number > number).cloned().collect()
    }

    /// Tells when something has changed.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    fn changed(&self) {
        self.shared.changes.send_modify(|changes| *changes += 1);
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        // Whoever panicked has written whole fields.
        self.shared.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn push(&mut self, text: String) {
        let number = self.lines.back().map_or(1, |line| line.number + 1);
        self.lines.push_back(Line { number, at: OffsetDateTime::now_utc(), text });
        if self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }
}

impl JobState {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}
