//! Where a worker's ranges of keys come from.

use super::BackfillError;
use super::answers::answers;
use super::key::Position;
use super::store::{Range, State, Store, frontier};
use super::worker::{Worker, key_of, unexpected};

/// How many batches a range is meant to hold: enough that workers seldom meet, few enough that they end together.
const BATCHES_IN_RANGE: u64 = 8;

/// How far a run goes: to the last key that there is when it begins, and once it is there to the last of those that came
/// meanwhile. One that followed every new row would never end where they come faster than it works.
#[derive(Clone, Debug, Default)]
pub(super) struct Goal {
    upto: Option<Position>,
    /// How often it was set.
    set: u32,
}

impl Goal {
    fn is_final(&self) -> bool {
        self.set == 2
    }

    /// Sets it to the last key of now; false where it is that already.
    fn renew(&mut self, last: Option<Position>) -> bool {
        let is_new = self.upto != last;
        if is_new {
            self.upto = last;
            self.set += 1;
        }
        is_new
    }
}

/// What a worker gets that has no range.
pub(super) enum Taken {
    Range(Range),
    /// Nothing that is not at work elsewhere.
    Nothing,
    /// Another process has ended the backfill.
    Finished,
}

impl Worker {
    /// A range behind the frontier; where nothing is there, one that its worker left.
    pub(super) async fn take(&mut self) -> Result<Taken, BackfillError> {
        let taken = self.hand_out().await;
        if !matches!(taken, Ok(Taken::Range(_))) {
            self.roll_back().await;
        }
        match taken? {
            Taken::Nothing => Ok(self.abandoned().await?.map_or(Taken::Nothing, Taken::Range)),
            taken => Ok(taken),
        }
    }

    /// Moves the frontier, as far as the goal.
    async fn hand_out(&self) -> Result<Taken, BackfillError> {
        const ACTION: &str = "take the next range of keys";
        let (client, spec, store) = (&self.connection.client, &self.shared.spec, self.shared.store);
        let opening = format!("{}; {}", spec.begin, store.frontier_query());
        let opened = answers(client, ACTION, &opening).await?;
        let own = opened.last().ok_or_else(|| unexpected(ACTION))?;
        // A range would be nobody's any more.
        if Store::state(own)? == State::Finished {
            return Ok(Taken::Finished);
        }
        let frontier = frontier(own)?;
        // An operator may have let it begin anew.
        let mut goal = if frontier.is_some() { self.shared.goal() } else { Goal::default() };
        let upto = loop {
            let upto = self.upper_end(frontier.as_ref(), goal.upto.as_ref()).await?;
            if upto.is_some() || goal.is_final() || !goal.renew(self.key(&spec.last_query(None, None)).await?)
            {
                break upto;
            }
        };
        self.shared.set_goal(goal);
        let Some(upto) = upto else {
            self.send(ACTION, &format!("{}; commit", store.exhaust())).await?;
            return Ok(Taken::Nothing);
        };
        let closing = format!("{}; commit", store.hand_out(frontier.as_ref(), &upto));
        let range = answers(client, ACTION, &closing).await?;
        let range = range.last().and_then(|rows| rows.first()).ok_or_else(|| unexpected(ACTION))?;
        Range::of(range).map(Taken::Range)
    }

    /// Where the next range ends: so many rows behind the frontier, or at the goal.
    async fn upper_end(
        &self,
        frontier: Option<&Position>,
        goal: Option<&Position>,
    ) -> Result<Option<Position>, BackfillError> {
        if goal.is_none() || goal == frontier {
            return Ok(None);
        }
        let spec = &self.shared.spec;
        let rows = self.size.rows().saturating_mul(BATCHES_IN_RANGE);
        match self.key(&spec.bound_query(frontier, goal, rows)).await? {
            None => self.key(&spec.last_query(frontier, goal)).await,
            full => Ok(full),
        }
    }

    /// The key that a query finds.
    async fn key(&self, query: &str) -> Result<Option<Position>, BackfillError> {
        let found = answers(&self.connection.client, "find the end of a range of keys", query).await?;
        Ok(key_of(found.last().map_or(&[], Vec::as_slice), self.shared.spec.key.len()))
    }

    async fn abandoned(&self) -> Result<Option<Range>, BackfillError> {
        let (spec, store) = (&self.shared.spec, self.shared.store);
        let statements = format!("{}; {}; commit", spec.begin, store.abandoned_query());
        let found = answers(&self.connection.client, "take a range that was left", &statements).await?;
        found.last().and_then(|rows| rows.first()).map(Range::of).transpose()
    }

    pub(super) async fn is_complete(&self) -> Result<bool, BackfillError> {
        let query = format!("{}; {}; commit", self.shared.spec.begin, self.shared.store.completion_query());
        let found = answers(&self.connection.client, "see whether all is done", &query).await?;
        Ok(found.last().and_then(|rows| rows.first()?.get(0)) == Some("t"))
    }
}
