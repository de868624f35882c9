//! The company behind the rows: the few things that are kept in memory, and what everyone else works out from them.

use crate::campaign::Campaign;
use crate::catalogue::PRODUCTS;
use crate::customer::Customers;
use crate::deal::Outcome;
use crate::dice::{Dice, Draw};
use crate::roster::Roster;
use crate::scale::Scale;
use crate::timeline::{Curve, Timeline, office_weight, sales_weight, service_weight};

/// Everything random follows from it.
pub type Seed = u64;

/// Opportunities that are open when the three years begin were created up to so many days before.
pub const WARM_UP: i64 = 60;

/// A generated company. Memory grows with the number of customers, campaigns and employees only; every other record is
/// worked out when its turn comes and forgotten.
pub struct Company {
    pub scale: Scale,
    pub seed: Seed,
    pub timeline: Timeline,
    pub(crate) roster: Roster,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) customers: Customers,
    pub(crate) sales: Curve,
    pub(crate) service: Curve,
    pub(crate) office: Curve,
    pub(crate) pipeline: Curve,
    /// Orders that do not come from a won opportunity.
    pub(crate) plain_orders: u64,
    /// About what all orders of the three years amount to, for quotas and market figures.
    pub(crate) turnover: i64,
}

impl Company {
    pub fn generate(scale: &Scale, seed: Seed) -> Company {
        let timeline = Timeline::ending(scale.last_day);
        let (first, days) = (timeline.first_day, timeline.days());
        let early = first - chrono::Days::new(WARM_UP as u64);
        let mut company = Company {
            roster: Roster::new(scale, seed, &timeline),
            campaigns: Campaign::all(scale, seed, &timeline),
            customers: Customers::default(),
            sales: Curve::new(first, days, sales_weight),
            service: Curve::new(first, days, service_weight),
            office: Curve::new(first, days, office_weight),
            pipeline: Curve::new(early, days + WARM_UP, |day, step| sales_weight(day, step - WARM_UP)),
            plain_orders: 0,
            turnover: 0,
            scale: scale.clone(),
            seed,
            timeline,
        };
        let won = company.won_amounts();
        company.plain_orders = scale.orders.saturating_sub(won.0);
        company.customers = Customers::new(&company);
        company.turnover = won.1 + company.mean_order() * company.plain_orders as i64;
        company
    }

    pub(crate) fn dice(&self, draw: Draw, number: u64) -> Dice {
        Dice::of(self.seed, draw, number)
    }

    /// How many opportunities are won, and for how much.
    fn won_amounts(&self) -> (u64, i64) {
        (0..self.scale.opportunities)
            .map(|number| self.deal(number))
            .filter(|deal| deal.outcome == Outcome::Won)
            .fold((0, 0), |(count, sum), deal| (count + 1, sum + deal.amount))
    }

    /// From at most a thousand orders, evenly spread.
    fn mean_order(&self) -> i64 {
        let step = (self.plain_orders / 1000).max(1) as usize;
        let amounts: Vec<i64> = (0..self.plain_orders).step_by(step).map(|number| self.plain_order(number).amount()).collect();
        amounts.iter().sum::<i64>() / amounts.len().max(1) as i64
    }

    pub(crate) fn product_key(&self, product: usize) -> &'static str {
        PRODUCTS[product].key
    }

    pub(crate) fn employee_key(&self, employee: usize) -> String {
        self.roster.employees[employee].key.clone()
    }
}
