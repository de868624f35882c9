//! Leads on their way: contacted, qualified by marketing, accepted and qualified by sales, converted, won or lost.

use crate::catalogue::{CHANNELS, REGIONS};
use crate::company::Company;
use crate::deal::Outcome;
use crate::dice::{Dice, Draw};
use crate::name;
use crate::row::{Row, Section, key, row};
use crate::timeline::{DAY, MINUTE};

struct Lead {
    source: &'static str,
    score: i64,
    customer: Option<usize>,
    rep: usize,
    campaign: Option<usize>,
    channel: usize,
    region: usize,
    created_at: i64,
    contacted_at: Option<i64>,
    qualified_at: Option<i64>,
    accepted_at: Option<i64>,
    sales_qualified_at: Option<i64>,
    converted_at: Option<i64>,
    won_at: Option<i64>,
    lost_at: Option<i64>,
}

const SOURCES: [&str; 6] = ["WEB_FORM", "TRADE_FAIR", "REFERRAL", "COLD_CALL", "PARTNER", "ADVERTISING"];

impl Company {
    /// The opportunity that a lead would become: at the same place in its own sequence, so that the dates fit.
    fn partner(&self, lead: u64) -> Option<u64> {
        let (leads, opportunities) = (self.scale.leads, self.scale.opportunities);
        let opportunity = lead * opportunities / leads;
        ((opportunity * leads).div_ceil(opportunities) == lead).then_some(opportunity)
    }

    fn converts(&self, lead: u64) -> bool {
        self.partner(lead).is_some() && self.dice(Draw::LeadFate, lead).chance(330)
    }

    /// The lead from which an opportunity came.
    pub(crate) fn lead_of(&self, opportunity: u64) -> Option<u64> {
        let lead = (opportunity * self.scale.leads).div_ceil(self.scale.opportunities);
        (lead < self.scale.leads && self.partner(lead) == Some(opportunity) && self.converts(lead)).then_some(lead)
    }

    fn lead(&self, number: u64) -> Lead {
        match self.partner(number).filter(|_| self.converts(number)) {
            Some(opportunity) => self.converted_lead(number, opportunity),
            None => self.unconverted_lead(number),
        }
    }

    fn converted_lead(&self, number: u64, opportunity: u64) -> Lead {
        let mut dice = self.dice(Draw::Lead, number);
        let deal = self.deal(opportunity);
        let age = dice.skewed(8 * DAY) + DAY;
        let created_at = deal.created_at - age;
        Lead {
            source: SOURCES[dice.weighted(&[30, 14, 26, 8, 12, 10])],
            score: dice.around(45, 100),
            customer: Some(self.buyer(opportunity, &deal)),
            rep: deal.rep,
            campaign: deal.campaign,
            channel: deal.channel,
            region: deal.region,
            created_at,
            contacted_at: Some(created_at + (age / 5).min(response(&mut dice, self.skill_at(deal.rep, created_at)))),
            qualified_at: Some(created_at + age / 3),
            accepted_at: Some(created_at + age / 2),
            sales_qualified_at: Some(created_at + age * 4 / 5),
            converted_at: Some(deal.created_at),
            won_at: deal.closed_at().filter(|_| deal.outcome == Outcome::Won),
            lost_at: deal.closed_at().filter(|_| deal.outcome == Outcome::Lost),
        }
    }

