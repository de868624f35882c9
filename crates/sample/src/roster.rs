//! Teams and employees, with what no table shows: how good they are, and whether they get better or worse.

use crate::dice::{Dice, Draw};
use crate::name;
use crate::scale::Scale;
use crate::timeline::{DAY, Timeline};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Manager,
    Rep,
    Agent,
    Marketer,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Manager => "MANAGER",
            Role::Rep => "REP",
            Role::Agent => "AGENT",
            Role::Marketer => "MARKETER",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Team {
    pub key: String,
    pub name: String,
    pub parent: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Employee {
    pub key: String,
    pub name: String,
    pub role: Role,
    pub team: usize,
    pub manager: Option<usize>,
    pub region: usize,
    /// 0 to 1000: shifts win rate, cycle and deal size of reps, speed and satisfaction of agents.
    skill: i64,
    /// What becomes of the skill over the three years.
    drift: i64,
    pub hired_at: i64,
    pub left_at: Option<i64>,
}

impl Employee {
    pub fn skill(&self, progress: i64) -> i64 {
        (self.skill + self.drift * progress / 1000).clamp(20, 1000)
    }

    pub fn works_at(&self, instant: i64) -> bool {
        self.hired_at <= instant && self.left_at.is_none_or(|left| instant < left)
    }
}

#[derive(Clone, Debug)]
pub struct Roster {
    pub teams: Vec<Team>,
    pub employees: Vec<Employee>,
    /// Positions in `employees`.
    pub reps: Vec<usize>,
    pub agents: Vec<usize>,
}

const SALES: usize = 0;
const SERVICE: usize = 1;
const MARKETING: usize = 2;
const SALES_TEAMS: [&str; 3] = ["Key accounts", "Inside sales", "Field sales"];
const SERVICE_TEAMS: [&str; 2] = ["First line", "Second line"];

impl Roster {
    pub fn new(scale: &Scale, seed: u64, timeline: &Timeline) -> Roster {
        let managers = (scale.employees / 25).max(2);
        let marketers = (scale.employees / 25).max(2);
        let agents = (scale.employees - managers - marketers) * 3 / 8;
        let reps = scale.employees - managers - marketers - agents;
        let mut roster = Roster { teams: roots(), employees: Vec::new(), reps: Vec::new(), agents: Vec::new() };
        let sales = roster.add_teams(SALES, &SALES_TEAMS, "Sales", (reps / 12).max(3));
        let service = roster.add_teams(SERVICE, &SERVICE_TEAMS, "Service", (agents / 12).max(2));
        for number in 0..scale.employees {
            let (role, rank, of) = match number {
                _ if number < managers => (Role::Manager, number, managers),
                _ if number < managers + reps => (Role::Rep, number - managers, reps),
                _ if number < managers + reps + agents => (Role::Agent, number - managers - reps, agents),
                _ => (Role::Marketer, number - managers - reps - agents, marketers),
            };
            let team = match role {
                Role::Manager => rank as usize % 2,
                Role::Rep => sales[rank as usize % sales.len()],
                Role::Agent => service[rank as usize % service.len()],
                Role::Marketer => MARKETING,
            };
            let person = Dice::of(seed, Draw::Employee, number);
            roster.hire(person, role, rank, of, team, timeline);
        }
        roster
    }

    fn add_teams(&mut self, parent: usize, names: &[&str], plain: &str, count: u64) -> Vec<usize> {
        let first = self.teams.len();
        for number in 0..count as usize {
            let name = names.get(number).map_or_else(|| format!("{plain} {}", number + 1), |name| (*name).to_owned());
            let key = name.to_lowercase().replace(' ', "-");
            self.teams.push(Team { key, name, parent: Some(parent) });
        }
        (first..self.teams.len()).collect()
    }

    fn hire(&mut self, mut dice: Dice, role: Role, rank: u64, of: u64, team: usize, timeline: &Timeline) {
        let position = self.employees.len();
        let (hired_at, left_at) = employment(&mut dice, role, rank, timeline);
        match role {
            Role::Rep => self.reps.push(position),
            Role::Agent => self.agents.push(position),
            Role::Manager | Role::Marketer => {}
        }
        self.employees.push(Employee {
            key: format!("E{:03}", position + 1),
            name: name::person(&mut dice),
            role,
            team,
            manager: (role != Role::Manager).then_some(usize::from(role == Role::Agent)),
            region: position % 4,
            skill: skill(&mut dice, rank, of),
            drift: self.drift(&mut dice, role, team),
            hired_at,
            left_at,
        });
    }

    /// Field sales and the second line get worse; the others stay or learn.
    fn drift(&self, dice: &mut Dice, role: Role, team: usize) -> i64 {
        let worsens = [SALES_TEAMS[2], SERVICE_TEAMS[1]].contains(&self.teams[team].name.as_str());
        match role {
            Role::Rep | Role::Agent if worsens => -450,
            _ => dice.between(-50, 150),
        }
    }

    /// The rep who works at the instant: the one meant, or who took over.
    pub fn rep_at(&self, meant: usize, instant: i64) -> usize {
        (0..self.reps.len())
            .map(|step| self.reps[(meant + step) % self.reps.len()])
            .find(|rep| self.employees[*rep].works_at(instant))
            .unwrap_or(self.reps[meant % self.reps.len()])
    }

    /// The agent who takes a case at the instant.
    pub fn agent_at(&self, meant: usize, instant: i64) -> usize {
        (0..self.agents.len())
            .map(|step| self.agents[(meant + step) % self.agents.len()])
            .find(|agent| self.employees[*agent].works_at(instant))
            .unwrap_or(self.agents[meant % self.agents.len()])
    }

    pub fn root_of(&self, team: usize) -> usize {
        self.teams[team].parent.unwrap_or(team)
    }

    /// What a team's work is booked as.
    pub fn cost_kind(&self, team: usize) -> &'static str {
        match self.root_of(team) {
            SALES => "SELLING",
            SERVICE => "SERVICE",
            _ => "MARKETING",
        }
    }

    pub fn sells(&self, team: usize) -> bool {
        self.root_of(team) == SALES
    }

    pub fn serves(&self, team: usize) -> bool {
        self.root_of(team) == SERVICE
    }
}

fn roots() -> Vec<Team> {
    [("sales", "Sales"), ("service", "Service"), ("marketing", "Marketing")]
        .map(|(key, name)| Team { key: key.to_owned(), name: name.to_owned(), parent: None })
        .to_vec()
}

/// Spread over everyone of a role, so that however few there are some are good and some are not: the second of them is
/// outstanding and the last one weak.
fn skill(dice: &mut Dice, rank: u64, of: u64) -> i64 {
    match rank {
        1 => 960,
        _ if rank + 1 == of => 90,
        _ => 320 + (rank * 7 % of.max(1)) as i64 * 360 / of.max(1) as i64 + dice.between(-30, 30),
    }
}

/// Most were there before and stay; a tenth come later, a tenth leave.
fn employment(dice: &mut Dice, role: Role, rank: u64, timeline: &Timeline) -> (i64, Option<i64>) {
    let before = timeline.start() - dice.between(100, 3000) * DAY;
    let during = timeline.start() + dice.between(300, 700) * DAY;
    match (role, rank % 10) {
        (Role::Rep | Role::Agent, 4) => (during, None),
        (Role::Rep | Role::Agent, 7) => (before, Some(during)),
        _ => (before, None),
    }
}
