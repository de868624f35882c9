//! What the company sells, where and how: the same small tables at every scale.

use crate::dice::Dice;
use crate::timeline::Timeline;
use chrono::{Days, NaiveDate};

pub const REGIONS: [(&str, &str); 4] = [("north", "North"), ("south", "South"), ("west", "West"), ("overseas", "Übersee")];
/// Countries of each region, in the order of [`REGIONS`].
pub const COUNTRIES: [[&str; 3]; 4] = [["DK", "SE", "FI"], ["IT", "ES", "AT"], ["FR", "BE", "NL"], ["CN", "CA", "BR"]];

pub const CHANNELS: [(&str, &str, &str); 5] = [
    ("field", "Field sales", "DIRECT"),
    ("partner", "Partners", "PARTNER"),
    ("web", "Web shop", "WEB"),
    ("phone", "Telephone", "PHONE"),
    ("email", "E-mail", "EMAIL"),
];

pub const SEGMENTS: [(&str, &str); 5] = [
    ("enterprise", "Enterprise"),
    ("mid-market", "Mid-market"),
    ("small", "Small business"),
    ("public", "Public sector"),
    ("start-up", "Start-up"),
];

pub const INDUSTRIES: [&str; 8] = ["Manufacturing", "Retail", "Health", "Education", "Logistics", "Hospitality", "Energy", "Media"];

/// Key, name and the probability of winning, in per mille.
pub const STAGES: [(&str, &str, i64); 4] =
    [("qualify", "Qualification", 100), ("discover", "Discovery", 250), ("propose", "Proposal", 500), ("negotiate", "Negotiation", 750)];

pub const CATEGORIES: [(&str, &str); 4] =
    [("balance", "Balances"), ("sensor", "Sensors"), ("software", "Software"), ("service", "Services")];

/// How a product stands in the market, in shares of the three years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Steady,
    /// Sells less and less, and no more after two thirds of the time.
    Fading,
    /// Comes to market after this share, in per mille, and grows.
    Launched(i64),
}

#[derive(Clone, Copy, Debug)]
pub struct Product {
    pub key: &'static str,
    pub name: &'static str,
    pub category: usize,
    /// In whole units of currency.
    pub price: i64,
    /// Cost of goods, in per mille of the list price.
    pub cost: i64,
    weight: u64,
    pub phase: Phase,
}

const fn product(key: &'static str, name: &'static str, category: usize, price: i64, cost: i64, weight: u64, phase: Phase) -> Product {
    Product { key, name, category, price, cost, weight, phase }
}

use Phase::{Fading, Launched, Steady};

pub const PRODUCTS: [Product; 12] = [
    product("libra-1", "Libra 1", 0, 980, 610, 22, Fading),
    product("libra-2", "Libra 2", 0, 1_190, 560, 18, Launched(330)),
    product("libra-pro", "Libra Pro", 0, 3_400, 520, 11, Steady),
    product("pivot", "Pivot Précis", 0, 6_900, 480, 5, Steady),
    product("gram-s", "Gram S", 1, 145, 430, 24, Steady),
    product("gram-x", "Gram X", 1, 320, 410, 17, Steady),
    product("gram-mesh", "Gram Mesh 网", 1, 590, 450, 9, Launched(600)),
    product("tare", "Tare Desktop", 2, 460, 120, 13, Steady),
    product("tare-cloud", "Tare Cloud", 2, 1_500, 180, 10, Launched(150)),
    product("ledger-link", "Ledger Link", 2, 2_200, 150, 6, Steady),
    product("care", "Care Contract", 3, 540, 650, 15, Steady),
    product("calibration", "Calibration on site", 3, 280, 720, 12, Steady),
];

impl Product {
    /// How much of this product is sold when so much of the three years is over, against others.
    fn weight(&self, progress: i64) -> u64 {
        let share = match self.phase {
            Phase::Steady => 1000,
            Phase::Fading => 1000 - progress * 3 / 2,
            Phase::Launched(from) => (progress - from) * 4,
        };
        self.weight * share.clamp(0, 1400) as u64
    }

    pub fn launched_on(&self, timeline: &Timeline) -> Option<NaiveDate> {
        match self.phase {
            Phase::Launched(from) => timeline.first_day.checked_add_days(Days::new((timeline.days() * from / 1000) as u64)),
            _ => timeline.first_day.checked_sub_days(Days::new(400 + self.price as u64 % 900)),
        }
    }
}

/// The position of a product that is on sale when so much of the three years is over.
pub fn pick_product(dice: &mut Dice, progress: i64) -> usize {
    dice.weighted(&PRODUCTS.map(|product| product.weight(progress)))
}
