//! What is booked or set once a month or a quarter: costs and targets.

use crate::catalogue::{CHANNELS, REGIONS};
use crate::company::Company;
use crate::dice::Draw;
use crate::roster::Role;
use crate::row::{Row, Section, row};
use crate::timeline::{DAY, HOUR, midnight};
use chrono::{Datelike, NaiveDate};

const COST: &[&str] = &["kind", "team", "employee", "campaign", "channel", "region", "incurred_at", "amount"];

/// What a month of an employee costs, in whole units of currency.
fn salary(role: Role, skill: i64) -> i64 {
    let base = match role {
        Role::Manager => 7_800,
        Role::Rep => 4_300,
        Role::Agent => 3_600,
        Role::Marketer => 4_700,
    };
    base + skill
}

/// The position of the month and of the thing among so many things a month.
fn month_and_thing(number: u64, things: usize) -> (usize, usize) {
    (number as usize / things, number as usize % things)
}

/// Salaries and expenses of everyone who works, month by month; the team stands beside the employee.
pub fn salaries(company: &Company) -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let (month, position) = month_and_thing(number, company.roster.employees.len());
        let employee = &company.roster.employees[position];
        let incurred_at = midnight(company.timeline.months()[month]) + 24 * DAY + 10 * HOUR;
        if !employee.works_at(incurred_at) {
            return;
        }
        let mut dice = company.dice(Draw::Cost, number);
        let raise = 1000 + month as i64;
        let expenses = if employee.role == Role::Rep { dice.around(200, 1400) } else { dice.around(0, 200) };
        rows.push(row![
            format!("salary-{}-{}", month + 1, employee.key),
            company.roster.cost_kind(employee.team),
            company.roster.teams[employee.team].key.as_str(),
            employee.key.as_str(),
            None::<&str>,
            None::<&str>,
            REGIONS[employee.region].0,
            incurred_at,
            (salary(employee.role, employee.skill(0)) * raise / 1000 + expenses) * 10_000,
        ]);
    };
    Section { entity: "cost", columns: COST, things: company.roster.employees.len() as u64 * 36, write }
}

/// Rent, licences and equipment of every team, month by month.
pub fn overheads(company: &Company) -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let (month, position) = month_and_thing(number, company.roster.teams.len());
        let team = &company.roster.teams[position];
        let mut dice = company.dice(Draw::Cost, number + 1_000_000);
        rows.push(row![
            format!("overhead-{}-{}", month + 1, team.key),
            company.roster.cost_kind(position),
            team.key.as_str(),
            None::<&str>,
            None::<&str>,
            None::<&str>,
            None::<&str>,
            midnight(company.timeline.months()[month]) + 2 * DAY + 9 * HOUR,
            dice.around(1_500, 4_500) * 10_000,
        ]);
    };
    Section { entity: "cost", columns: COST, things: company.roster.teams.len() as u64 * 36, write }
}

/// Each campaign's spending, two fifths of it for advertising, at its start and in the two months after.
pub fn campaign_costs(company: &Company) -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let campaign = &company.campaigns[number as usize];
        let mut dice = company.dice(Draw::Cost, number + 2_000_000);
        let spent = campaign.budget / 1000 * dice.around(850, 1180);
        for (part, share) in [500, 300, 200].into_iter().enumerate() {
            let incurred_at = campaign.starts_at + part as i64 * 28 * DAY + 11 * HOUR;
            if incurred_at > company.timeline.now() {
                return;
            }
            for (kind, of) in [("MARKETING", 600), ("ADVERTISING", 400)] {
                rows.push(row![
                    format!("{}-{}-{}", campaign.key, part + 1, kind.to_lowercase()),
                    kind,
                    "marketing",
                    None::<&str>,
                    campaign.key.as_str(),
                    CHANNELS[campaign.channel].0,
                    None::<&str>,
                    incurred_at,
                    spent / 1_000_000 * share * of,
                ]);
            }
        }
    };
    Section { entity: "cost", columns: COST, things: company.scale.campaigns, write }
}

const TARGET: &[&str] = &["kind", "metric", "subject_kind", "subject", "starts_on", "ends_on", "value"];
pub const QUARTERS: u64 = 12;

impl Company {
    /// The first day of a quarter and the day after its last.
    pub(crate) fn quarter(&self, quarter: usize) -> (NaiveDate, NaiveDate) {
        let quarters = self.timeline.quarters();
        (quarters[quarter], quarters[quarter + 1])
    }

    /// About what is sold in a span of days.
    pub(crate) fn expected(&self, (from, to): (NaiveDate, NaiveDate)) -> i64 {
        let shares = 100_000;
        let share = self.sales.before(to, shares) - self.sales.before(from, shares);
        self.turnover / shares as i64 * share as i64
    }
}

fn label(day: NaiveDate) -> String {
    format!("{}-Q{}", day.year(), day.month0() / 3 + 1)
}

