//! Customers: when they came, when they went, how often they buy; and their segments and contacts.

use crate::catalogue::{COUNTRIES, INDUSTRIES, REGIONS, SEGMENTS};
use crate::company::Company;
use crate::dice::{Dice, Draw};
use crate::name;
use crate::row::{Row, Section, key, row};
use crate::timeline::{DAY, midnight};

/// What is remembered of every customer. They are ordered by the instant at which they became customers, with those who
/// never did at the end, so that the customers of a day are a range.
#[derive(Default)]
pub struct Customers {
    /// `i64::MAX`: never.
    acquired_at: Vec<i64>,
    churned_at: Vec<i64>,
    /// 1 to 16: how often they buy.
    activity: Vec<u8>,
    places: usize,
    /// How many were customers before the three years.
    before: usize,
    newcomers: u64,
}

/// Few buy much.
const ACTIVITY: [u8; 12] = [1, 1, 1, 1, 2, 2, 2, 3, 4, 6, 9, 16];
const NEVER: i64 = i64::MAX;

impl Customers {
    pub fn new(company: &Company) -> Customers {
        let count = company.scale.customers;
        let before = count * 2 / 5;
        let newcomers = (count / 2).min(company.plain_orders / 3);
        let mut customers = Customers { places: company.roster.reps.len(), before: before as usize, newcomers, ..Customers::default() };
        for number in 0..count {
            let acquired_at = customers.arrival(company, number, before);
            customers.add(company, number, acquired_at);
        }
        customers
    }

    fn arrival(&self, company: &Company, number: u64, before: u64) -> i64 {
        match number.checked_sub(before) {
            None => {
                let first = company.timeline.start() - 6 * 365 * DAY;
                first + (6 * 365 * DAY - 2 * DAY) / before as i64 * number as i64
            }
            Some(newcomer) if newcomer < self.newcomers => company.plain_instant(self.first_order(newcomer, company.plain_orders)),
            Some(_) => NEVER,
        }
    }

    fn add(&mut self, company: &Company, number: u64, acquired_at: i64) {
        let mut dice = company.dice(Draw::Customer, number);
        let activity = dice.pick(&ACTIVITY);
        let earliest = acquired_at.saturating_add(90 * DAY).max(company.timeline.start() + 20 * DAY);
        let left = company.timeline.now() - earliest;
        let churns = left > 0 && dice.chance(if activity < 3 { 300 } else { 110 });
        let churned_at = if churns { midnight(crate::timeline::day_of(earliest + dice.between(0, left - 1))) } else { NEVER };
        self.acquired_at.push(acquired_at);
        self.churned_at.push(churned_at);
        self.activity.push(activity);
    }

    /// The number of the plain order with which a newcomer becomes a customer.
    fn first_order(&self, newcomer: u64, plain_orders: u64) -> u64 {
        (2 * newcomer + 1) * plain_orders / (2 * self.newcomers)
    }

    /// The newcomer whose first order this is.
    pub fn first_ordered_by(&self, order: u64, plain_orders: u64) -> Option<usize> {
        let guess = order * self.newcomers / plain_orders.max(1);
        let found = (guess.saturating_sub(1)..=guess + 1)
            .find(|newcomer| *newcomer < self.newcomers && self.first_order(*newcomer, plain_orders) == order)?;
        Some(self.before + found as usize)
    }

    /// How many were acquired up to the instant, gone ones included.
    pub fn acquired_by(&self, instant: i64) -> usize {
        self.acquired_at.partition_point(|acquired| *acquired <= instant)
    }

    /// Someone who is a customer at the instant, mostly of the rep with that place, the more likely the more they buy.
    pub fn active(&self, dice: &mut Dice, place: usize, instant: i64) -> usize {
        let known = self.acquired_by(instant).max(1);
        let own = dice.chance(900);
        let mut found = 0;
        for attempt in 0..64 {
            let any = dice.below(known as u64) as usize;
            let at_place = any / self.places * self.places + place;
            found = if own && at_place < known { at_place } else { any };
            let here = self.churned_at[found] > instant;
            if here && (attempt > 40 || dice.below(16) < u64::from(self.activity[found])) {
                return found;
            }
        }
        (0..known).find(|customer| self.churned_at[*customer] > instant).unwrap_or(found)
    }

