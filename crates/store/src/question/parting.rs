//! How facts are parted in time where all slots are read at once: each fact finds its slot by one expression over the bounds, or
//! meets its slots in a list. (Where each slot is a branch of its own there is one slot only, and nothing to part.)
//!
//! Disjoint bounds make a balanced ladder of CASEs: a fact is compared a few times only, and the statement has no join. Where
//! bounds overlap a fact can be in several slots, so there the bounds are a list of rows that the facts are joined to.

use super::Fault;

/// The alias of the list of bounds or instants.
pub(super) const LIST: &str = "p";

pub(crate) struct Parting {
    /// The number of the slot that a fact is in; constant where there is only one.
    pub slot: String,
    pub constant: bool,
    /// A list to be joined.
    pub list: Option<String>,
    pub conditions: Vec<String>,
}

impl Parting {
    pub fn intervals(time: &str, bounds: &[(i64, i64)]) -> Result<Parting, Fault> {
        if bounds.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Err(Fault::Time("intervals must be disjoint and ascending".into()));
        }
        Parting::periods(time, bounds)
    }

    pub fn periods(time: &str, bounds: &[(i64, i64)]) -> Result<Parting, Fault> {
        check(bounds)?;
        let mut sorted: Vec<_> = bounds.iter().copied().enumerate().collect();
        sorted.sort_by_key(|(_, bound)| *bound);
        if sorted.windows(2).any(|pair| pair[0].1.1 > pair[1].1.0) {
            return Ok(Parting::listed(time, bounds));
        }
        let steps = steps(&sorted);
        Ok(Parting { slot: ladder(time, &steps), constant: bounds.len() == 1, list: None, conditions: vec![within(time, &runs(bounds))] })
    }

    pub fn instants(stock: &[&str], instants: &[i64]) -> Result<Parting, Fault> {
        let at = |instant: &str| stock.iter().map(|condition| condition.replace("{at}", instant)).collect::<Vec<_>>();
        match instants {
            [] => Err(Fault::Time("no instant is named".into())),
            [instant] => Ok(Parting { slot: "0".into(), constant: true, list: None, conditions: at(&instant.to_string()) }),
            several => {
                let rows = several.iter().enumerate().map(|(slot, instant)| format!("({slot}, {instant})"));
                let conditions = at(&format!("{LIST}.column2"));
                Ok(Parting { slot: format!("{LIST}.column1"), constant: false, list: Some(list(rows)), conditions })
            }
        }
    }

    fn listed(time: &str, bounds: &[(i64, i64)]) -> Parting {
        let rows = bounds.iter().enumerate().map(|(slot, (from, to))| format!("({slot}, {from}, {to})"));
        let conditions = vec![format!("{time} >= {LIST}.column2 AND {time} < {LIST}.column3")];
        Parting { slot: format!("{LIST}.column1"), constant: false, list: Some(list(rows)), conditions }
    }
}

fn check(bounds: &[(i64, i64)]) -> Result<(), Fault> {
    match bounds.iter().find(|(from, to)| from >= to) {
        _ if bounds.is_empty() => Err(Fault::Time("no interval is named".into())),
        Some((from, to)) => Err(Fault::Time(format!("it ends at {to}, not after its beginning at {from} (microseconds since 1970)"))),
        None => Ok(()),
    }
}

/// Both databases call the columns of such a list column1, column2, …
fn list(rows: impl Iterator<Item = String>) -> String {
    format!("(VALUES {}) AS {LIST}", rows.collect::<Vec<_>>().join(", "))
}

/// From each lower bound on, the slot, or none in a gap.
fn steps(sorted: &[(usize, (i64, i64))]) -> Vec<(i64, Option<usize>)> {
    let mut steps = Vec::with_capacity(sorted.len());
    let mut end = None;
    for (slot, (from, to)) in sorted {
        steps.extend(end.filter(|end| end < from).map(|end| (end, None)));
        steps.push((*from, Some(*slot)));
        end = Some(*to);
    }
    steps
}

fn ladder(time: &str, steps: &[(i64, Option<usize>)]) -> String {
    match steps {
        [(_, Some(slot))] => slot.to_string(),
        [] | [(_, None)] => "NULL".into(),
        _ => {
            let (below, above) = steps.split_at(steps.len() / 2);
            format!("CASE WHEN {time} < {} THEN {} ELSE {} END", above[0].0, ladder(time, below), ladder(time, above))
        }
    }
}

/// The bounds as few ranges without gaps: what an index is searched by.
fn runs(bounds: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut sorted = bounds.to_vec();
    sorted.sort_unstable();
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for (from, to) in sorted {
        match runs.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => runs.push((from, to)),
        }
    }
    runs
}

fn within(time: &str, runs: &[(i64, i64)]) -> String {
    let each: Vec<_> = runs.iter().map(|(from, to)| format!("{time} >= {from} AND {time} < {to}")).collect();
    if each.len() == 1 { each.concat() } else { format!("({})", each.join(" OR ")) }
}

/// The facts of all bounds together, each once.
pub(super) fn anywhere(time: &str, bounds: &[(i64, i64)]) -> Result<String, Fault> {
    check(bounds).map(|()| within(time, &runs(bounds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ladder_is_balanced_and_knows_its_gaps() {
        let parting = Parting::intervals("t", &[(0, 10), (10, 20), (30, 40)]).unwrap();
        assert_eq!(parting.slot, "CASE WHEN t < 20 THEN CASE WHEN t < 10 THEN 0 ELSE 1 END ELSE CASE WHEN t < 30 THEN NULL ELSE 2 END END");
        assert_eq!(parting.conditions, ["(t >= 0 AND t < 20 OR t >= 30 AND t < 40)"]);
    }

    #[test]
    fn periods_keep_their_numbers_in_any_order() {
        let parting = Parting::periods("t", &[(10, 20), (0, 10)]).unwrap();
        assert_eq!(parting.slot, "CASE WHEN t < 10 THEN 1 ELSE 0 END");
        assert!(parting.list.is_none());
    }

    #[test]
    fn only_overlapping_periods_are_listed() {
        let parting = Parting::periods("t", &[(0, 30), (10, 20)]).unwrap();
        assert_eq!(parting.list.unwrap(), "(VALUES (0, 0, 30), (1, 10, 20)) AS p");
    }

    #[test]
    fn bounds_without_sense_are_refused() {
        assert!(Parting::intervals("t", &[]).is_err());
        assert!(Parting::intervals("t", &[(5, 5)]).is_err());
        assert!(Parting::intervals("t", &[(0, 10), (5, 20)]).is_err());
    }
}
