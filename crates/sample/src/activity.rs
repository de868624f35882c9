//! Activities: calls, visits and messages that took place, and tasks and follow-ups that were done in time, late or never.

use crate::catalogue::{CHANNELS, REGIONS};
use crate::company::Company;
use crate::dice::{Dice, Draw};
use crate::name;
use crate::row::{Row, Section, key, row};
use crate::timeline::{DAY, HOUR, MINUTE};

const KINDS: [&str; 9] = ["CALL", "VISIT", "EMAIL", "SMS", "CHAT", "MEETING", "TASK", "NOTE", "FOLLOW_UP"];
const WEIGHTS: [u64; 9] = [24, 9, 20, 4, 5, 8, 12, 4, 14];

/// What an activity was about.
#[derive(Default)]
struct About {
    employee: usize,
    customer: Option<usize>,
    lead: Option<u64>,
    opportunity: Option<u64>,
    ticket: Option<u64>,
    region: usize,
}

impl Company {
    /// Of ten activities, five are about a recent opportunity, one about a lead, one about a ticket, the others about a customer.
    fn about(&self, dice: &mut Dice, number: u64, instant: i64) -> About {
        match dice.below(10) {
            0..5 => self.about_opportunity(dice, number),
            5 => self.about_lead(dice, number, instant),
            6 => self.about_ticket(dice, number),
            _ => self.about_customer(dice, instant),
        }
    }

    /// The thing of a sequence that is as far in it as this activity is among all, or a little before.
    fn recent(&self, dice: &mut Dice, number: u64, things: u64) -> u64 {
        let place = number * things / self.scale.activities;
        place.saturating_sub(dice.below(things / 40 + 1)).min(things - 1)
    }

    fn about_opportunity(&self, dice: &mut Dice, number: u64) -> About {
        let opportunity = self.recent(dice, number, self.scale.opportunities);
        let deal = self.deal(opportunity);
        let customer = Some(self.buyer(opportunity, &deal));
        About { employee: deal.rep, customer, opportunity: Some(opportunity), region: deal.region, ..About::default() }
    }

    fn about_lead(&self, dice: &mut Dice, number: u64, instant: i64) -> About {
        let lead = self.recent(dice, number, self.scale.leads);
        let employee = self.roster.rep_at(lead as usize, instant);
        About { employee, lead: Some(lead), region: self.roster.employees[employee].region, ..About::default() }
    }

    fn about_ticket(&self, dice: &mut Dice, number: u64) -> About {
        let number = self.recent(dice, number, self.scale.tickets);
        let ticket = self.ticket(number);
        About { employee: ticket.agent, customer: Some(ticket.customer), ticket: Some(number), region: ticket.region, ..About::default() }
    }

    fn about_customer(&self, dice: &mut Dice, instant: i64) -> About {
        let place = dice.below(self.roster.reps.len() as u64) as usize;
        let customer = self.customers.active(dice, place, instant);
        let employee = self.roster.rep_at(place, instant);
        About { employee, customer: Some(customer), region: self.roster.employees[employee].region, ..About::default() }
    }
}

/// When it was due and when it took place.
struct Times {
    due_at: Option<i64>,
    occurred_at: Option<i64>,
}

impl Times {
    /// Diligence comes with skill. What is due after the end of the data is still planned.
    fn new(dice: &mut Dice, kind: &str, instant: i64, skill: i64, now: i64) -> Times {
        if !["VISIT", "MEETING", "TASK", "FOLLOW_UP"].contains(&kind) {
            return Times { due_at: None, occurred_at: Some(instant) };
        }
        let due_at = instant + dice.between(0, 6) * DAY + dice.between(0, 3) * HOUR;
        let kept = 640 + skill / 4;
        let occurred_at = match dice.between(0, 999) {
            throw if throw < kept => Some(due_at - dice.between(0, 5 * HOUR)),
            throw if throw < kept + 80 => Some(due_at + dice.skewed(2 * DAY)),
            _ => None,
        };
        Times { due_at: Some(due_at), occurred_at: occurred_at.filter(|occurred| *occurred <= now) }
    }
}

pub fn activities(company: &Company) -> Section {
    let columns = &[
        "kind",
        "direction",
        "subject",
        "employee",
        "customer",
        "lead",
        "opportunity",
        "ticket",
        "campaign",
        "channel",
        "region",
        "due_at",
        "occurred_at",
        "duration",
        "feedback",
    ];
    Section { entity: "activity", columns, things: company.scale.activities, write: write_activity }
}

fn write_activity(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let mut dice = company.dice(Draw::Activity, number);
    let instant = company.office.instant(number, company.scale.activities, dice.between(0, 999));
    let about = company.about(&mut dice, number, instant);
    let skill = company.roster.employees[about.employee].skill(company.timeline.progress(instant));
    let kind = KINDS[dice.weighted(&WEIGHTS)];
    let times = Times::new(&mut dice, kind, instant, skill, company.timeline.now());
    let done = times.occurred_at.is_some();
    let spoken = done && ["CALL", "VISIT", "MEETING", "CHAT"].contains(&kind);
    let answered = done && ["CALL", "VISIT", "MEETING", "FOLLOW_UP"].contains(&kind);
    let inbound = dice.chance(if about.ticket.is_some() { 700 } else { 220 });
    rows.push(row![
        key("A", number),
        kind,
        (kind != "NOTE" && kind != "TASK").then_some(if inbound { "INBOUND" } else { "OUTBOUND" }),
        dice.chance(150).then(|| name::topic(&mut dice)),
        company.employee_key(about.employee),
        about.customer.map(|customer| company.customers.key(customer)),
        about.lead.map(|lead| key("L", lead)),
        about.opportunity.map(|opportunity| key("P", opportunity)),
        about.ticket.map(|ticket| key("T", ticket)),
        company.campaign_at(&mut dice, instant, 60).map(|campaign| company.campaigns[campaign].key.clone()),
        channel(kind),
        REGIONS[about.region].0,
        times.due_at,
        times.occurred_at,
        spoken.then(|| dice.skewed(if kind == "CALL" { 7 * MINUTE } else { 45 * MINUTE })).and_then(|length| dice.unless(100, length)),
        (answered && dice.chance(380 + skill / 4)).then(|| name::remark(&mut dice)),
    ]);
}

fn channel(kind: &str) -> Option<&'static str> {
    let position = match kind {
        "VISIT" | "MEETING" => 0,
        "CHAT" => 2,
        "CALL" | "SMS" => 3,
        "EMAIL" => 4,
        _ => return None,
    };
    Some(CHANNELS[position].0)
}
