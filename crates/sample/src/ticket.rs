//! Tickets: what arrives, how soon it is answered and solved, and what suffers when too much arrives at once.

use crate::catalogue::{CHANNELS, REGIONS, pick_product};
use crate::company::Company;
use crate::dice::{Dice, Draw};
use crate::name;
use crate::row::{Row, Section, key, row};
use crate::timeline::{DAY, HOUR};

pub struct Ticket {
    pub customer: usize,
    pub agent: usize,
    pub product: usize,
    pub channel: usize,
    pub region: usize,
    kind: &'static str,
    priority: usize,
    pub created_at: i64,
    response_due_at: i64,
    first_response_at: Option<i64>,
    due_at: i64,
    pub closed_at: Option<i64>,
    escalated_at: Option<i64>,
    reopened: i64,
    first_contact: bool,
    /// For what is decided only when the row is written.
    dice: Dice,
}

impl Ticket {
    /// Whether the customer had to wait longer than promised.
    pub fn late(&self) -> bool {
        self.closed_at.is_none_or(|closed| closed > self.due_at)
    }

    pub fn annoying(&self) -> bool {
        self.reopened > 0 || self.escalated_at.is_some()
    }
}

const KINDS: [&str; 6] = ["COMPLAINT", "INCIDENT", "QUESTION", "REQUEST", "PRESALES", "FEEDBACK"];
const PRIORITIES: [&str; 4] = ["LOW", "NORMAL", "HIGH", "URGENT"];
/// Promised hours to the first response and to the solution, for each priority.
const PROMISES: [(i64, i64); 4] = [(24, 120), (8, 48), (4, 16), (1, 6)];

impl Company {
    pub(crate) fn ticket(&self, number: u64) -> Ticket {
        let mut dice = self.dice(Draw::Ticket, number);
        let created_at = self.service.instant(number, self.scale.tickets, dice.between(0, 999));
        let progress = self.timeline.progress(created_at);
        let meant = dice.below(self.roster.agents.len() as u64) as usize;
        let agent = self.roster.agent_at(meant, created_at);
        let skill = self.roster.employees[agent].skill(progress);
        let load = self.service.load(created_at).clamp(400, 4000);
        let place = dice.below(self.roster.reps.len() as u64) as usize;
        let customer = self.customers.active(&mut dice, place, created_at);
        let priority = dice.weighted(&[24, 50, 18, 8]);
        let slow = (1500 - skill) * (600 + load / 2) / 1000;
        let (response, solution) = PROMISES[priority];
        let respond = dice.skewed(response * HOUR * slow / 2600);
        let solve = respond + dice.skewed(solution * HOUR * slow / 2400);
        let now = self.timeline.now();
        let until_now = |instant: i64| (instant <= now).then_some(instant);
        let forgotten = dice.chance(4);
        let late = solve > solution * HOUR;
        Ticket {
            customer,
            agent,
            product: pick_product(&mut dice, progress),
            channel: dice.weighted(&[6, 8, 32, 30, 24]),
            region: self.roster.employees[self.roster.rep_at(self.customers.owner(customer), created_at)].region,
            kind: KINDS[dice.weighted(&[if late { 22 } else { 10 }, if load > 2500 { 60 } else { 20 }, 26, 24, 8, 5])],
            priority,
            created_at,
            response_due_at: created_at + response * HOUR,
            first_response_at: until_now(created_at + respond),
            due_at: created_at + solution * HOUR,
            closed_at: until_now(created_at + solve).filter(|_| !forgotten),
            escalated_at: dice
                .chance(if late { 190 } else { 45 })
                .then(|| created_at + respond + (solve - respond) / 2)
                .and_then(until_now),
            reopened: if dice.chance(110 - skill / 14) { 1 + dice.weighted(&[80, 20]) as i64 } else { 0 },
            first_contact: !late && dice.chance(250 + skill / 2),
            dice,
        }
    }
}

pub fn tickets(company: &Company) -> Section {
    let columns = &[
        "subject",
        "kind",
        "priority",
        "customer",
        "employee",
        "team",
        "product",
        "channel",
        "region",
        "created_at",
        "response_due_at",
        "first_response_at",
        "due_at",
        "closed_at",
        "timely",
        "accepted",
        "first_contact",
        "reopened_count",
        "escalated_at",
    ];
    Section { entity: "ticket", columns, things: company.scale.tickets, write: write_ticket }
}