    fn unconverted_lead(&self, number: u64) -> Lead {
        let mut dice = self.dice(Draw::Lead, number);
        let created_at = self.sales.instant(number, self.scale.leads, dice.between(0, 999));
        let place = dice.below(self.roster.reps.len() as u64) as usize;
        let rep = self.roster.rep_at(place, created_at);
        let skill = self.skill_at(rep, created_at);
        let now = self.timeline.now();
        let mut at = created_at;
        let mut passes = |dice: &mut Dice, per_mille: i64, delay: i64| {
            let reached = at != i64::MAX && dice.chance(per_mille) && at + delay <= now;
            at = if reached { at + delay } else { i64::MAX };
            reached.then_some(at)
        };
        let contacted_at = {
            let delay = response(&mut dice, skill);
            passes(&mut dice, 760 + skill / 6, delay)
        };
        let qualified_at = {
            let delay = dice.skewed(2 * DAY);
            passes(&mut dice, 520, delay)
        };
        let accepted_at = {
            let delay = dice.skewed(DAY);
            passes(&mut dice, 560, delay)
        };
        let sales_qualified_at = {
            let delay = dice.skewed(3 * DAY);
            passes(&mut dice, 330, delay)
        };
        let last = sales_qualified_at.or(accepted_at).or(qualified_at).or(contacted_at).unwrap_or(created_at);
        let given_up = last + dice.skewed(30 * DAY);
        Lead {
            source: SOURCES[dice.weighted(&[34, 18, 8, 18, 8, 14])],
            score: dice.around(0, if qualified_at.is_some() { 95 } else { 60 }),
            customer: None,
            rep,
            campaign: self.campaign_at(&mut dice, created_at, 520),
            channel: dice.weighted(&[16, 12, 40, 16, 16]),
            region: self.region_of(&mut dice, rep),
            created_at,
            contacted_at,
            qualified_at,
            accepted_at,
            sales_qualified_at,
            converted_at: None,
            won_at: None,
            lost_at: Some(given_up).filter(|instant| *instant <= now && dice.chance(850)),
        }
    }

    fn skill_at(&self, rep: usize, instant: i64) -> i64 {
        self.roster.employees[rep].skill(self.timeline.progress(instant))
    }
}

/// Good reps answer within the hour, weak ones the next day.
fn response(dice: &mut Dice, skill: i64) -> i64 {
    dice.skewed((1100 - skill) * MINUTE / 2) + 4 * MINUTE
}

impl Lead {
    fn status(&self) -> &'static str {
        let reached = [
            (self.converted_at, "CONVERTED"),
            (self.lost_at, "LOST"),
            (self.sales_qualified_at, "SQL"),
            (self.accepted_at, "SAL"),
            (self.qualified_at, "MQL"),
            (self.contacted_at, "WORKING"),
        ];
        reached.iter().find(|(at, _)| at.is_some()).map_or("NEW", |(_, status)| status)
    }
}

pub fn leads(company: &Company) -> Section {
    let columns = &[
        "name",
        "source",
        "status",
        "score",
        "customer",
        "employee",
        "campaign",
        "channel",
        "region",
        "created_at",
        "contacted_at",
        "qualified_at",
        "accepted_at",
        "sales_qualified_at",
        "converted_at",
        "won_at",
        "lost_at",
    ];
    Section { entity: "lead", columns, things: company.scale.leads, write: write_lead }
}

fn write_lead(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let lead = company.lead(number);
    let mut dice = company.dice(Draw::LeadFate, number + company.scale.leads);
    rows.push(row![
        key("L", number),
        if dice.chance(600) { name::firm(&mut dice) } else { name::person(&mut dice) },
        dice.unless(30, lead.source),
        lead.status(),
        dice.unless(70, lead.score * 10_000),
        lead.customer.map(|customer| company.customers.key(customer)),
        // Not yet given to anyone.
        if lead.contacted_at.is_some() { Some(company.employee_key(lead.rep)) } else { dice.unless(400, company.employee_key(lead.rep)) },
        lead.campaign.map(|campaign| company.campaigns[campaign].key.clone()),
        CHANNELS[lead.channel].0,
        REGIONS[lead.region].0,
        lead.created_at,
        lead.contacted_at,
        lead.qualified_at,
        lead.accepted_at,
        lead.sales_qualified_at,
        lead.converted_at,
        lead.won_at,
        lead.lost_at,
    ]);
}
