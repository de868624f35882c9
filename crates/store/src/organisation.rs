//! The organisation that the database is about: its name, currency, time zone and calendar. There is one per database.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};

use crate::connection::Store;
use crate::statement::{Bind, Statement};
use crate::{Error, Result};

#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Organisation {
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Three letters, as in ISO 4217.
    #[diesel(sql_type = Text)]
    pub currency: String,
    /// A name from the tz database, such as Europe/Berlin.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// MONDAY or SUNDAY.
    #[diesel(sql_type = Text)]
    pub week_start: String,
    /// The month in which the fiscal year starts, 1 to 12.
    #[diesel(sql_type = BigInt)]
    pub fiscal_year_start: i64,
}

const READ: &str =
    "SELECT name, currency, time_zone, week_start, CAST(fiscal_year_start AS BIGINT) AS fiscal_year_start FROM organisation WHERE id = 1";

const WRITE: &str = "INSERT INTO organisation (id, name, currency, time_zone, week_start, fiscal_year_start) VALUES (1, $1, $2, $3, $4, $5) \
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, currency = excluded.currency, time_zone = excluded.time_zone, \
     week_start = excluded.week_start, fiscal_year_start = excluded.fiscal_year_start";

impl Store {
    /// The organisation, if anyone has said what it is.
    pub async fn organisation(&self) -> Result<Option<Organisation>> {
        Ok(self.rows(&Statement::new(READ).kept()).await?.pop())
    }

    pub async fn put_organisation(&self, organisation: &Organisation) -> Result<()> {
        organisation.check()?;
        let Organisation { name, currency, time_zone, week_start, fiscal_year_start } = organisation.clone();
        let texts = [name, currency, time_zone, week_start].map(Bind::Text);
        let statement = texts.into_iter().fold(Statement::new(WRITE), Statement::with).with(Bind::BigInt(fiscal_year_start));
        self.execute(&statement).await.map(drop)
    }
}

impl Organisation {
    /// The time zone is left to whoever knows the calendar.
    fn check(&self) -> Result<()> {
        let fault = |reason: String| Err(Error::Invalid { what: "the organisation".into(), reason });
        if self.currency.len() != 3 || !self.currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return fault(format!("its currency is `{}`, and expected are three capital letters as in ISO 4217", self.currency));
        }
        if !["MONDAY", "SUNDAY"].contains(&self.week_start.as_str()) {
            return fault(format!("its week starts on `{}`, and expected is MONDAY or SUNDAY", self.week_start));
        }
        if !(1..=12).contains(&self.fiscal_year_start) {
            return fault(format!("its fiscal year starts in month {}, and expected is 1 to 12", self.fiscal_year_start));
        }
        Ok(())
    }
}
