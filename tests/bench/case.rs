//! The five cases: the operation, and the statements that a person would write for the same figures.

use anyhow::{Context, Result, ensure};
use chrono::{Months, NaiveDate, NaiveTime, TimeZone};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::database::{Backend, Connection};

pub struct Case {
    pub name: &'static str,
    pub operation: String,
    pub compared: Compared,
}

pub enum Compared {
    /// Server CPU per request with that of the bare endpoint at this path. PostgreSQL only.
    Peer(&'static str),
    /// The p50 with that of these statements, all at once.
    Sql(Vec<String>),
}

impl Case {
    /// That the answer has no errors, and the figures of the statements: orders and what they amount to, over all subjects and periods.
    pub async fn check(&self, answer: &Value, connection: &Connection) -> Result<()> {
        ensure!(answer.get("errors").is_none(), "{}: {answer:#}", self.name);
        let Compared::Sql(statements) = &self.compared else { return Ok(()) };
        let rows = connection.rows(&statements[0]).await?;
        let sum = |from_the_end: usize| rows.iter().filter_map(|row| row[row.len() - from_the_end]).sum::<i64>();
        let by_hand = (Decimal::from(sum(2)), Decimal::new(sum(1), 4));
        let ours = (total(answer, "orderCount")?, total(answer, "amount")?);
        if self.operation.contains("orderCount") {
            ensure!(ours == by_hand, "{}: orders and their amount are {ours:?}, and {by_hand:?} by hand", self.name);
        }
        Ok(())
    }
}

/// The sum of all values of a metric in an answer, wherever they stand: as a series where there is one, else the metric's own.
fn total(answer: &Value, metric: &str) -> Result<Decimal> {
    let mut sum = Decimal::ZERO;
    visit(answer, metric, &mut |figure| {
        let points = figure["series"].as_array().map_or(std::slice::from_ref(figure), Vec::as_slice);
        for value in points.iter().map(|point| &point["value"]).filter(|value| !value.is_null()) {
            let text = value.as_str().or_else(|| value["amount"].as_str()).with_context(|| format!("{metric} is {value}"))?;
            sum += text.parse::<Decimal>()?;
        }
        Ok(())
    })?;
    Ok(sum)
}

fn visit(value: &Value, name: &str, found: &mut impl FnMut(&Value) -> Result<()>) -> Result<()> {
    match value {
        Value::Object(fields) => {
            fields.iter().filter(|(_, value)| !value.is_null()).try_for_each(|(key, value)| match key == name && value.is_object() {
                true if !value["amount"].is_string() => found(value),
                _ => visit(value, name, found),
            })
        }
        Value::Array(items) => items.iter().try_for_each(|item| visit(item, name, found)),
        _ => Ok(()),
    }
}

/// The scorecard of case (d).
pub fn scorecard() -> String {
    let node = |(at, (pack, metric, _)): (usize, &(&str, &str, &str))| {
        let key = snake_case(metric);
        format!(
            "{{key: \"n{at}\", title: \"{metric}\", weight: \"1\", metric: \"{pack}.{key}\", scoring: {{minmax: {{worst: \"0\", best: \"1000000\"}}}}}}"
        )
    };
    let nodes: Vec<String> = METRICS.iter().enumerate().map(node).collect();
    format!(
        "mutation {{ createScorecard(input: {{key: \"bench\", title: \"Bench\", subject: EMPLOYEE, missing: RENORMALISE, minCoverage: \"0\", nodes: [{}]}}) \
         {{ errors {{ code message }} }} }}",
        nodes.join(", ")
    )
}

fn snake_case(camel: &str) -> String {
    camel.chars().flat_map(|letter| if letter.is_uppercase() { vec!['_', letter.to_ascii_lowercase()] } else { vec![letter] }).collect()
}

/// Twelve metrics over three tables and five time columns: pack, field and what is asked of it.
const METRICS: [(&str, &str, &str); 12] = [
    ("sales", "amount", "value { amount }"),
    ("sales", "orderCount", "value"),
    ("sales", "avgOrderSize", "value { amount }"),
    ("sales", "opportunityConversionRate", "value"),
    ("sales", "wonAmount", "value { amount }"),
    ("sales", "avgDealSize", "value { amount }"),
    ("sales", "cycleDays", "value { seconds }"),
    ("sales", "lossCount", "value"),
    ("sales", "winRateValue", "value"),
    ("sales", "opportunityCreatedCount", "value"),
    ("service", "caseVolume", "value"),
    ("service", "resolutionTimeAvg", "value { seconds }"),
];

/// The fields of the metrics, each asked for its value, or for that of every month.
fn selection(metrics: &[(&str, &str, &str)], by_month: bool) -> String {
    let of_metric = |value: &str| match by_month {
        true => format!("series(by: MONTH) {{ period {value} }}"),
        false => format!("{value} outcome"),
    };
    let of_pack = |name: &str| {
        let fields =
            metrics.iter().filter(|(pack, ..)| *pack == name).map(|(_, metric, value)| format!("{metric} {{ {} }} ", of_metric(value)));
        fields.collect::<String>()
    };
    let packs = ["sales", "service"].map(|pack| (pack, of_pack(pack)));
    packs.iter().filter(|(_, fields)| !fields.is_empty()).map(|(pack, fields)| format!("{pack} {{ {fields} }} ")).collect()
}

pub fn cases(backend: Backend) -> Vec<Case> {
    vec![flat(), nested(), quarter(), scorecards(), series(backend)]
}

fn flat() -> Case {
    let operation = "{ customers(first: 50) { nodes { name industry country } } }".into();
    Case { name: "(a) 50 customers, 3 scalars", operation, compared: Compared::Peer("/flat") }
}

fn nested() -> Case {
    let children = "orders(last: 5) { nodes { orderedAt amount } } tickets(first: 3) { nodes { createdAt priority } }";
    let operation = format!("{{ customers(first: 50) {{ nodes {{ name industry country {children} }} }} }}");
    Case { name: "(b) 50 customers, last 5 orders, 3 tickets", operation, compared: Compared::Peer("/nested") }
}

fn quarter() -> Case {
    let fields = selection(&[METRICS[0], METRICS[1], METRICS[2], METRICS[3], METRICS[6]], false);
    let operation = format!("{{ employees(first: 200) {{ nodes {{ name metrics(period: \"2025-Q4\") {{ {fields} }} }} }} }}");
    let statements = [ORDERS, CLOSED].iter().map(|source| source.by_employee(&bounds((2025, 10), 3, 1))).collect();
    Case { name: "(c) 200 employees × 5 metrics, a quarter", operation, compared: Compared::Sql(statements) }
}

fn scorecards() -> Case {
    let quarters = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"].into_iter().enumerate();
    let cards: String =
        quarters.map(|(at, quarter)| format!("q{at}: scorecard(key: \"bench\", period: \"{quarter}\") {{ score coverage }} ")).collect();
    let operation = format!("{{ employees(first: 200) {{ nodes {{ name {cards} }} }} }}");
    let statements = ALL.iter().map(|source| source.by_employee(&bounds((2025, 1), 3, 4))).collect();
    Case { name: "(d) 200 employees × 12-metric scorecard × 4 quarters", operation, compared: Compared::Sql(statements) }
}

fn series(backend: Backend) -> Case {
    let operation = format!("{{ organisation {{ metrics(period: \"2023-10-01/2026-10-01\") {{ {} }} }} }}", selection(&METRICS, true));
    let months = bounds((2023, 10), 1, 36);
    let statements = ALL.iter().map(|source| source.by_period(backend, &months)).collect();
    Case { name: "(e) organisation, 12 metrics by month over 3 years", operation, compared: Compared::Sql(statements) }
}

/// Starts of so many periods of so many months, and the end of the last, in the generated company's time zone.
fn bounds((year, month): (i32, u32), months: u32, periods: u32) -> Vec<i64> {
    let first = NaiveDate::from_ymd_opt(year, month, 1).expect("a first of a month");
    let start = |period: u32| first.checked_add_months(Months::new(period * months)).expect("in range").and_time(NaiveTime::MIN);
    let instant = |period| chrono_tz::Europe::Berlin.from_local_datetime(&start(period)).unwrap().timestamp_micros();
    (0..=periods).map(instant).collect()
}

/// A table, its time column and what the twelve metrics need of it.
struct Source {
    table: &'static str,
    at: &'static str,
    columns: &'static str,
    only: &'static str,
}

const ORDERS: Source =
    Source { table: "sales_order", at: "ordered_at", columns: "COUNT(*), CAST(SUM(amount) AS BIGINT)", only: "state <> 'CANCELLED'" };
const CLOSED: Source = Source {
    table: "opportunity",
    at: "closed_at",
    columns: "COUNT(*) FILTER (WHERE outcome = 'WON'), COUNT(*) FILTER (WHERE outcome = 'LOST'), CAST(SUM(amount) FILTER (WHERE outcome = 'WON') AS BIGINT), \
        CAST(SUM(amount) FILTER (WHERE outcome = 'LOST') AS BIGINT), CAST(SUM(closed_at - created_at) FILTER (WHERE outcome = 'WON') AS BIGINT)",
    only: "TRUE",
};
const CREATED: Source = Source { table: "opportunity", at: "created_at", columns: "COUNT(*)", only: "TRUE" };
const OPENED: Source = Source { table: "ticket", at: "created_at", columns: "COUNT(*)", only: "TRUE" };
const RESOLVED: Source =
    Source { table: "ticket", at: "closed_at", columns: "COUNT(*), CAST(SUM(closed_at - created_at) AS BIGINT)", only: "TRUE" };
const ALL: [Source; 5] = [ORDERS, CLOSED, CREATED, OPENED, RESOLVED];

impl Source {
    /// One grouped pass over the range, the periods told apart by a ladder where there are several.
    fn by_employee(&self, bounds: &[i64]) -> String {
        let Source { table, at, columns, only } = self;
        let ladder = bounds.iter().enumerate().skip(1).map(|(slot, bound)| format!("WHEN {at} < {bound} THEN {slot} "));
        let slot = if bounds.len() == 2 { "1".to_owned() } else { format!("CASE {}END", ladder.collect::<String>()) };
        let (from, to) = (bounds[0], bounds[bounds.len() - 1]);
        format!(
            "SELECT employee_id, {slot} AS slot, {columns} FROM {table} \
             WHERE {at} >= {from} AND {at} < {to} AND {only} AND employee_id IS NOT NULL GROUP BY employee_id, slot"
        )
    }

    /// One range of the index a period.
    fn by_period(&self, backend: Backend, bounds: &[i64]) -> String {
        let Source { table, at, columns, only } = self;
        let periods: Vec<String> =
            bounds.windows(2).enumerate().map(|(slot, pair)| format!("({slot}, {}, {})", pair[0], pair[1])).collect();
        let periods = periods.join(", ");
        match backend {
            Backend::Postgres => format!(
                "SELECT p.slot, f.* FROM (VALUES {periods}) AS p (slot, since, until), \
                 LATERAL (SELECT {columns} FROM {table} WHERE {at} >= p.since AND {at} < p.until AND {only}) AS f"
            ),
            Backend::Sqlite => format!(
                "WITH p (slot, since, until) AS (VALUES {periods}) \
                 SELECT p.slot, {columns} FROM p JOIN {table} ON {at} >= p.since AND {at} < p.until AND {only} GROUP BY p.slot"
            ),
        }
    }
}
