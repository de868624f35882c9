//! Opportunities: who works on what, how long, and how it ends. Skill decides much of it.

use crate::catalogue::{CHANNELS, PRODUCTS, REGIONS, STAGES, pick_product};
use crate::company::Company;
use crate::dice::{Dice, Draw};
use crate::row::{Row, Section, key, row};
use crate::timeline::{DAY, HOUR, day_of};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Open,
    Won,
    Lost,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Outcome::Open => "OPEN",
            Outcome::Won => "WON",
            Outcome::Lost => "LOST",
        }
    }
}

/// An opportunity without its customer, whom only a deal that is known to be won or not can have.
#[derive(Clone, Debug)]
pub struct Deal {
    /// Position in the roster.
    pub rep: usize,
    /// The rep's place among the reps: customers belong to places.
    pub place: usize,
    pub product: usize,
    pub quantity: i64,
    pub created_at: i64,
    pub cycle: i64,
    pub outcome: Outcome,
    /// While open, when it would be closed.
    pub closing_at: i64,
    /// The last stage that was reached.
    pub stage: usize,
    pub list_amount: i64,
    pub amount: i64,
    pub channel: usize,
    pub region: usize,
    pub campaign: Option<usize>,
}

impl Deal {
    pub fn closed_at(&self) -> Option<i64> {
        (self.outcome != Outcome::Open).then_some(self.closing_at)
    }
}

impl Company {
    pub(crate) fn deal(&self, number: u64) -> Deal {
        let mut dice = self.dice(Draw::Opportunity, number);
        let created_at = self.pipeline.instant(number, self.scale.opportunities, dice.between(0, 999));
        let place = dice.below(self.roster.reps.len() as u64) as usize;
        let rep = self.roster.rep_at(place, created_at);
        let progress = self.timeline.progress(created_at);
        let skill = self.roster.employees[rep].skill(progress);
        let product = pick_product(&mut dice, progress);
        let cycle = dice.skewed(46 * (1400 - skill * 7 / 10) / 1000 * DAY) + dice.between(2 * HOUR, 2 * DAY);
        let closing_at = self.closing(created_at, cycle);
        let quantity = dice.skewed(9 * (700 + skill * 6 / 10) / 1000).max(1);
        let list_amount = PRODUCTS[product].price * 10_000 * quantity;
        let outcome = self.outcome(&mut dice, skill, closing_at);
        let discount = dice.around(0, 260 - skill / 8);
        let stage = self.stage_reached(&mut dice, created_at, closing_at, outcome);
        Deal {
            rep,
            place,
            product,
            quantity,
            created_at,
            cycle: closing_at - created_at,
            outcome,
            closing_at,
            stage,
            list_amount,
            amount: list_amount - list_amount / 1000 * discount,
            channel: dice.weighted(&[46, 22, 8, 16, 8]),
            region: self.region_of(&mut dice, rep),
            campaign: self.campaign_at(&mut dice, created_at, 160),
        }
    }

    /// Nothing closes before the three years begin.
    fn closing(&self, created_at: i64, cycle: i64) -> i64 {
        let closing_at = created_at + cycle;
        match closing_at < self.timeline.start() {
            true => closing_at + crate::company::WARM_UP * DAY,
            false => closing_at,
        }
    }

    fn outcome(&self, dice: &mut Dice, skill: i64, closing_at: i64) -> Outcome {
        let won = dice.chance(250 + skill * 45 / 100);
        match closing_at > self.timeline.now() {
            true => Outcome::Open,
            false if won => Outcome::Won,
            false => Outcome::Lost,
        }
    }

    fn stage_reached(&self, dice: &mut Dice, created_at: i64, closing_at: i64, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Won => STAGES.len() - 1,
            Outcome::Lost => dice.weighted(&[30, 30, 25, 15]),
            Outcome::Open => {
                let share = (self.timeline.now() - created_at) * 1000 / (closing_at - created_at).max(1);
                STAGE_SHARES.iter().rposition(|from| share >= *from).unwrap_or(0)
            }
        }
    }

    /// Reps mostly sell at home.
    pub(crate) fn region_of(&self, dice: &mut Dice, rep: usize) -> usize {
        match dice.chance(880) {
            true => self.roster.employees[rep].region,
            false => dice.below(REGIONS.len() as u64) as usize,
        }
    }

    /// A won deal belongs to someone who was a customer then; others also to people who are none yet or never will be.
    pub(crate) fn buyer(&self, number: u64, deal: &Deal) -> usize {
        let mut dice = self.dice(Draw::OpportunityBuyer, number);
        match deal.outcome {
            Outcome::Won => self.customers.active(&mut dice, deal.place, deal.closing_at),
            _ if dice.chance(600) => self.customers.active(&mut dice, deal.place, deal.created_at),
            _ => self.customers.prospect(&mut dice, deal.place, deal.created_at),
        }
    }
}

