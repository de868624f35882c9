//! Orders and their lines: those of won opportunities, and the many plain ones of customers who buy again.

use crate::catalogue::{CHANNELS, PRODUCTS, Product, REGIONS, pick_product};
use crate::company::Company;
use crate::deal::{Deal, Outcome};
use crate::dice::{Dice, Draw};
use crate::row::{Row, Section, key, row};
use crate::timeline::{DAY, HOUR};

pub struct Order {
    key: String,
    customer: usize,
    rep: usize,
    opportunity: Option<u64>,
    campaign: Option<usize>,
    channel: usize,
    region: usize,
    ordered_at: i64,
    lines: Vec<Line>,
    /// For what is decided only when the row is written.
    dice: Dice,
}

struct Line {
    product: usize,
    quantity: i64,
    list_amount: i64,
    amount: i64,
    cost: Option<i64>,
    cross_sell: Option<bool>,
}

impl Order {
    pub fn amount(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

impl Line {
    fn new(dice: &mut Dice, product: usize, quantity: i64, discount: i64) -> Line {
        let Product { price, cost, .. } = PRODUCTS[product];
        let list_amount = price * 10_000 * quantity;
        Line {
            product,
            quantity,
            list_amount,
            amount: list_amount - list_amount / 1000 * discount,
            cost: dice.unless(40, list_amount / 1000 * cost),
            cross_sell: Some(false),
        }
    }

    /// Something that goes with what is already in the order.
    fn cross_sell(dice: &mut Dice, progress: i64, skill: i64) -> Line {
        let product = pick_product(dice, progress);
        let line = Line::new(dice, product, usual_quantity(product), 40);
        Line { cross_sell: dice.unless(30, sold_on_top(skill, product)), ..line }
    }
}

fn usual_quantity(product: usize) -> i64 {
    if PRODUCTS[product].price > 1_000 { 1 } else { 2 }
}

/// Whether a further line counts as sold on top: contracts and calibrations always do, others where the rep is good.
fn sold_on_top(skill: i64, product: usize) -> bool {
    PRODUCTS[product].category == 3 || skill > 400
}

impl Company {
    pub(crate) fn plain_order(&self, number: u64) -> Order {
        let ordered_at = self.plain_instant(number);
        let mut dice = self.dice(Draw::Order, number);
        let progress = self.timeline.progress(ordered_at);
        let first = self.customers.first_ordered_by(number, self.plain_orders);
        let customer = first.unwrap_or_else(|| self.returning(&mut dice, ordered_at, progress));
        let rep = self.roster.rep_at(self.customers.owner(customer), ordered_at);
        let skill = self.roster.employees[rep].skill(progress);
        let discount = dice.around(0, 170 - skill / 10);
        let product = pick_product(&mut dice, progress);
        let quantity = dice.skewed(3 * (800 + skill * 5 / 10) / 1000 + i64::from(self.customers.activity(customer)) / 4).max(1);
        let mut lines = vec![Line::new(&mut dice, product, quantity, discount)];
        for _ in 0..dice.weighted(&[62, 28, 10]) {
            lines.push(Line::cross_sell(&mut dice, progress, skill));
        }
        Order {
            key: key("O", number),
            customer,
            rep,
            opportunity: None,
            campaign: self.campaign_at(&mut dice, ordered_at, 90),
            channel: dice.weighted(&[26, 16, 22 + progress as u64 / 30, 16, 12]),
            region: self.region_of(&mut dice, rep),
            ordered_at,
            lines,
            dice,
        }
    }

    /// A customer who orders again; those of good reps do so more often.
    fn returning(&self, dice: &mut Dice, instant: i64, progress: i64) -> usize {
        let places = self.roster.reps.len();
        let mut place = dice.below(places as u64) as usize;
        for _ in 0..8 {
            let skill = self.roster.employees[self.roster.rep_at(place, instant)].skill(progress);
            if dice.between(0, 1100) < skill + 250 {
                break;
            }
            place = dice.below(places as u64) as usize;
        }
        self.customers.active(dice, place, instant)
    }

    fn won_order(&self, number: u64, deal: &Deal) -> Order {
        let mut dice = self.dice(Draw::OpportunityOrder, number + self.scale.opportunities);
        let progress = self.timeline.progress(deal.closing_at);
        let cost = dice.unless(40, deal.list_amount / 1000 * PRODUCTS[deal.product].cost);
        let Deal { product, quantity, list_amount, amount, .. } = *deal;
        let mut lines = vec![Line { product, quantity, list_amount, amount, cost, cross_sell: Some(false) }];
        if dice.chance(220) {
            lines.push(Line::cross_sell(&mut dice, progress, self.roster.employees[deal.rep].skill(progress)));
        }
        Order {
            key: key("W", number),
            customer: self.buyer(number, deal),
            rep: deal.rep,
            opportunity: Some(number),
            campaign: deal.campaign,
            channel: deal.channel,
            region: deal.region,
            ordered_at: deal.closing_at,
            lines,
            dice,
        }
    }

    fn order_of(&self, opportunity: u64) -> Option<Order> {
        let deal = self.deal(opportunity);
        (deal.outcome == Outcome::Won).then(|| self.won_order(opportunity, &deal))
    }
}

const ORDER: &[&str] =
    &["customer", "employee", "opportunity", "campaign", "channel", "region", "state", "ordered_at", "promised_at", "shipped_at", "amount"];
const LINE: &[&str] = &["order", "product", "quantity", "unit_price", "list_amount", "amount", "cost", "cross_sell"];

pub fn won_orders(company: &Company) -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        rows.extend(company.order_of(number).map(|order| order_row(company, order)));
    };
    Section { entity: "order", columns: ORDER, things: company.scale.opportunities, write }
}

