//! What follows from the records: kept in columns and a table of its own, because every measure needs it.

use crate::connection::Store;
use crate::statement::Statement;
use crate::{Result, Session, entities};

/// Every team with itself and each team above it.
const ANCESTORS: [&str; 2] = [
    "DELETE FROM team_ancestor",
    "INSERT INTO team_ancestor (team_id, ancestor_id) \
     WITH RECURSIVE above (team_id, ancestor_id) AS (SELECT id, id FROM team \
     UNION SELECT above.team_id, team.parent_id FROM above JOIN team ON team.id = above.ancestor_id WHERE team.parent_id IS NOT NULL) \
     SELECT team_id, ancestor_id FROM above",
];

const AMOUNTS: &str = "UPDATE sales_order AS t SET amount = s.amount, amount_derived = TRUE \
     FROM (SELECT order_id, CAST(SUM(amount) AS BIGINT) AS amount FROM order_line GROUP BY order_id) AS s \
     WHERE t.id = s.order_id AND (t.amount IS NULL OR t.amount_derived) AND t.amount IS DISTINCT FROM s.amount";

const ACQUISITIONS: &str = "UPDATE customer AS t SET acquired_at = s.ordered_at, acquired_derived = TRUE \
     FROM (SELECT customer_id, MIN(ordered_at) AS ordered_at FROM sales_order WHERE state = 'BOOKED' GROUP BY customer_id) AS s \
     WHERE t.id = s.customer_id AND (t.acquired_at IS NULL OR t.acquired_derived) AND t.acquired_at IS DISTINCT FROM s.ordered_at";

impl Store {
    /// Completes what follows from the records, after all of them are in: the ancestors of teams, the amounts of orders from their
    /// lines, when customers were acquired; and has the database look at its tables, so that it plans well.
    pub async fn finish_load(&self) -> Result<()> {
        let mut session = self.begin_load().await?;
        let work = derive(&mut session).await;
        session.end(work).await?;
        self.tidy().await
    }

    /// Statistics for the planner; for PostgreSQL also the map that lets it answer from an index alone.
    async fn tidy(&self) -> Result<()> {
        let mut session = self.session().await?;
        if !session.is_postgres() {
            return session.script("PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA wal_checkpoint(PASSIVE)").await;
        }
        let tables: Vec<_> = entities().iter().map(|entity| entity.table).collect();
        session.script("SET statement_timeout = 0").await?;
        let tidied = session.script(&format!("VACUUM (ANALYZE) {}, team_ancestor", tables.join(", "))).await;
        session.script("SET statement_timeout = '60s'").await?;
        tidied
    }
}

async fn derive(session: &mut Session) -> Result<()> {
    for text in ANCESTORS.into_iter().chain([AMOUNTS, ACQUISITIONS]) {
        session.execute(&Statement::new(text)).await?;
    }
    Ok(())
}