/// When each stage is entered, in per mille of the way from creation to close.
const STAGE_SHARES: [i64; 4] = [0, 220, 500, 800];
const LOSS_REASONS: [&str; 7] = ["PRICE", "COMPETITOR", "NO_DECISION", "NO_BUDGET", "PRODUCT", "SERVICE", "UNKNOWN"];

pub fn opportunities(company: &Company) -> Section {
    let columns = &[
        "name",
        "customer",
        "employee",
        "product",
        "lead",
        "campaign",
        "channel",
        "region",
        "stage",
        "outcome",
        "loss_reason",
        "amount",
        "list_amount",
        "win_probability",
        "created_at",
        "expected_close_on",
        "closed_at",
    ];
    Section { entity: "opportunity", columns, things: company.scale.opportunities, write: write_opportunity }
}

fn write_opportunity(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let deal = company.deal(number);
    let mut dice = company.dice(Draw::OpportunityOrder, number);
    let open = deal.outcome == Outcome::Open;
    let lost = deal.outcome == Outcome::Lost;
    let loss_reason = lost.then(|| LOSS_REASONS[dice.weighted(&loss_weights(company, &deal))]);
    let probability = open.then(|| STAGES[deal.stage].2 * 10 * dice.around(700, 1250) / 1000);
    let late = dice.around(-12, 20) * DAY;
    rows.push(row![
        key("P", number),
        [PRODUCTS[deal.product].name, " × ", &deal.quantity.to_string()].concat(),
        company.customers.key(company.buyer(number, &deal)),
        dice.unless(12, company.employee_key(deal.rep)),
        company.product_key(deal.product),
        company.lead_of(number).map(|lead| key("L", lead)),
        deal.campaign.map(|campaign| company.campaigns[campaign].key.clone()),
        CHANNELS[deal.channel].0,
        REGIONS[deal.region].0,
        STAGES[deal.stage].0,
        deal.outcome.name(),
        loss_reason,
        // A won amount is known; an expected one is sometimes not written down.
        if deal.outcome == Outcome::Won { Some(deal.amount) } else { dice.unless(30, deal.amount) },
        dice.unless(40, deal.list_amount),
        probability.and_then(|probability| dice.unless(50, probability)),
        deal.created_at,
        dice.unless(100, day_of((deal.closing_at + late).max(deal.created_at))),
        deal.closed_at(),
    ]);
}

/// A fading product is lost for its age; later on, competitors take more.
fn loss_weights(company: &Company, deal: &Deal) -> [u64; 7] {
    let progress = company.timeline.progress(deal.closing_at) as u64;
    let aged = PRODUCTS[deal.product].phase == crate::catalogue::Phase::Fading;
    [28, 16 + progress / 60, 16, 13, if aged { 30 } else { 7 }, 6, 8]
}

pub fn stage_entries(company: &Company) -> Section {
    let things = if company.scale.stage_history { company.scale.opportunities } else { 0 };
    let columns = &["opportunity", "stage", "entered_at", "left_at", "advanced"];
    Section { entity: "stage_entry", columns, things, write: write_stage_entries }
}

fn write_stage_entries(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let deal = company.deal(number);
    let opportunity = key("P", number);
    let entered = |stage: usize| deal.created_at + deal.cycle / 1000 * STAGE_SHARES[stage];
    for (stage, (name, ..)) in STAGES.iter().enumerate().take(deal.stage + 1) {
        let last = stage == deal.stage;
        let left_at = if last { deal.closed_at() } else { Some(entered(stage + 1)) };
        let advanced = left_at.map(|_| !last || deal.outcome == Outcome::Won);
        let entry = [opportunity.as_str(), "-", name].concat();
        rows.push(row![entry, opportunity.as_str(), *name, entered(stage), left_at, advanced]);
    }
}
