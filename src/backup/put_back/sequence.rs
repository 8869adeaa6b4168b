use tokio_postgres::Client;

use super::{PutBackError, Table};
use crate::db::{quote_identifier, quote_literal};

/// Lets sequences go on behind what is stored. They never go back, and need not: numbers that were handed out are not handed
/// out again. It is the last act, for a sequence stays where it is when a transaction is rolled back.
pub(super) async fn advance(client: &Client, tables: &[Table<'_>]) -> Result<(), PutBackError> {
    for table in tables {
        for sequence in &table.live.sequences {
            let column = quote_identifier(&sequence.column);
            let (last, beyond) = if sequence.descends { ("min", "<") } else { ("max", ">") };
            let statement = format!(
                "select pg_catalog.setval({}, v.last) \
                 from (select pg_catalog.{last}({column})::pg_catalog.int8 as last from only {}) v, {} q, pg_catalog.pg_sequence p \
                 where p.seqrelid = q.tableoid and v.last between p.seqmin and p.seqmax \
                     and (v.last {beyond} q.last_value or (v.last = q.last_value and not q.is_called))",
                quote_literal(&sequence.name),
                table.name(),
                sequence.name
            );
            client.batch_execute(&statement).await.map_err(PutBackError::server("move a sequence on"))?;
        }
    }
    Ok(())
}
