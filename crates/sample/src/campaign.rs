//! Campaigns, whom they addressed and what came of it; one of them flops, one is a hit.

use crate::catalogue::{CHANNELS, REGIONS};
use crate::company::Company;
use crate::dice::{Dice, Draw};
use crate::row::{Row, Section, key, row};
use crate::scale::Scale;
use crate::timeline::{DAY, HOUR, MINUTE, Timeline, day_of};
use chrono::{Datelike, NaiveDate};

#[derive(Clone, Debug)]
pub struct Campaign {
    pub key: String,
    name: String,
    kind: &'static str,
    pub channel: usize,
    pub starts_at: i64,
    pub ends_at: i64,
    pub budget: i64,
    /// How much better than usual it works, in per mille.
    pub pull: i64,
}

const KINDS: [(&str, usize); 5] = [("EMAIL", 4), ("EVENT", 0), ("WEBINAR", 2), ("SOCIAL", 2), ("CALLING", 3)];
const THEMES: [&str; 8] =
    ["Weigh less", "Trade-in", "Libra 2 launch", "Care all year", "Winter stock", "Open lab", "Tare trial", "Récolte"];

impl Campaign {
    pub fn all(scale: &Scale, seed: u64, timeline: &Timeline) -> Vec<Campaign> {
        let campaign = |number| Campaign::new(Dice::of(seed, Draw::Campaign, number), number, scale.campaigns, timeline);
        (0..scale.campaigns).map(campaign).collect()
    }

    fn new(mut dice: Dice, number: u64, of: u64, timeline: &Timeline) -> Campaign {
        let (kind, channel) = KINDS[number as usize % KINDS.len()];
        let day = timeline.days() * number as i64 / of as i64;
        let starts_at = timeline.start() + day * DAY;
        let year = day_of(starts_at).year();
        Campaign {
            key: format!("campaign-{}", number + 1),
            name: format!("{} {year} #{}", THEMES[number as usize % THEMES.len()], number + 1),
            kind,
            channel,
            starts_at,
            ends_at: starts_at + dice.between(25, 55) * DAY,
            budget: dice.between(60, 240) * 100 * 10_000,
            pull: match number {
                _ if number == of * 2 / 3 => 60,
                _ if number == of / 4 => 1900,
                _ => dice.between(650, 1350),
            },
        }
    }

    pub fn runs_at(&self, instant: i64) -> bool {
        self.starts_at <= instant && instant < self.ends_at + 10 * DAY
    }

    pub fn starts_on(&self) -> NaiveDate {
        day_of(self.starts_at)
    }

    pub fn ends_on(&self) -> NaiveDate {
        day_of(self.ends_at)
    }
}

impl Company {
    /// A campaign that runs then and had a part in it, with a probability in per mille for one that works as usual.
    pub(crate) fn campaign_at(&self, dice: &mut Dice, instant: i64, per_mille: i64) -> Option<usize> {
        let latest = self.campaigns.partition_point(|campaign| campaign.starts_at <= instant).checked_sub(1)?;
        let candidate = latest.saturating_sub(dice.below(2) as usize);
        let campaign = &self.campaigns[candidate];
        let effect = dice.chance(per_mille * campaign.pull / 1000);
        (effect && campaign.runs_at(instant)).then_some(candidate)
    }
}

pub fn campaigns(company: &Company) -> Section {
    let columns = &["name", "kind", "channel", "starts_on", "ends_on", "budget"];
    Section { entity: "campaign", columns, things: company.scale.campaigns, write: write_campaign }
}

fn write_campaign(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let campaign = &company.campaigns[number as usize];
    rows.push(row![
        campaign.key.as_str(),
        campaign.name.as_str(),
        campaign.kind,
        CHANNELS[campaign.channel].0,
        campaign.starts_on(),
        campaign.ends_on(),
        campaign.budget,
    ]);
}

pub fn members(company: &Company) -> Section {
    let columns = &[
        "campaign",
        "customer",
        "lead",
        "channel",
        "region",
        "member_group",
        "sent_at",
        "delivered_at",
        "bounced_at",
        "opened_at",
        "clicked_at",
        "responded_at",
        "converted_at",
        "unsubscribed_at",
        "contacts",
        "duration",
    ];
    Section { entity: "campaign_member", columns, things: company.scale.members, write: write_member }
}

/// Whom a member is: three in ten are leads of those weeks, the others customers, each once a campaign as far as they go.
enum Whom {
    Customer(usize),
    Lead(u64),
}