fn write_ticket(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let mut ticket = company.ticket(number);
    let late = ticket.late();
    let annoying = ticket.annoying();
    let dice = &mut ticket.dice;
    let closed = ticket.closed_at.is_some();
    let team = company.roster.employees[ticket.agent].team;
    let accepted = closed.then(|| dice.chance(if late || annoying { 700 } else { 940 }));
    let accepted = accepted.and_then(|accepted| dice.unless(300, accepted));
    rows.push(row![
        key("T", number),
        name::topic(dice),
        ticket.kind,
        dice.unless(25, PRIORITIES[ticket.priority]),
        Some(company.customers.key(ticket.customer)).and_then(|customer| dice.unless(15, customer)),
        dice.unless(50, company.employee_key(ticket.agent)),
        company.roster.teams[team].key.as_str(),
        dice.unless(60, company.product_key(ticket.product)),
        CHANNELS[ticket.channel].0,
        REGIONS[ticket.region].0,
        ticket.created_at,
        ticket.response_due_at,
        ticket.first_response_at,
        dice.unless(30, ticket.due_at),
        ticket.closed_at,
        closed.then_some(!late).and_then(|timely| dice.unless(100, timely)),
        accepted,
        dice.unless(80, ticket.first_contact).filter(|_| closed),
        ticket.reopened.min(if closed { 9 } else { 0 }),
        ticket.escalated_at,
    ]);
}

/// A question is sent soon after a case was closed, and answered within some days or never.
const ANSWER_WITHIN: i64 = 12 * DAY;

/// One question to a customer, with the answer's place on any scale in per mille.
struct Asked {
    survey: usize,
    customer: usize,
    ticket: Option<(u64, Ticket)>,
    sent_at: i64,
    pleasure: i64,
    dice: Dice,
}

/// Key, lowest and highest answer. The last one is asked without a ticket.
const SURVEYS: [(&str, i64, i64); 4] = [("TNPS", 0, 10), ("CES", 1, 7), ("SERVICE_SATISFACTION", 1, 5), ("NPS", 0, 10)];

impl Company {
    fn asked(&self, number: u64) -> Asked {
        let mut dice = self.dice(Draw::Survey, number);
        let about = number * self.scale.tickets / self.scale.surveys;
        let ticket = self.ticket(about);
        let closed_at = ticket.closed_at.filter(|_| number % 10 != 9);
        let Some(closed_at) = closed_at else {
            let (customer, sent_at) = (ticket.customer, ticket.created_at);
            let pleasure = dice.around(300, 1200) - self.timeline.progress(sent_at) / 12;
            return Asked { survey: 3, customer, ticket: None, sent_at, pleasure, dice };
        };
        let skill = self.roster.employees[ticket.agent].skill(self.timeline.progress(ticket.created_at));
        let spoilt = if ticket.late() { 260 } else { 0 } + if ticket.annoying() { 180 } else { 0 };
        Asked {
            survey: (number % 3) as usize,
            customer: ticket.customer,
            sent_at: (closed_at + HOUR).min(self.timeline.now()),
            pleasure: dice.around(330, 1130) + skill / 5 - spoilt,
            ticket: Some((about, ticket)),
            dice,
        }
    }
}

pub fn surveys(company: &Company) -> Section {
    let columns = &[
        "survey",
        "customer",
        "employee",
        "product",
        "channel",
        "region",
        "ticket",
        "scale_min",
        "scale_max",
        "sent_at",
        "responded_at",
        "score",
        "comment",
    ];
    Section { entity: "survey_response", columns, things: company.scale.surveys, write: write_survey }
}

fn write_survey(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let Asked { survey, customer, ticket, sent_at, pleasure, mut dice } = company.asked(number);
    let (name, low, high) = SURVEYS[survey];
    let score = (low + ((high - low) * pleasure.clamp(0, 1000) + 500) / 1000) * 10_000;
    let responded_at = Some(sent_at + dice.skewed(20 * HOUR))
        .filter(|responded| *responded <= company.timeline.now() && *responded < sent_at + ANSWER_WITHIN)
        .filter(|_| dice.chance(if (350..=900).contains(&pleasure) { 650 } else { 820 }));
    let of_ticket = ticket.as_ref().map(|(_, ticket)| ticket);
    rows.push(row![
        key("S", number),
        name,
        company.customers.key(customer),
        of_ticket.map(|ticket| company.employee_key(ticket.agent)),
        of_ticket.map(|ticket| company.product_key(ticket.product)),
        of_ticket.map(|ticket| CHANNELS[ticket.channel].0),
        of_ticket.map(|ticket| REGIONS[ticket.region].0),
        ticket.as_ref().map(|(number, _)| key("T", *number)),
        low * 10_000,
        high * 10_000,
        sent_at,
        responded_at,
        responded_at.map(|_| score),
        responded_at.filter(|_| dice.chance(220)).map(|_| name::remark(&mut dice)),
    ]);
}
