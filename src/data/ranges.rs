//! Where a worker's ranges of keys come from.

use super::BackfillError;
use super::answers::answers;
use super::store::{Range, position};
use super::worker::{Worker, key_of, unexpected};

/// How many batches a range is meant to hold: enough that workers seldom meet, few enough that they end together.
const BATCHES_IN_RANGE: u64 = 8;

impl Worker {
    /// A range behind the frontier; where nothing is there, one that its worker left.
    pub(super) async fn take(&mut self) -> Result<Option<Range>, BackfillError> {
        let taken = self.hand_out().await;
        if !matches!(taken, Ok(Some(_))) {
            self.roll_back().await;
        }
        match taken? {
            Some(range) => Ok(Some(range)),
            None => self.abandoned().await,
        }
    }

    /// Moves the frontier; none where it is at the end.
    async fn hand_out(&self) -> Result<Option<Range>, BackfillError> {
        const ACTION: &str = "take the next range of keys";
        let (client, spec, store) = (&self.connection.client, &self.shared.spec, self.shared.store);
        let opening = format!("{}; {}", spec.begin, store.frontier_query());
        let opened = answers(client, ACTION, &opening).await?;
        let frontier = opened.last().and_then(|rows| rows.first()).ok_or_else(|| unexpected(ACTION))?;
        let frontier = position(frontier)?;
        let rows = self.size.rows().saturating_mul(BATCHES_IN_RANGE);
        let mut upto = None;
        for query in [spec.bound_query(frontier.as_ref(), None, rows), spec.last_query(frontier.as_ref())] {
            let found = answers(client, ACTION, &query).await?;
            upto = key_of(found.last().map_or(&[], Vec::as_slice), spec.key.len());
            if upto.is_some() {
                break;
            }
        }
        let Some(upto) = upto else {
            self.send(ACTION, &format!("{}; commit", store.exhaust())).await?;
            return Ok(None);
        };
        let closing = format!("{}; commit", store.hand_out(frontier.as_ref(), &upto));
        let range = answers(client, ACTION, &closing).await?;
        let range = range.last().and_then(|rows| rows.first()).ok_or_else(|| unexpected(ACTION))?;
        Range::of(range).map(Some)
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