    /// Someone who is no customer yet, mostly the rep's with that place.
    pub fn prospect(&self, dice: &mut Dice, place: usize, instant: i64) -> usize {
        let known = self.acquired_by(instant);
        let all = self.acquired_at.len();
        let any = known + dice.below((all - known) as u64) as usize;
        let at_place = any / self.places * self.places + place;
        if (known..all).contains(&at_place) { at_place } else { any.min(all - 1) }
    }

    pub fn key(&self, customer: usize) -> String {
        key("C", customer as u64)
    }

    pub fn count(&self) -> usize {
        self.acquired_at.len()
    }

    /// The place of the rep who owns a customer.
    pub fn owner(&self, customer: usize) -> usize {
        customer % self.places
    }

    pub fn activity(&self, customer: usize) -> u8 {
        self.activity[customer]
    }

    fn known(instant: i64) -> Option<i64> {
        (instant != NEVER).then_some(instant)
    }
}

pub fn customers(company: &Company) -> Section {
    let columns = &["name", "kind", "industry", "country", "region", "employee", "acquired_at", "churned_at"];
    Section { entity: "customer", columns, things: company.scale.customers, write: write_customer }
}

fn write_customer(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let customers = &company.customers;
    let customer = number as usize;
    let mut dice = company.dice(Draw::Membership, number);
    let owner = company.roster.rep_at(customers.owner(customer), company.timeline.now());
    let region = company.region_of(&mut dice, owner);
    let person = dice.chance(60);
    rows.push(row![
        customers.key(customer),
        if person { name::person(&mut dice) } else { name::firm(&mut dice) },
        if person { "PERSON" } else { "COMPANY" },
        if person { None } else { Some(dice.pick(&INDUSTRIES)).and_then(|industry| dice.unless(50, industry)) },
        Some(dice.pick(&COUNTRIES[region])).and_then(|country| dice.unless(20, country)),
        REGIONS[region].0,
        Some(company.employee_key(owner)).and_then(|owner| dice.unless(20, owner)),
        Customers::known(customers.acquired_at[customer]),
        Customers::known(customers.churned_at[customer]),
    ]);
}

pub fn segment_members(company: &Company) -> Section {
    let columns = &["segment", "customer", "starts_at", "ends_at"];
    Section { entity: "segment_member", columns, things: company.scale.customers, write: write_memberships }
}

/// Most are in one segment for good, some grow into another, a few were never segmented.
fn write_memberships(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let mut dice = company.dice(Draw::Membership, number + company.scale.customers);
    let customer = company.customers.key(number as usize);
    let segment = match company.customers.activity(number as usize) {
        9.. => 0,
        3.. => dice.pick(&[1, 1, 3]),
        _ => dice.pick(&[2, 2, 2, 4]),
    };
    if dice.chance(40) {
        return;
    }
    let grows = segment >= 2 && dice.chance(150);
    let change = grows.then(|| company.timeline.start() + dice.between(200, 900) * DAY);
    rows.push(row![key("M", number), SEGMENTS[segment].0, customer.as_str(), None::<i64>, change]);
    if let Some(from) = change {
        rows.push(row![key("N", number), SEGMENTS[1].0, customer.as_str(), from, None::<i64>]);
    }
}

pub fn contacts(company: &Company) -> Section {
    let columns = &["customer", "name", "title", "email", "phone"];
    Section { entity: "contact", columns, things: company.scale.customers, write: write_contacts }
}

const TITLES: [&str; 6] = ["Purchasing", "Head of IT", "Managing director", "Laboratory", "Comptabilité", "Operations"];

fn write_contacts(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let mut dice = company.dice(Draw::Contact, number);
    for contact in 0..dice.weighted(&[20, 55, 25]) as u64 {
        let reach = number * 2 + contact;
        rows.push(row![
            key("K", reach),
            company.customers.key(number as usize),
            name::person(&mut dice),
            Some(dice.pick(&TITLES)).and_then(|title| dice.unless(200, title)),
            dice.unless(120, format!("contact{reach}@customer{number}.example")),
            // 999 is no country's code.
            dice.unless(350, format!("+999 {:07}", digits(number, contact))),
        ]);
    }
}

fn digits(number: u64, contact: u64) -> u64 {
    (number * 7919 + contact * 104_729) % 10_000_000
}

impl Company {
    /// When a plain order was placed: from its number alone, since newcomers have their own instant from their first order.
    pub(crate) fn plain_instant(&self, number: u64) -> i64 {
        let jitter = self.dice(Draw::OrderInstant, number).between(0, 999);
        self.sales.instant(number, self.plain_orders, jitter)
    }
}