pub fn plain_orders(company: &Company) -> Section {
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        rows.push(order_row(company, company.plain_order(number)));
    };
    Section { entity: "order", columns: ORDER, things: company.plain_orders, write }
}

fn order_row(company: &Company, order: Order) -> Row {
    let amount = order.amount();
    let Order { key, customer, rep, opportunity, campaign, channel, region, ordered_at, mut dice, .. } = order;
    let cancelled = dice.chance(22);
    let way = dice.skewed(60 * HOUR * company.sales.load(ordered_at).clamp(500, 2500) / 1000);
    let shipped_at = Some(ordered_at + way).filter(|shipped| !cancelled && *shipped <= company.timeline.now());
    row![
        key,
        company.customers.key(customer),
        dice.unless(25, company.employee_key(rep)),
        opportunity.map(|number| crate::row::key("P", number)),
        campaign.map(|campaign| company.campaigns[campaign].key.clone()),
        dice.unless(10, CHANNELS[channel].0),
        REGIONS[region].0,
        if cancelled { "CANCELLED" } else { "BOOKED" },
        ordered_at,
        Some(ordered_at + dice.between(4, 8) * DAY).and_then(|promised| dice.unless(50, promised)),
        shipped_at,
        amount,
    ]
}

pub fn won_lines(company: &Company) -> Section {
    let things = if company.scale.order_lines { company.scale.opportunities } else { 0 };
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        if let Some(order) = company.order_of(number) {
            line_rows(company, &order, rows);
        }
    };
    Section { entity: "order_line", columns: LINE, things, write }
}

pub fn plain_lines(company: &Company) -> Section {
    let things = if company.scale.order_lines { company.plain_orders } else { 0 };
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| line_rows(company, &company.plain_order(number), rows);
    Section { entity: "order_line", columns: LINE, things, write }
}

fn line_rows(company: &Company, order: &Order, rows: &mut Vec<Row>) {
    for (position, line) in order.lines.iter().enumerate() {
        rows.push(row![
            [order.key.as_str(), "-", &(position + 1).to_string()].concat(),
            order.key.as_str(),
            company.product_key(line.product),
            line.quantity * 10_000,
            line.amount / line.quantity,
            line.list_amount,
            line.amount,
            line.cost,
            line.cross_sell,
        ]);
    }
}