/// Whole hundreds, as people set targets.
fn round(amount: i64) -> i64 {
    amount / 1_000_000 * 1_000_000
}

/// Every rep owes about the same share of what is expected, a little more than comes by itself.
pub fn quotas(company: &Company) -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let (quarter, place) = month_and_thing(number, company.roster.reps.len());
        let (starts_on, ends_on) = company.quarter(quarter);
        let rep = &company.roster.employees[company.roster.reps[place]];
        if !rep.works_at(midnight(starts_on)) {
            return;
        }
        let mut dice = company.dice(Draw::Target, number);
        let share = company.expected((starts_on, ends_on)) / company.roster.reps.len() as i64;
        rows.push(row![
            format!("quota-{}-{}", rep.key, label(starts_on)),
            "QUOTA",
            None::<&str>,
            "EMPLOYEE",
            rep.key.as_str(),
            starts_on,
            ends_on,
            round(share / 1000 * dice.around(940, 1120)),
        ]);
    };
    Section { entity: "target", columns: TARGET, things: company.roster.reps.len() as u64 * QUARTERS, write }
}

/// What the organisation plans, and what each sales team owes.
pub fn plans() -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let (starts_on, ends_on) = company.quarter(number as usize);
        let expected = company.expected((starts_on, ends_on));
        let mut dice = company.dice(Draw::Target, number + 1_000_000);
        let mut target = |kind: &str, key: String, subject_kind: &str, subject: Option<&str>, value: i64| {
            let value = round(value / 1000 * dice.around(970, 1080));
            rows.push(row![key, kind, None::<&str>, subject_kind, subject, starts_on, ends_on, value]);
        };
        let quarter = label(starts_on);
        target("PLAN", format!("plan-{quarter}"), "ORGANISATION", None, expected);
        target("QUOTA", format!("quota-{quarter}"), "ORGANISATION", None, expected);
        for (position, team) in company.roster.teams.iter().enumerate() {
            let reps = company.roster.reps.iter().filter(|rep| company.roster.employees[**rep].team == position).count();
            let share = expected / company.roster.reps.len() as i64 * reps as i64;
            if company.roster.sells(position) && reps > 0 {
                target("PLAN", format!("plan-{}-{quarter}", team.key), "TEAM", Some(&team.key), share);
            }
        }
    };
    Section { entity: "target", columns: TARGET, things: QUARTERS, write }
}

/// What a metric is to reach.
#[derive(Clone, Copy)]
enum Aim {
    /// In ten-thousandths.
    Rate(i64),
    /// As many leads as come in such a span, and a twentieth more.
    Leads,
}

impl Aim {
    fn value(self, company: &Company, (from, to): (NaiveDate, NaiveDate)) -> i64 {
        match self {
            Aim::Rate(rate) => rate,
            Aim::Leads => {
                let leads = company.scale.leads;
                (company.sales.before(to, leads) - company.sales.before(from, leads)) as i64 * 105 / 100 * 10_000
            }
        }
    }
}

/// Metric, aim, and the team that it is for; none for the organisation.
const METRIC_TARGETS: [(&str, Aim, Option<&str>); 7] = [
    ("sales.opportunity_conversion_rate", Aim::Rate(4_800), None),
    ("sales.growth_rate_yoy", Aim::Rate(1_500), None),
    ("service.resolution_sla_rate", Aim::Rate(8_500), None),
    ("service.resolution_sla_rate", Aim::Rate(9_000), Some("first-line")),
    ("service.csat_rate", Aim::Rate(7_000), None),
    ("marketing.response_rate", Aim::Rate(600), None),
    ("marketing.lead_count", Aim::Leads, None),
];

/// The quarters, and the calendar years that lie within the three years: a ratio's targets cannot be added up.
fn target_spans(company: &Company) -> Vec<(NaiveDate, NaiveDate)> {
    let quarters = company.timeline.quarters();
    let quarter = quarters.windows(2).map(|bounds| (bounds[0], bounds[1]));
    let year = quarters.windows(5).map(|bounds| (bounds[0], bounds[4]));
    quarter.chain(year.filter(|span| span.0.month() == 1)).collect()
}

pub fn metric_targets(company: &Company) -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let (span, position) = month_and_thing(number, METRIC_TARGETS.len());
        let (starts_on, ends_on) = target_spans(company)[span];
        let (metric, aim, team) = METRIC_TARGETS[position];
        rows.push(row![
            format!("{metric}-{}-{starts_on}-{ends_on}", team.unwrap_or("organisation")),
            "METRIC",
            metric,
            if team.is_some() { "TEAM" } else { "ORGANISATION" },
            team,
            starts_on,
            ends_on,
            aim.value(company, (starts_on, ends_on)),
        ]);
    };
    let things = target_spans(company).len() * METRIC_TARGETS.len();
    Section { entity: "target", columns: TARGET, things: things as u64, write }
}
