use std::borrow::Cow;

use super::{RevisionCheck, RustFn};

/// What runs around the up of a revision.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// The Rust file beside an SQL up that holds hooks, checks or a backfill; none where there is no such file.
    pub companion: Option<Companion>,
    /// The versions of which the backfills must have finished first.
    pub requires: Vec<i64>,
    /// The version that a binary must know at the least to work behind the up, where the author says so:
    /// `-- hardtack: breaks-code-before V7`.
    pub breaks_before: Option<i64>,
    /// What is asked before and after, in order.
    pub checks: Vec<RevisionCheck>,
}

/// A Rust file beside an SQL up, with hooks, checks or a backfill in it.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The file below the migrations folder, with forward slashes, for messages.
    pub file: Cow<'static, str>,
    /// The SQL that stands for both files in refinery's history: it raises an exception, so that a plain refinery runner
    /// stops instead of running the SQL alone.
    pub marker: Cow<'static, str>,
    /// Runs before the SQL.
    pub before: Option<Hook>,
    /// Runs after it.
    pub after: Option<Hook>,
    /// Runs once the revision is recorded, and shares its work with other processes.
    pub backfill: Option<Deferred>,
}

/// A function that runs around an SQL up.
#[derive(Clone, Copy, Debug)]
pub struct Hook {
    /// The function; none where a folder was resolved at run time.
    pub run: Option<RustFn>,
    /// Whether the hook says that it changes the schema, and not data alone: `#[hardtack::after(alters_schema)]`. A replay
    /// passes over the others.
    pub alters_schema: bool,
}

/// A backfill that is deferred: `#[hardtack::backfill]`.
#[derive(Clone, Copy, Debug)]
pub struct Deferred {
    /// The function; none where a folder was resolved at run time.
    pub run: Option<RustFn>,
}

impl Around {
    /// Whether nothing runs in the step itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hooks().next().is_none() && self.checks.is_empty()
    }

    /// The hooks that there are.
    pub fn hooks(&self) -> impl Iterator<Item = &Hook> {
        self.companion.iter().flat_map(|companion| companion.before.iter().chain(&companion.after))
    }

    /// The backfill that runs once the revision is recorded.
    #[must_use]
    pub fn backfill(&self) -> Option<Deferred> {
        self.companion.as_ref()?.backfill
    }

    /// The file of the first function that is not at hand.
    pub(crate) fn without_code(&self) -> Option<&str> {
        let check = self.checks.iter().find(|check| check.is_without_code()).map(|check| &*check.file);
        let hook = || {
            let companion = self.companion.as_ref()?;
            let lacks_backfill = companion.backfill.is_some_and(|backfill| backfill.run.is_none());
            (lacks_backfill || self.hooks().any(|hook| hook.run.is_none())).then_some(&*companion.file)
        };
        check.or_else(hook)
    }

    /// What of it a replay on an empty database runs: the hooks that change the schema. Checks are about rows.
    #[cfg(feature = "operations")]
    pub(crate) fn for_replay(&self) -> Self {
        let altering = |hook: Option<Hook>| hook.filter(|hook| hook.alters_schema);
        let companion = self.companion.clone().map(|companion| Companion {
            before: altering(companion.before),
            after: altering(companion.after),
            backfill: None,
            ..companion
        });
        Self { companion, ..Self::default() }
    }
}