fn whom(company: &Company, campaign: u64, place: u64) -> Whom {
    let (all, leads) = (company.scale.campaigns, company.scale.leads);
    let (from, to) = (campaign * leads / all, (campaign + 1) * leads / all);
    if place % 10 < 3 && place / 10 * 3 + place % 10 < to - from {
        return Whom::Lead(from + place / 10 * 3 + place % 10);
    }
    let customers = company.customers.count() as u64;
    Whom::Customer(((campaign * 613 + place) % customers) as usize)
}

fn write_member(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let campaigns = company.scale.campaigns;
    let number_of_campaign = number * campaigns / company.scale.members;
    let first = (number_of_campaign * company.scale.members).div_ceil(campaigns);
    let campaign = &company.campaigns[number_of_campaign as usize];
    let mut dice = company.dice(Draw::Member, number);
    let (customer, lead) = match whom(company, number_of_campaign, number - first) {
        Whom::Customer(customer) => (Some(company.customers.key(customer)), None),
        Whom::Lead(lead) => (None, Some(key("L", lead))),
    };
    let control = dice.chance(100);
    let sent_at = campaign.starts_at + dice.between(0, 9) * DAY + dice.between(7 * HOUR, 17 * HOUR);
    let touch = if control { held_back(&mut dice, sent_at) } else { addressed(&mut dice, sent_at, campaign) };
    let now = company.timeline.now();
    let until_now = |instant: Option<i64>| instant.filter(|instant| *instant <= now);
    rows.push(row![
        key("B", number),
        campaign.key.as_str(),
        customer,
        lead,
        CHANNELS[campaign.channel].0,
        Some(dice.pick(&REGIONS).0).and_then(|region| dice.unless(60, region)),
        if control { "CONTROL" } else { "TARGET" },
        sent_at.min(now),
        until_now(touch.delivered_at),
        until_now(touch.bounced_at),
        until_now(touch.opened_at),
        until_now(touch.clicked_at),
        until_now(touch.responded_at),
        until_now(touch.converted_at),
        until_now(touch.unsubscribed_at),
        touch.contacts * 10_000,
        touch.duration,
    ]);
}

#[derive(Default)]
struct Touch {
    delivered_at: Option<i64>,
    bounced_at: Option<i64>,
    opened_at: Option<i64>,
    clicked_at: Option<i64>,
    responded_at: Option<i64>,
    converted_at: Option<i64>,
    unsubscribed_at: Option<i64>,
    contacts: i64,
    duration: Option<i64>,
}

/// Some do what the campaign asks for without having heard of it.
fn held_back(dice: &mut Dice, sent_at: i64) -> Touch {
    let converts = dice.chance(14);
    Touch { converted_at: converts.then(|| sent_at + dice.between(1, 20) * DAY), ..Touch::default() }
}

fn addressed(dice: &mut Dice, sent_at: i64, campaign: &Campaign) -> Touch {
    let contacts = 1 + dice.weighted(&[55, 25, 12, 8]) as i64;
    if dice.chance(35) {
        return Touch { bounced_at: Some(sent_at + dice.between(1, 30) * MINUTE), contacts, ..Touch::default() };
    }
    let pulled = |per_mille: i64| (per_mille * campaign.pull / 1000).min(900);
    let delivered_at = sent_at + dice.between(1, 40) * MINUTE;
    let opened_at = dice.chance(pulled(380)).then(|| delivered_at + dice.skewed(9 * HOUR));
    let clicked_at = opened_at.filter(|_| dice.chance(pulled(290))).map(|opened| opened + dice.between(1, 90) * MINUTE);
    let responded_at = opened_at.filter(|_| dice.chance(pulled(150))).map(|opened| opened + dice.skewed(20 * HOUR));
    let convinced = clicked_at.or(responded_at).filter(|_| dice.chance(pulled(240)));
    let spoken = campaign.kind == "CALLING" || campaign.kind == "EVENT";
    Touch {
        delivered_at: Some(delivered_at),
        bounced_at: None,
        opened_at,
        clicked_at,
        responded_at,
        converted_at: convinced.map(|instant| instant + dice.skewed(3 * DAY)),
        unsubscribed_at: opened_at.filter(|_| dice.chance(18)),
        contacts,
        duration: Some(dice.skewed(4 * MINUTE)).filter(|_| spoken).and_then(|length| dice.unless(150, length)),
    }
}
