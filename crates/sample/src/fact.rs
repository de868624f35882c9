//! Figures that arrive already added up: the market, advertising, the telephone system.

use crate::campaign::Campaign;
use crate::catalogue::{PRODUCTS, REGIONS};
use crate::company::Company;
use crate::dice::{Dice, Draw};
use crate::figure::QUARTERS;
use crate::row::{Row, Section, row};
use chrono::NaiveDate;

const FACT: &[&str] = &["fact", "subject_kind", "subject", "starts_on", "ends_on", "value", "source"];

/// What a figure is of: the kind of subject, and which one.
type Subject<'a> = (&'a str, Option<&'a str>);

fn fact(name: &str, (kind, subject): Subject, span: (NaiveDate, NaiveDate), value: i64, source: &str) -> Row {
    let of = subject.unwrap_or("organisation");
    row![format!("{}-{of}-{}", name.to_lowercase(), span.0), name, kind, subject, span.0, span.1, value, source]
}

/// The market of each quarter, from a made-up institute: as a whole, by region and by product. The company wins share
/// slowly, and the leader sells about twice as much.
pub fn market() -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let span = company.quarter(number as usize);
        let mut dice = company.dice(Draw::Fact, number);
        let total = company.expected(span) / 1000 * (6_800 - 70 * number as i64 + dice.around(-200, 200));
        let mut add = |subject: Subject, share: i64| {
            let part = total / 1000 * share;
            rows.push(fact("MARKET_TOTAL", subject, span, part, "Institut Kessmar"));
            rows.push(fact("MARKET_LEADER_SALES", subject, span, part / 1000 * 290, "Institut Kessmar"));
            rows.push(fact("MARKET_UNITS", subject, span, part / 10_000_000 * 10_000, "Institut Kessmar"));
        };
        add(("ORGANISATION", None), 1000);
        for (position, (region, _)) in REGIONS.iter().enumerate() {
            add(("REGION", Some(region)), [310, 270, 240, 180][position]);
        }
        for product in &PRODUCTS {
            add(("PRODUCT", Some(product.key)), 1000 / PRODUCTS.len() as i64);
        }
    };
    Section { entity: "period_fact", columns: FACT, things: QUARTERS, write }
}

/// What advertising platforms report: how often an advertisement was seen, by how many, and followed; by campaign and
/// month, and for the organisation.
pub fn advertising() -> Section {
    let write = |company: &Company, month: u64, rows: &mut Vec<Row>| {
        let months = company.timeline.months();
        let span = (months[month as usize], months[month as usize + 1]);
        let mut sums = [0; 3];
        for (position, campaign) in company.campaigns.iter().enumerate() {
            if campaign.starts_on() >= span.1 || campaign.ends_on() < span.0 {
                continue;
            }
            let dice = company.dice(Draw::Fact, 1_000_000 + month * company.scale.campaigns + position as u64);
            let seen = impressions(dice, campaign);
            add_impressions(("CAMPAIGN", Some(&campaign.key)), span, seen, rows);
            sums = std::array::from_fn(|figure| sums[figure] + seen[figure]);
        }
        add_impressions(("ORGANISATION", None), span, sums, rows);
    };
    Section { entity: "period_fact", columns: FACT, things: 36, write }
}

fn impressions(mut dice: Dice, campaign: &Campaign) -> [i64; 3] {
    let seen = campaign.budget / 10_000 * dice.around(9, 16);
    let reached = seen / dice.between(3, 6);
    [seen, reached, seen * campaign.pull / 1000 * dice.around(6, 14) / 1000]
}

fn add_impressions(subject: Subject, span: (NaiveDate, NaiveDate), seen: [i64; 3], rows: &mut Vec<Row>) {
    for (name, value) in ["IMPRESSIONS", "REACH", "AD_CLICKS"].into_iter().zip(seen) {
        rows.push(fact(name, subject, span, value * 10_000, "advertising platforms"));
    }
}

/// What the telephone system reports of every service team and month: calls offered, answered, and answered in time.
pub fn telephone() -> Section {
    let write = |company: &Company, month: u64, rows: &mut Vec<Row>| {
        let months = company.timeline.months();
        let span = (months[month as usize], months[month as usize + 1]);
        let tickets = company.scale.tickets;
        let offered = (company.service.before(span.1, tickets) - company.service.before(span.0, tickets)) as i64 * 2;
        let mut add = |subject: Subject, offered: i64| {
            let answered = offered * (955 - month as i64) / 1000;
            for (name, value) in
                [("CONTACTS_OFFERED", offered), ("CONTACTS_ANSWERED", answered), ("CONTACTS_IN_THRESHOLD", answered * 830 / 1000)]
            {
                rows.push(fact(name, subject, span, value * 10_000, "telephone system"));
            }
        };
        let leaves: Vec<_> = (0..company.roster.teams.len())
            .filter(|team| company.roster.serves(*team) && company.roster.teams[*team].parent.is_some())
            .collect();
        let each = offered / leaves.len() as i64;
        leaves.iter().for_each(|team| add(("TEAM", Some(&company.roster.teams[*team].key)), each));
        add(("ORGANISATION", None), each * leaves.len() as i64);
    };
    Section { entity: "period_fact", columns: FACT, things: 36, write }
}
